"""Adding and asking at size: `python -m evals.bench_scale [PASSAGES…]`, or `make bench`.

For each size, a folder of documents by the seeded generator of bench_index.py (five passages each, half of them
Russian, two words of five stop words) is added by `Assistant.add`, added again unchanged, and asked; beside it, in the
same process, Chroma alone takes the same vectors, texts and metadata and is asked with the same vectors: the floor.
Each part runs in a process of its own. Printed: a Markdown table, and what must hold; `--docs` writes both into docs/.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import Any

import numpy as np

from evals.bench_chart import charts
from evals.bench_index import Generator, resident_mb
from rag.assistant import Assistant
from rag.bilingual.concepts import concepts
from rag.bilingual.table import shipped
from rag.chroma import connect
from rag.settings import Settings
from rag.steps import listeners
from rag.types import Document, Filter

SIZES = (1_000, 10_000, 100_000)
PASSAGES_A_DOCUMENT = 5
SENTENCES = 29  # in a document: five passages of up to 800 characters
SMALL = 0.4
QUESTIONS = 200
RAW_BATCH = 1_000
LIBRARIES = "import chromadb, llama_index.core, numpy, openai, pydantic_settings, pymorphy3, razdel, sqlalchemy"
LANGUAGES = ("en", "ru")

Figures = dict[str, Any]


class Clock:
    """Seconds by the step (rag/steps.py) that each thread is in."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._since: dict[int, tuple[str, float]] = {}

    def __call__(self, step: str) -> None:
        now, me = time.perf_counter(), threading.get_ident()
        before = self._since.get(me)
        if before:
            self.seconds[before[0]] += now - before[1]
        self._since[me] = (step, now)


def text_of(generator: Generator, n: int) -> str:
    language = LANGUAGES[n % 2]
    return " ".join(generator.sentence(language, small=SMALL) for _ in range(SENTENCES))


def write_folder(folder: Path, documents: int) -> None:
    generator = Generator(shipped())
    for n in range(documents):
        path = folder / f"{n // 1000:03d}" / f"document-{n:06d}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        day = f"2025-{1 + n % 12:02d}-{1 + n % 28:02d}"
        path.write_text(f"---\ntitle: Document {n}\ndate: {day}\n---\n\n{text_of(generator, n)}\n", "utf-8")


def questions(seed: int = 11) -> list[str]:
    generator = Generator(shipped(), seed)
    return [generator.sentence(LANGUAGES[n % 2], 7, 12, small=0.3) for n in range(QUESTIONS)]


def fill(data: Path, folder: Path) -> Figures:
    """Add `folder` to a new library in `data`, and its vectors to a Chroma of their own."""
    clock = Clock()
    with Assistant.open(Settings(data=data)) as suroo:
        suroo.add(Document(id="warm up", text="Warm up: a text of two languages. Разогрев: текст на двух языках."))
        listeners.append(clock)
        began = time.perf_counter()
        outcomes = suroo.add(folder)
        adding = time.perf_counter() - began
        clock("after")
        listeners.clear()
        began = time.perf_counter()
        again = suroo.add(folder)
        unchanged = time.perf_counter() - began
        assert {o.status for o in outcomes} == {"added"}
        assert {o.status for o in again} == {"unchanged"}
        ids = sorted(suroo._indexing.lexical.ids())
        texts = {entry.id: suroo.show(entry.id).text for entry in suroo.list()}
        stored = [suroo._indexing.vectors.vectors(ids[at : at + 1000]) for at in range(0, len(ids), 1000)]
        places = [suroo._indexing.lexical.place(id) for id in ids]
    rows = np.stack(
        [found[id] for found, at in zip(stored, count(0, 1000), strict=False) for id in ids[at : at + 1000]]
    )
    raw = connect(data / "raw")
    collection = raw.create_collection(
        "raw", embedding_function=None, configuration={"hnsw": {"space": "cosine", "sync_threshold": 1000}}
    )
    began = time.perf_counter()
    for at in range(0, len(ids), RAW_BATCH):
        part = [p for p in places[at : at + RAW_BATCH] if p]
        collection.add(
            ids=ids[at : at + RAW_BATCH],
            embeddings=rows[at : at + RAW_BATCH],
            documents=[texts[p.document_id][p.start : p.end] for p in part],
            metadatas=[
                {"document_id": p.document_id, "start": p.start, "end": p.end, "language": p.language} for p in part
            ],
        )
    floor = time.perf_counter() - began
    raw.close()
    steps = {step: seconds / adding for step, seconds in clock.seconds.items() if step != "after"}
    characters = sum(map(len, texts.values()))
    return {
        "passages": len(ids), "documents": len(outcomes), "megabytes of text": characters / 1e6, "adding s": adding,
        "raw adding s": floor, "unchanged s": unchanged, "steps": steps, "filled mb": resident_mb(),
        "disk mb": {name: size_mb(data / name) for name in ("library.db", "chroma", "lexical", "raw")},
    }  # fmt: skip


def size_mb(path: Path) -> float:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(p.stat().st_size for p in files if p.is_file()) / 1e6


def timed(call: Callable[[str], object], asked: Sequence[str], pause: float = 0.0) -> list[float]:
    """Milliseconds of each call."""
    found = []
    for question in asked:
        began = time.perf_counter()
        call(question)
        found.append(1000 * (time.perf_counter() - began))
        time.sleep(pause)
    return found


def quantiles(times: Sequence[float]) -> list[float]:
    return [float(q) for q in np.quantile(times, [0.5, 0.95])]


def ask(data: Path) -> Figures:
    """Ask the library in `data` in every way, and the Chroma beside it."""
    import gradio  # noqa: F401 -- the page's process has it in memory
    import llama_index.core  # noqa: F401

    asked = questions()
    began = time.perf_counter()
    with Assistant.open(Settings(data=data)) as suroo:
        opened = time.perf_counter() - began
        began = time.perf_counter()
        suroo.ask(asked[0])
        first = time.perf_counter() - began
        timed(suroo.search, asked[:20])
        indexing, record = suroo._indexing, suroo._record
        search = timed(suroo.search, asked)
        words = timed(lambda q: indexing.lexical.search(concepts(q, indexing.table), 100), asked)
        embed = timed(indexing.embedding.question, asked)
        rows = [indexing.embedding.question(q) for q in asked]
        coming = iter(rows)
        vectors = timed(lambda _: indexing.vectors.query(next(coming), 100), asked)
        stages: defaultdict[str, list[float]] = defaultdict(list)

        def whole(question: str) -> None:
            for stage, ms in suroo.ask(question).timings.items():
                stages[stage].append(ms)

        answers = timed(whole, asked)
        filters = {
            "language": Filter(languages=["ru"]),
            "dates": Filter(since="2025-03-01", until="2025-06-30"),
            "a document": Filter(documents=[record.entries()[7].id]),
        }
        filtered = {name: quantiles(timed(partial(suroo.search, filter=f), asked[:100])) for name, f in filters.items()}
        memory = resident_mb()
        raw = connect(data / "raw")
        collection = raw.get_collection("raw", embedding_function=None)
        collection.query(query_embeddings=[rows[0]], n_results=8)
        coming = iter(rows)
        floor = timed(lambda _: collection.query(query_embeddings=[next(coming)], n_results=8), asked)
        raw.close()
        generator = Generator(shipped(), 5)
        new = [Document(id=f"new {n}", text=text_of(generator, n)) for n in range(600)]
        quiet = timed(suroo.search, asked, 0.02)
        adding = threading.Thread(target=suroo.add, args=(new,))
        adding.start()
        meanwhile = []
        for question in cycle(asked):
            if not adding.is_alive():
                break
            meanwhile += timed(suroo.search, [question], 0.02)
    return {
        "open s": opened, "first ask s": first, "search": quantiles(search), "words": quantiles(words),
        "embed": quantiles(embed), "vectors": quantiles(vectors), "ask": quantiles(answers),
        "ask stages": {stage: quantiles(times) for stage, times in stages.items()}, "filtered": filtered,
        "raw": quantiles(floor), "memory mb": memory, "quiet": quantiles(quiet), "while adding": quantiles(meanwhile),
        "asked while adding": len(meanwhile),
    }  # fmt: skip


def shell(data: Path) -> Figures:
    """Seconds of `suroo ask`, and of importing the libraries that it needs: the best of three each."""

    def best(command: Sequence[str]) -> float:
        times = []
        for _ in range(3):
            began = time.perf_counter()
            subprocess.run([sys.executable, *command], check=False, capture_output=True)
            times.append(time.perf_counter() - began)
        return min(times)

    question = questions()[1]
    return {
        "shell s": best(["-m", "rag.cli", "ask", question, "--data", str(data)]),
        "import s": best(["-c", LIBRARIES]),
    }


def part(name: str, *paths: Path) -> Figures:
    """One part of the measurement, in a process of its own."""
    command = [sys.executable, "-m", "evals.bench_scale", "--part", name, *map(str, paths)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure(passages: int, work: Path) -> Figures:
    folder, data = work / "folder", work / "data"
    write_folder(folder, passages // PASSAGES_A_DOCUMENT)
    figures = part("fill", data, folder) | shell(data) | part("ask", data)
    shutil.rmtree(work)
    return figures


def table(found: Sequence[Figures]) -> str:
    """The figures as Markdown."""
    pair = "{0[0]:.1f} / {0[1]:.1f}".format
    steps = sorted(
        {step for f in found for step in f["steps"]}, key=lambda s: -max(f["steps"].get(s, 0) for f in found)
    )
    filters = list(found[0]["filtered"])
    stages = [s for s in found[0]["ask stages"] if s != "retrieve"]

    def percent(step: str, f: Figures) -> str:
        return f"{100 * f['steps'].get(step, 0):.0f} %"

    def nested(group: str, name: str, f: Figures) -> str:
        return pair(f[group][name])

    def disk(f: Figures) -> str:
        return " / ".join(f"{f['disk mb'][name]:.0f}" for name in ("library.db", "chroma", "lexical"))

    rows: list[tuple[str, Callable[[Figures], str]]] = [
        ("documents, of five passages", lambda f: f"{f['documents']:,}"),
        ("text, MB", lambda f: f"{f['megabytes of text']:.1f}"),
        ("**adding**, documents/s", lambda f: f"{f['documents'] / f['adding s']:.0f}"),
        ("adding, passages/s", lambda f: f"{f['passages'] / f['adding s']:.0f}"),
        ("Chroma alone, passages/s", lambda f: f"{f['passages'] / f['raw adding s']:.0f}"),
        ("adding, share of Chroma's speed", lambda f: f"{f['raw adding s'] / f['adding s']:.2f}"),
        *[(f"— {s}, share of the time", partial(percent, s)) for s in steps],
        ("adding it again unchanged, documents/s", lambda f: f"{f['documents'] / f['unchanged s']:,.0f}"),
        ("— times faster than adding", lambda f: f"{f['adding s'] / f['unchanged s']:.0f}"),
        ("**search**, ms, p50 / p95", lambda f: pair(f["search"])),
        ("— words (100 found)", lambda f: pair(f["words"])),
        ("— the question's vector", lambda f: pair(f["embed"])),
        ("— vectors (100 found)", lambda f: pair(f["vectors"])),
        ("Chroma alone (8 found)", lambda f: pair(f["raw"])),
        *[(f"search, filtered by {n}", partial(nested, "filtered", n)) for n in filters],
        ("search every 20 ms, quiet", lambda f: pair(f["quiet"])),
        ("search every 20 ms, while documents are added", lambda f: pair(f["while adding"])),
        ("**ask**, ms, p50 / p95", lambda f: pair(f["ask"])),
        *[(f"— {s}", partial(nested, "ask stages", s)) for s in stages],
        ("opening, s", lambda f: f"{f['open s']:.2f}"),
        ("`suroo ask` in the shell, s", lambda f: f"{f['shell s']:.2f}"),
        ("— of it, importing the libraries", lambda f: f"{f['import s']:.2f}"),
        ("memory of the page's process, MB", lambda f: f"{f['memory mb']:.0f}"),
        ("memory after adding it all, MB", lambda f: f"{f['filled mb']:.0f}"),
        ("disk, MB: record / Chroma / words", disk),
    ]  # fmt: skip
    lines = ["| passages | " + " | ".join(f"{f['passages']:,}" for f in found) + " |", "|---|" + "---|" * len(found)]
    lines += [f"| {name} | " + " | ".join(value(f) for f in found) + " |" for name, value in rows]
    return "\n".join(lines)


def verdicts(found: Sequence[Figures]) -> list[tuple[bool, str]]:
    """What must hold, whether it does, and the figure."""
    held = []
    for f in found:
        size = f"{f['passages']:,} passages: "
        share = f["raw adding s"] / f["adding s"]
        again = f["adding s"] / f["unchanged s"]
        limit = 3 * f["raw"][0] + 15
        slower = f["while adding"][1] / f["quiet"][1]
        most = 500 if f["passages"] < 20_000 else 1200
        held += [
            (share >= 0.5, f"{size}adding at {share:.2f} of Chroma's speed (0.5 or more)"),
            (again >= 100, f"{size}unchanged {again:.0f} times faster (100 or more)"),
            (
                f["search"][0] <= limit,
                f"{size}search p50 {f['search'][0]:.1f} ms (3 × Chroma's + 15 = {limit:.1f} at most)",
            ),
            (f["memory mb"] < most, f"{size}memory {f['memory mb']:.0f} MB (under {most})"),
            (slower <= 3, f"{size}search p95 while adding {slower:.1f} times the quiet one (3 at most)"),
        ]
        if 5_000 < f["passages"] < 20_000:
            extra = f["shell s"] - f["import s"]
            held.append((extra <= 1.5, f"{size}`suroo ask` {extra:.2f} s beyond the imports (1.5 at most)"))
    return held


def chart(found: Sequence[Figures]) -> str:
    def line(value: Callable[[Figures], float]) -> list[tuple[float, float]]:
        return [(f["passages"], value(f)) for f in found]

    return charts(
        [
            (
                "Passages added a second",
                {
                    "Suroo": line(lambda f: f["passages"] / f["adding s"]),
                    "Chroma alone": line(lambda f: f["passages"] / f["raw adding s"]),
                },
            ),
            (
                "Search, ms",
                {
                    "Suroo p50": line(lambda f: f["search"][0]),
                    "Chroma alone p50": line(lambda f: f["raw"][0]),
                    "Suroo p95": line(lambda f: f["search"][1]),
                    "p95 while adding": line(lambda f: f["while adding"][1]),
                },
            ),
            ("Memory of the page's process, MB", {"Suroo": line(lambda f: f["memory mb"])}),
        ]
    )


def write_docs(docs: Path, text: str, found: Sequence[Figures]) -> None:
    (docs / "adding-and-asking.svg").write_text(chart(found), "utf-8")
    page = docs / "performance.md"
    marked = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.DOTALL)
    page.write_text(marked.sub(lambda m: f"{m.group(1)}{text}\n{m.group(2)}", page.read_text("utf-8")), "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.bench_scale", description=__doc__.split("\n")[0])
    parser.add_argument("passages", nargs="*", type=int, default=SIZES)
    parser.add_argument("--docs", type=Path, help="Write the table into performance.md of this folder, and the chart.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.part:
        name, *paths = options.part
        where = [Path(path) for path in paths]
        print(json.dumps(fill(*where) if name == "fill" else ask(*where)))
        return 0
    found = []
    for size in options.passages:
        with tempfile.TemporaryDirectory() as work:
            print(f"{size:,} passages …", file=sys.stderr, flush=True)
            found.append(measure(size, Path(work) / "bench"))
    if options.json:
        print(json.dumps(found, indent=1))
        return 0
    held = verdicts(found)
    lines = [f"- {'holds' if good else '**missed**'}: {what}" for good, what in held]
    text = table(found) + "\n\n" + "\n".join(lines)
    print(text)
    if options.docs:
        write_docs(options.docs, text, found)
    return 0 if all(good for good, _ in held) else 1


if __name__ == "__main__":
    sys.exit(main())
