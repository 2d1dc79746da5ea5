"""How well passages are found: `python -m evals.bench_retrieval XQUAD [--distractors FILE]`, or `make bench-retrieval`.

XQUAD is a file of XQuAD's form (see convert_xquad). Each paragraph is a document; questions go through
`Assistant.search` with the chunking that every document gets. A document counts as found at the rank of its first
passage among distinct documents, ties against it. Directions: question → documents in one language or the other; and a
pool of both, once without the paragraph in the question's own language (the twin: only the other language answers),
once without its translation. The first half of the articles and the second are reported apart: choices were made on
the first.

Beside it, plain BM25 (bm25s, Snowball stems, stop words out, each language by its own) on the same texts, and the two
sides of the fusion apart.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag import Assistant, Document, Hit, Settings

Paragraph = dict[str, Any]
DEPTH = 100  # passages asked for: as many as each side of the fusion gives
LANGUAGES = ("en", "ru")


@dataclass(frozen=True, slots=True)
class Direction:
    """Questions in `asked` over documents in `pool`; `leave` says which version of the gold paragraph is taken away."""

    name: str
    asked: str
    pool: tuple[str, ...]
    leave: str | None = None  # "twin": in the question's language, "translation": in the other


DIRECTIONS = [
    *(Direction(f"{q}→{d}", q, (d,)) for q, d in (("en", "en"), ("ru", "ru"), ("ru", "en"), ("en", "ru"))),
    *(Direction(f"{q}→both, no twin", q, LANGUAGES, "twin") for q in ("ru", "en")),
    *(Direction(f"{q}→both, no translation", q, LANGUAGES, "translation") for q in ("ru", "en")),
]


def documents(paragraphs: Sequence[Paragraph], pool: Sequence[str]) -> list[Document]:
    """A document a paragraph and language, known by its path; what is searched is the text alone."""
    names = [(paragraph, lang, f"{paragraph['id']}-{lang}") for paragraph in paragraphs for lang in pool]
    return [Document(id=name, path=name, text=paragraph[lang], language=lang) for paragraph, lang, name in names]


def ranks(
    direction: Direction, paragraphs: Sequence[Paragraph], search: Callable[[str], list[str]]
) -> list[tuple[str, int]]:
    """For each question the title of its article and the rank of its document, 0 where it was not found."""
    found = []
    for paragraph in paragraphs:
        for question in paragraph.get("questions", ()):
            answer_in, left_out = _gold(direction, paragraph["id"])
            names = [name for name in search(question[direction.asked]["question"]) if name != left_out]
            found.append((paragraph["title"], names.index(answer_in) + 1 if answer_in in names else 0))
    return found


def _gold(direction: Direction, paragraph: str) -> tuple[str, str | None]:
    if direction.leave is None:
        return f"{paragraph}-{direction.pool[0]}", None
    other = "en" if direction.asked == "ru" else "ru"
    names = (f"{paragraph}-{direction.asked}", f"{paragraph}-{other}")
    return (names[1], names[0]) if direction.leave == "twin" else names


def figures(found: Sequence[int]) -> dict[str, float]:
    """R@1, R@5, R@10 in per cent, and the mean reciprocal rank."""
    rank = np.array(found)
    rate = {f"R@{k}": 100 * float(np.mean((rank > 0) & (rank <= k))) for k in (1, 5, 10)}
    return rate | {"MRR": float(np.mean([1 / r if r else 0.0 for r in found]))}


def distinct(hits: Sequence[Hit], part: str | None) -> list[str]:
    """The documents of `hits`, by the score or by one part of it, each at its first passage.

    A document that ties with others comes last among them.
    """
    best: dict[str, float] = {}
    for hit in hits:
        score = hit.score if part is None else hit.parts.get(part, 0.0)
        if score > best.get(name := str(hit.path), 0.0):
            best[name] = score
    return sorted(best, key=lambda name: -best[name])


def plain_bm25(texts: Sequence[Document]) -> Callable[[str], list[str]]:
    import bm25s
    import Stemmer

    from rag.text.words import STOP, WORD, fold, is_cyrillic

    stemmers = {True: Stemmer.Stemmer("russian"), False: Stemmer.Stemmer("english")}

    def tokens(text: str) -> list[str]:
        lower = [w for m in WORD.finditer(text) if (w := fold(m.group())) not in STOP]
        return [stemmers[is_cyrillic(w)].stemWord(w) for w in lower]

    index = bm25s.BM25(k1=1.2, b=0.75)
    index.index([tokens(d.text) for d in texts], show_progress=False)

    def search(question: str) -> list[str]:
        wanted = tokens(question)
        scores = index.get_scores(wanted) if wanted else np.zeros(len(texts))
        return [str(texts[i].path) for i in np.argsort(-scores, kind="stable") if scores[i] > 0]

    return search


def measure(
    paragraphs: Sequence[Paragraph], distractors: Sequence[Paragraph], directions: Sequence[Direction]
) -> Iterator[tuple[str, str, str, dict[str, float]]]:
    """(direction, method, half of the articles, figures), a line at a time."""
    titles = list(dict.fromkeys(p["title"] for p in paragraphs))
    first_half = set(titles[: len(titles) // 2])
    for pool in dict.fromkeys(d.pool for d in directions):
        texts = documents([*paragraphs, *distractors], pool)
        with tempfile.TemporaryDirectory() as folder, Assistant.open(Settings(data=folder)) as assistant:
            assistant.add(texts)
            bm25 = plain_bm25(texts)
            for direction in (d for d in directions if d.pool == pool):
                kept: dict[str, list[Hit]] = {}

                def hits(
                    question: str, kept: dict[str, list[Hit]] = kept, assistant: Assistant = assistant
                ) -> list[Hit]:
                    if question not in kept:
                        kept[question] = assistant.search(question, k=DEPTH)
                    return kept[question]

                methods: dict[str, Callable[[str], list[str]]] = {
                    "suroo": lambda q, hits=hits: distinct(hits(q), None),  # type: ignore[misc]
                    "words alone": lambda q, hits=hits: distinct(hits(q), "lexical"),  # type: ignore[misc]
                    "vectors alone": lambda q, hits=hits: distinct(hits(q), "vector"),  # type: ignore[misc]
                    "plain BM25": bm25,
                }
                for method, search in methods.items():
                    found = ranks(direction, paragraphs, search)
                    for half, belongs in (("all", None), ("first half", True), ("second half", False)):
                        of_half = [r for title, r in found if belongs is None or (title in first_half) == belongs]
                        if of_half:
                            yield direction.name, method, half, figures(of_half)


def region() -> Iterator[tuple[str, int, dict[str, float]]]:
    """The library and gold questions of our own, asked in other words than the text's: (direction, n, figures)."""
    own = Path(__file__).parent
    cases = [case for case in read(own / "gold" / "region.jsonl") if "retrieval" in case.get("tags", ())]
    found: dict[str, list[int]] = {}
    with tempfile.TemporaryDirectory() as folder, Assistant.open(Settings(data=folder)) as assistant:
        assistant.add(own / "libraries" / "region")
        for case in cases:
            gold = {source["document"] for source in case["gold_sources"]}
            names = [Path(name).name for name in distinct(assistant.search(case["question"], k=DEPTH), None)]
            rank = next((n for n, name in enumerate(names, 1) if name in gold), 0)
            where = "within a language" if "same" in case["tags"] else "across languages"
            for direction in (where, f"  {case['language']} questions, {where}"):
                found.setdefault(direction, []).append(rank)
    for direction, ranked in sorted(found.items(), key=lambda item: (item[0].split(" ")[-3:], item[0].strip())):
        yield direction, len(ranked), figures(ranked)


def costs(paragraphs: Sequence[Paragraph], distractors: Sequence[Paragraph]) -> dict[str, float]:
    """Milliseconds a question (p50, p95), seconds to load the table, megabytes of the process after it all."""
    from rag.bilingual.table import shipped

    texts = documents([*paragraphs, *distractors], LANGUAGES)
    started = time.perf_counter()
    shipped.cache_clear()
    shipped()
    load = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder, Assistant.open(Settings(data=folder)) as assistant:
        assistant.add(texts)
        questions = [q[lang]["question"] for p in paragraphs for q in p["questions"] for lang in LANGUAGES]
        assistant.search(questions[0])
        took = []
        for question in questions:
            started = time.perf_counter()
            assistant.search(question)
            took.append(1000 * (time.perf_counter() - started))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "ms a question, p50": float(np.quantile(took, 0.5)),
        "ms a question, p95": float(np.quantile(took, 0.95)),
        "s to load the table": load,
        "MB at most": peak,
    }


def read(path: Path) -> list[Paragraph]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.bench_retrieval", description=__doc__.split("\n")[0])
    parser.add_argument("xquad", type=Path)
    parser.add_argument("--distractors", type=Path, help="more passages for the pool, {id, en, ru} a line")
    parser.add_argument("--json", action="store_true", help="a line of JSON a figure, for comparing runs")
    parser.add_argument("--costs", action="store_true", help="time and memory only")
    options = parser.parse_args(arguments)
    paragraphs = read(options.xquad)
    distractors = read(options.distractors) if options.distractors else []
    if options.costs:
        print(json.dumps(costs(paragraphs, distractors)))
        return
    last = ""
    for direction, method, half, found in measure(paragraphs, distractors, DIRECTIONS):
        if options.json:
            print(json.dumps({"direction": direction, "method": method, "half": half} | found, ensure_ascii=False))
            continue
        if direction != last:
            print(f"\n{direction:<28}" + "".join(f"{name:>8}" for name in found))
            last = direction
        if half == "all" or method == "suroo":
            name = method if half == "all" else f"  {half}"
            print(
                f"  {name:<26}" + "".join(f"{v:8.3f}" if k == "MRR" else f"{v:8.1f}" for k, v in found.items()),
                flush=True,
            )
    if not options.json:
        print(f"\n{'The region library':<36}" + "".join(f"{name:>8}" for name in ("n", "R@1", "R@5")))
        for direction, n, found in region():
            print(f"  {direction:<34}{n:8}{found['R@1']:8.1f}{found['R@5']:8.1f}")
    # A process of its own, so that what was measured above does not count.
    again = [sys.executable, "-m", "evals.bench_retrieval", str(options.xquad), "--costs"]
    if options.distractors:
        again += ["--distractors", str(options.distractors)]
    spent = json.loads(subprocess.run(again, check=True, capture_output=True, text=True).stdout)
    print("\n" + "\n".join(f"{name:<28}{value:10.2f}" for name, value in spent.items()))


if __name__ == "__main__":
    main()
