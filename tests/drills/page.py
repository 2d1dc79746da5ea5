"""Many people ask the page at the same moment: `python -m tests.drills.page [PASSAGES]`, or `make bench-page`.

A server in a process of its own, over made-up passages; each person has a session and a stream, as a browser has. First
one alone, again and again, for the time to the first sentence of an answer; then 50 at once, three times; then 200, of
whom some must be told that the page is busy.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import numpy as np

from evals.bench_index import Generator
from rag import Assistant, Document, Settings
from rag.bilingual.table import shipped

BUSY = 429
PER_DOCUMENT = 5  # passages
SENTENCES = 7  # a passage


class Said:
    """What one person saw: status of the question, seconds to the first sentence and to the whole answer."""

    def __init__(self) -> None:
        self.status = 0
        self.first = self.whole = float("nan")
        self.fault: str | None = None


async def ask(client: httpx.AsyncClient, url: str, function: int, question: str, session: str) -> Said:
    said, began = Said(), time.perf_counter()
    body = {"data": [question, None, None, [], None, None, []], "fn_index": function, "session_hash": session}
    answer = await client.post(f"{url}/gradio_api/queue/join", json=body)
    said.status = answer.status_code
    if said.status != 200:
        return said
    async with client.stream("GET", f"{url}/gradio_api/queue/data", params={"session_hash": session}) as stream:
        async for line in stream.aiter_lines():
            if not line.startswith("data:"):
                continue
            event = json.loads(line[5:])
            if said.first != said.first and 'class=\\"answer' in line and "<p>" in line:
                said.first = time.perf_counter() - began
            if event["msg"] == "process_completed":
                said.whole = time.perf_counter() - began
                said.fault = None if event["success"] else str(event["output"])
                break
    return said


async def at_once(url: str, function: int, questions: Sequence[str], name: str) -> list[Said]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=120, limits=limits) as client:
        return await asyncio.gather(
            *(ask(client, url, function, q, f"{name}{n}") for n, q in enumerate(questions))
        )  # fmt: skip


def report(name: str, said: Sequence[Said]) -> None:
    whole = [s.whole for s in said if s.status == 200 and s.fault is None]
    faults = [s for s in said if s.fault or s.status not in (200, BUSY)]
    busy = sum(s.status == BUSY for s in said)
    p50, p95 = np.quantile(whole, [0.5, 0.95])
    counts = f"answered {len(whole):>4}  busy {busy:>4}  errors {len(faults):>3}"
    print(f"{name:<14} {counts}  p50 {p50:6.2f} s  p95 {p95:6.2f} s")


def fill(folder: Path, passages: int) -> list[str]:
    """Documents for about so many passages; gives questions made of their words."""
    generator = Generator(shipped())
    texts = [
        [generator.sentence("ru" if n % 2 else "en") for _ in range(PER_DOCUMENT * SENTENCES)]
        for n in range(passages // PER_DOCUMENT)
    ]
    with Assistant.open(Settings(data=folder)) as suroo:
        suroo.add([Document(id=f"d{n}", text=" ".join(text), title=text[0]) for n, text in enumerate(texts)])
        print(f"{sum(e.passages for e in suroo.list())} passages")
    return [" ".join(text[3].rstrip(".").split()[:8]) + "?" for text in texts[:400]]


def serve(folder: Path) -> None:
    """In a process of its own: says the address, then serves until it is ended."""
    from ui.app import Server

    with Assistant.open(Settings(data=folder)) as suroo:
        server = Server(suroo, "127.0.0.1", 0)
        print(server.url, flush=True)
        server.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.drills.page", description=__doc__.split("\n")[0])
    parser.add_argument("passages", nargs="?", type=int, default=10_000)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.serve)
        return
    with tempfile.TemporaryDirectory() as name:
        questions = fill(Path(name), options.passages)
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.drills.page", "--serve", name], stdout=subprocess.PIPE, text=True
        )
        try:
            assert child.stdout is not None
            url = child.stdout.readline().strip()
            config = httpx.get(f"{url}/config", timeout=30).json()
            function = next(d["id"] for d in config["dependencies"] if d["api_name"] == "ask")
            asyncio.run(at_once(url, function, questions[:4], "warm"))
            alone = [asyncio.run(at_once(url, function, [q], f"c{n}-"))[0] for n, q in enumerate(questions[:40])]
            first = [1000 * s.first for s in alone if s.first == s.first]
            p50, p95 = np.quantile(first, [0.5, 0.95])
            print(f"one alone: first sentence p50 {p50:.0f} ms, p95 {p95:.0f} ms, of {len(first)} that were answered")
            for turn in range(3):
                report(
                    "50 at once",
                    asyncio.run(at_once(url, function, questions[turn * 50 : turn * 50 + 50], f"a{turn}-")),
                )
            report("200 at once", asyncio.run(at_once(url, function, questions[:200], "b")))
        finally:
            child.terminate()
            child.wait(10)


if __name__ == "__main__":
    main()
