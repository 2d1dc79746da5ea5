"""The word index at size: `python -m evals.bench_index [PASSAGES]`, or `make bench-index`.

The passages are made up by a seeded generator: words of the translation table, as often as the training texts had
them, half in each language, names and numbers among them. Printed: text work a passage, memory, the time to load, and
time a question on one core, plain and filtered.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.bilingual.concepts import concepts
from rag.bilingual.table import TranslationTable, shipped
from rag.lexical import LexicalIndex
from rag.text.words import STOP_EN, STOP_RU, is_cyrillic
from rag.types import Passage

SEED = 7
BATCH = 2_000
QUESTIONS = 300


_STOP = {"en": sorted(STOP_EN), "ru": sorted(STOP_RU)}


class Generator:
    """Passages and questions out of the table's words, Zipf-like, the same for the same seed."""

    def __init__(self, table: TranslationTable, seed: int = SEED) -> None:
        self._random = np.random.default_rng(seed)
        self._words: dict[str, list[str]] = {"en": [], "ru": []}
        chances: dict[str, list[float]] = {"en": [], "ru": []}
        for stem, count in zip(table.stems, table.counts.tolist(), strict=True):
            if stem.isalpha():
                language = "ru" if is_cyrillic(stem) else "en"
                self._words[language].append(stem)
                chances[language].append(2 ** (count / 8) - 1)
        self._chances = {name: np.cumsum(c) / np.sum(c) for name, c in chances.items()}

    def sentence(self, language: str, low: int = 8, high: int = 20, small: float = 0.0) -> str:
        """A sentence of `low` to `high` words; a share `small` are stop words, as in texts that people write."""
        at = np.searchsorted(self._chances[language], self._random.random(self._random.integers(low, high)))
        found = [self._words[language][i] for i in at]
        if small:
            stop = _STOP[language]
            found = [stop[self._random.integers(len(stop))] if self._random.random() < small else w for w in found]
        if self._random.random() < 0.3:
            found.append(str(self._random.integers(1, 3000)))
        if self._random.random() < 0.5:
            found[-1] = found[-1].capitalize()
        return " ".join(found).capitalize() + "."

    def passage(self, n: int) -> Passage:
        language = "ru" if n % 2 else "en"
        text = " ".join(self.sentence(language) for _ in range(7))
        return Passage(f"d{n // 5:07d}-00000000-{n % 5:05d}", f"d{n // 5:07d}", 0, len(text), text, language)


def resident_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(count: int) -> dict[str, float]:
    table = shipped()
    generator = Generator(table)
    index = LexicalIndex("bench")
    concepts("warm up", table)
    adding = []
    for n in range(0, count, BATCH):
        added = [(generator.passage(i), "2025-02-07") for i in range(n, min(n + BATCH, count))]
        started = time.perf_counter()
        index = index.with_changes(n + 1, added, [])
        adding.append((time.perf_counter() - started) / len(added))
    with tempfile.TemporaryDirectory() as folder:
        index.save(Path(folder))
        # In a process of its own, so that what making the index left behind does not count.
        again = [sys.executable, "-m", "evals.bench_index", "--load", folder]
        loaded = json.loads(subprocess.run(again, check=True, capture_output=True, text=True).stdout)
        disk = sum(p.stat().st_size for p in Path(folder).iterdir()) / 2**20
    questions = [generator.sentence("ru" if i % 2 else "en", 6, 10) for i in range(QUESTIONS)]
    index.search(concepts(questions[0], table), 8)
    plain, filtered = [], []
    for question in questions:
        started = time.perf_counter()
        index.search(concepts(question, table), 100)
        plain.append(1000 * (time.perf_counter() - started))
        started = time.perf_counter()
        index.search(concepts(question, table), 100, index.mask(["en"], 20250101, 20251231))
        filtered.append(1000 * (time.perf_counter() - started))
    return {
        "passages": count,
        "text work, s for 10,000": 10_000 * float(np.median(adding)),
        **loaded,
        "disk, MB": disk,
        "question, ms, p50": float(np.quantile(plain, 0.5)),
        "question, ms, p95": float(np.quantile(plain, 0.95)),
        "filtered, ms, p50": float(np.quantile(filtered, 0.5)),
    }


def load(folder: Path) -> dict[str, float]:
    """Seconds to load a saved index and what it adds to the memory of the process once it has been asked."""
    table = shipped()
    LexicalIndex("warm up").search(concepts("warm up", table), 1)
    before = resident_mb()
    started = time.perf_counter()
    index = LexicalIndex.open(folder, "bench")
    index.ids()
    took = time.perf_counter() - started
    index.search(concepts("government agreement, соглашение правительства", table), 100)
    return {"load, s": took, "memory, MB": resident_mb() - before}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.bench_index", description=__doc__.split("\n")[0])
    parser.add_argument("passages", nargs="?", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--load", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.load:
        print(json.dumps(load(options.load)))
        return
    found = measure(options.passages)
    print(
        json.dumps(found) if options.json else "\n".join(f"{name:<28}{value:12,.1f}" for name, value in found.items())
    )


if __name__ == "__main__":
    main()
