"""The translation table: for each stem its translations and synonyms with weights, and how common it is.

The shipped table is `table.npz` beside this file; `rag/bilingual/train.py` makes it and ATTRIBUTION.md names what it
was made from. A table is a plain numpy archive (no pickles) of

- `stems`: the stems, sorted, UTF-8, one a line; a stem's id is its line;
- `counts`: uint8, round(8·log2(1 + n)) where n is the number of training texts with the stem;
- `degrees`: uint8, how many stems each stem may become; `targets`: uint8 of shape (3, links), the ids of those stems,
  best first, low byte in the first row (rows compress better than whole numbers); `weights`: uint8 of shape (links,),
  their weights in 1/`weight_steps` of the manifest's settings;
- `related_degrees`, `related_targets`, `related_weights`: the same for words that go with it and do not mean the same;
- `manifest`: JSON, see `train.py`.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import BadTable
from rag.text.spelling import Spellings
from rag.text.words import is_cyrillic

BACKOFF_LETTERS = 5  # the shortest prefix that may stand for a stem that the table lacks
BACKOFF_WEIGHT = 0.6
MOST_PIVOTS = 6
BUNDLED = "suroo-table-"  # what the name of every table of Suroo's begins with
MOST_KEPT = 50_000  # stems whose pivots are kept in memory: more than a library's questions have


@dataclass(frozen=True, eq=False)
class Links:
    """Stems that stems lead to: those of stem `i` are `targets[offsets[i]:offsets[i+1]]`, best first."""

    offsets: NDArray[np.uint32]
    targets: NDArray[np.uint32]
    weights: NDArray[np.float32]

    @classmethod
    def read(cls, data: Mapping[str, NDArray[Any]], prefix: str, weight_steps: int) -> Links:
        low, middle, high = data[f"{prefix}targets"].astype(np.uint32)
        return cls(
            np.concatenate([[0], np.cumsum(data[f"{prefix}degrees"], dtype=np.uint32)]).astype(np.uint32),
            low | middle << np.uint32(8) | high << np.uint32(16),
            data[f"{prefix}weights"].astype(np.float32) / np.float32(weight_steps),
        )

    def fit(self, stems: int) -> bool:
        return len(self.offsets) == stems + 1 and int(self.offsets[-1]) == len(self.targets) == len(self.weights)

    def of(self, i: int) -> list[tuple[int, float]]:
        span = slice(int(self.offsets[i]), int(self.offsets[i + 1]))
        return list(zip(self.targets[span].tolist(), self.weights[span].tolist(), strict=True))

    def of_all(self, ids: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.uint32], NDArray[np.float32]]:
        """`of` each of `ids`, one after the other: how many there are of each, the targets and the weights."""
        first = self.offsets[ids].astype(np.intp)
        lengths = self.offsets[ids + 1].astype(np.intp) - first
        at = np.arange(lengths.sum()) + np.repeat(first - (np.cumsum(lengths) - lengths), lengths)
        return lengths, self.targets[at], self.weights[at]


@dataclass(frozen=True, eq=False)
class TranslationTable:
    """Stems, their translations and synonyms, and the words that go with them.

    Open with `load`; `shipped` is the one that comes with Suroo.
    """

    ids: dict[str, int]
    stems: list[str]
    counts: NDArray[np.uint8]
    links: Links = field(repr=False)
    related_links: Links = field(repr=False)
    manifest: dict[str, Any] = field(repr=False)
    glossary: dict[str, dict[str, float]] = field(default_factory=dict, repr=False)
    _pivots: dict[str, list[tuple[str, float]]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def load(cls, source: Path | IO[bytes]) -> TranslationTable:
        """Read a table. Raises `BadTable` where it is not one or was made with another stemmer's major version."""
        try:
            with np.load(source, allow_pickle=False) as data:
                manifest = json.loads(bytes(data["manifest"]).decode("utf-8"))
                stems = bytes(data["stems"]).decode("utf-8").split("\n")
                steps = int(manifest["settings"]["weight_steps"])
                table = cls(
                    ids={stem: i for i, stem in enumerate(stems)},
                    stems=stems,
                    counts=data["counts"],
                    links=Links.read(data, "", steps),
                    related_links=Links.read(data, "related_", steps),
                    manifest=manifest,
                )
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise BadTable(path=str(source), why=str(error)) from error
        if not (table.links.fit(len(stems)) and table.related_links.fit(len(stems))):
            raise BadTable(path=str(source), why="its arrays do not fit together")
        return table

    def with_glossary(self, glossary: dict[str, dict[str, float]]) -> TranslationTable:
        """This table with a user's translations before its own; `name` stays, since no index term depends on them."""
        return replace(self, glossary=glossary)

    @property
    def name(self) -> str:
        """What stamps an index or vectors made with this table."""
        return f"{BUNDLED}{self.manifest['checksum'][:12]}"

    @cached_property
    def spellings(self) -> Spellings:
        """Its stems, to be asked for the nearest of a misspelt word."""
        return Spellings(self.stems)

    def translations(self, stem: str) -> list[tuple[str, float]]:
        """Stems that `stem` may become and their weights in (0, 1], best first; empty where nothing is known.

        A stem that is not in the table takes the translations of its longest known prefix, at `BACKOFF_WEIGHT`. What
        the user's glossary says comes first.
        """
        told = self.glossary.get(stem)
        if told is None:
            return self._own_translations(stem)
        return sorted({**dict(self._own_translations(stem)), **told}.items(), key=lambda x: (-x[1], x[0]))

    def pivots(self, stem: str) -> list[tuple[str, float]]:
        """Stems of the same language that share translations with `stem`, best first, weighing w(there)·w(back).

        Paraphrase by pivoting through the other language: Bannard & Callison-Burch 2005. A question and the sentences
        of its answer are looked up several times over, so what was found is kept.
        """
        if (known := self._pivots.get(stem)) is not None:
            return known
        found: dict[str, float] = {}
        for other, there in self.translations(stem):
            if is_cyrillic(other) != is_cyrillic(stem):
                for back, weight in self.translations(other):
                    if back != stem and is_cyrillic(back) == is_cyrillic(stem):
                        found[back] = max(found.get(back, 0.0), there * weight)
        best = sorted(found.items(), key=lambda x: (-x[1], x[0]))[:MOST_PIVOTS]
        if len(self._pivots) < MOST_KEPT:
            self._pivots[stem] = best
        return best

    def related(self, stem: str) -> list[tuple[str, float]]:
        """Stems of both languages that go with `stem` without meaning the same, best first, with weights in (0, 1]."""
        i = self.ids.get(stem)
        return [] if i is None else [(self.stems[t], w) for t, w in self.related_links.of(i)]

    def _own_translations(self, stem: str) -> list[tuple[str, float]]:
        i = self.ids.get(stem)
        factor = 1.0
        if i is None:
            i = self._prefix(stem)
            factor = BACKOFF_WEIGHT
            if i is None:
                return []
        return [(self.stems[t], factor * w) for t, w in self.links.of(i)]

    def _prefix(self, stem: str) -> int | None:
        for length in range(len(stem) - 1, BACKOFF_LETTERS - 1, -1):
            i = self.ids.get(stem[:length])
            if i is not None and self.links.offsets[i + 1] > self.links.offsets[i]:
                return i
        return None

    def rarity(self, stem: str) -> float:
        """How much a word tells, in [0, 1]: 1 for a stem that the training texts lack, 0 for one in all of them."""
        i = self.ids.get(stem)
        texts = self.manifest["texts"]["ru" if is_cyrillic(stem) else "en"]
        n = 0.0 if i is None else 2 ** (int(self.counts[i]) / 8) - 1
        return max(0.0, 1 - math.log1p(n) / math.log1p(texts))


@lru_cache(maxsize=1)
def shipped() -> TranslationTable:
    """The table that comes with Suroo, read once a process."""
    with resources.files("rag.bilingual").joinpath("table.npz").open("rb") as source:
        return TranslationTable.load(source)
