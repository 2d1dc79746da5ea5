"""Kills a writer again and again on one library, and checks after each what is left: `make drill-kill`.

A child adds, replaces and removes documents and says on a pipe what it begins and what was acknowledged. It is killed
by SIGKILL at a named step of the work or at a random moment. Another child then opens the library, as the next start
would, and compares: nothing acknowledged is lost, no version is mixed with another, every passage is found, and the
record, the words and the vectors agree. Nobody repairs anything by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rag import Assistant, Settings
from rag.doctor import examine
from rag.steps import NAMES, listeners

DOCUMENTS = 12
PATIENCE_S = 60.0
NOTHING = ""


@dataclass
class Expected:
    """What the library must hold: for each document the versions that may be there ("" for none)."""

    versions: dict[str, set[str]] = field(default_factory=dict)

    def follow(self, lines: list[str]) -> None:
        """Take in what a killed writer said: what it began may have happened, what was acknowledged has."""
        for line in lines:
            word, name, version = json.loads(line)
            if word == "begin":
                self.versions.setdefault(name, {NOTHING}).add(version)
            else:
                self.versions[name] = {version}


def text_of(name: str, version: str) -> str:
    """A text of several passages, in each of which document and version are named."""
    return "\n\n".join(
        f"Chapter {n}. Word{name} says version{version} of this report on trade and water. " + "It is long. " * 60
        for n in range(3)
    )


def work(data: Path, seed: int, say: int, kill_at: tuple[str, int] | None) -> None:
    """The writer: change the library until killed, or for 40 changes."""
    chance = random.Random(seed)
    if kill_at is not None:
        seen: Counter[str] = Counter()

        def listen(step: str) -> None:
            seen[step] += 1
            if (step, seen[step]) == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

        listeners.append(listen)
    folder = data.parent / "files"
    folder.mkdir(exist_ok=True)
    with Assistant.open(Settings(data=data)) as suroo:
        for n in range(40):
            name = f"d{chance.randrange(DOCUMENTS)}"
            version = f"{seed}x{n}" if chance.random() < 0.75 else NOTHING
            os.write(say, (json.dumps(["begin", name, version]) + "\n").encode())
            if version:
                path = folder / f"{name}.txt"
                path.write_text(text_of(name, version))
                for outcome in suroo.adding(path):
                    assert outcome.status in ("added", "replaced"), outcome
                    os.write(say, (json.dumps(["done", name, version]) + "\n").encode())
            else:
                known = [e.id for e in suroo.list() if (e.path or "").endswith(f"/{name}.txt")]
                if known:
                    suroo.remove(known)
                os.write(say, (json.dumps(["done", name, NOTHING]) + "\n").encode())


def check(data: Path, _: int, say: int, expected: Expected) -> None:
    """The next start: open, look, and say what is wrong and what is there."""
    wrong: list[str] = []
    found: dict[str, str] = {}
    settings = Settings(data=data)
    with Assistant.open(settings) as suroo:
        for entry in suroo.list():
            name = Path(entry.path or "").stem
            text = suroo.show(entry.id).text
            versions = set(re.findall(r"version(\w+)", text))
            found[name] = versions.pop() if len(versions) == 1 else "mixed"
            if text != text_of(name, found[name]):
                wrong.append(f"{name}: its text is not whole")
            hits = [h for h in suroo.search(f"Word{name} trade water", k=100) if h.document_id == entry.id]
            if len(hits) != entry.passages or {v for h in hits for v in re.findall(r"version(\w+)", h.text)} != {
                found[name]
            }:
                wrong.append(f"{name}: {len(hits)} of {entry.passages} passages are found")
            if any(h.parts["vector"] == 0 for h in hits):
                wrong.append(f"{name}: a passage has no vector")
    for name, versions in expected.versions.items():
        if found.get(name, NOTHING) not in versions:
            wrong.append(f"{name}: “{found.get(name, NOTHING)}” is there, not one of {sorted(versions)}")
    wrong += [f"doctor: {problem}" for problem in examine(settings).problems]
    os.write(say, (json.dumps([wrong, found]) + "\n").encode())


def child(target: Callable[..., None], *arguments: object, kill_after: float | None = None) -> tuple[list[str], int]:
    """Run `target` in a forked child; give the lines that it said and its exit code (negative: a signal)."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            target(*arguments[:2], writing, *arguments[2:])
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 -- a forked child must end here, whatever happened
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            os._exit(1)
    os.close(writing)
    deadline = time.monotonic() + (kill_after if kill_after is not None else PATIENCE_S)
    os.set_blocking(reading, False)
    said = b""
    while True:
        try:
            part = os.read(reading, 65536)
            if not part:
                break
            said += part
        except BlockingIOError:
            time.sleep(0.0005)
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            deadline = float("inf")
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    return said.decode().splitlines(), os.waitstatus_to_exitcode(status)


@dataclass
class Report:
    """What a drill saw."""

    kills: Counter[str] = field(default_factory=Counter)
    survived: int = 0
    acknowledged: int = 0
    remade: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest_start_s: float = 0.0


def drill(root: Path, kills: int, seed: int, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Kill a writer `kills` times on one library: two of three at the named steps in turn, one at a random moment."""
    chance = random.Random(seed)
    report, expected, data = Report(), Expected(), root / "data"
    typical = 1.0
    while sum(report.kills.values()) < kills:
        n = sum(report.kills.values())
        step = NAMES[n % len(NAMES)] if n % 3 else None
        began = time.monotonic()
        kill_at = (step, 1 + chance.randrange(4)) if step else None
        kill_after = None if step else chance.uniform(0.02, typical)
        lines, code = child(work, data, seed * 100_000 + n + report.survived, kill_at, kill_after=kill_after)
        expected.follow(lines)
        report.acknowledged += sum(line.startswith('["done"') for line in lines)
        if code == 0:
            report.survived += 1  # it was done before the moment came
            typical = 0.8 * typical + 0.2 * (time.monotonic() - began)
        elif code == -signal.SIGKILL:
            report.kills[step or "at random"] += 1
        else:
            report.wrong.append(f"kill {n}: the writer ended with {code}")
        report.remade += (data / "chroma.writing").exists()
        began = time.monotonic()
        lines, code = child(check, data, 0, expected)
        report.slowest_start_s = max(report.slowest_start_s, time.monotonic() - began)
        if code or not lines:
            report.wrong.append(f"kill {n} ({step}): the next start ended with {code}")
            continue
        wrong, found = json.loads(lines[-1])
        report.wrong += [f"kill {n} ({step}): {what}" for what in wrong]
        expected.versions = {name: {found.get(name, NOTHING)} for name in expected.versions}
        progress(f"{n + 1} kills, {len(report.wrong)} wrong")
    return report


def preload() -> None:
    """Import what children need before they are forked, so that each starts at once."""
    import chromadb  # noqa: F401

    from rag.bilingual.table import shipped

    shipped()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    preload()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as root:
        report = drill(Path(root), options.kills, options.seed, lambda line: print(line, end="\r", file=sys.stderr))
    print(f"{sum(report.kills.values())} kills on one library in {time.monotonic() - began:.0f} s:")
    print("  " + ", ".join(f"{step} {n}" for step, n in sorted(report.kills.items())))
    print(f"changes acknowledged: {report.acknowledged}; vectors made anew after {report.remade} of the kills")
    print(f"slowest next start with its check: {report.slowest_start_s:.1f} s")
    print("\n".join(report.wrong) or "nothing lost, nothing mixed, every passage found")
    return bool(report.wrong)


if __name__ == "__main__":
    sys.exit(main())
