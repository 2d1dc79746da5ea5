"""The table made dense: a vector for any text, so that texts that mean the same in two languages point the same way.

Each stem has pseudo-random signs of its own (from a hash of the stem, so nothing is stored); its vector adds the signs
of its translations and synonyms by weight. A text's vector is the sum over its stems, by how rare they are, at unit
length. This is random indexing (Kanerva et al. 2000) with the translation table for a context.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import compress, islice

import numpy as np
from numpy.typing import NDArray

from rag.bilingual.concepts import index_terms
from rag.bilingual.table import TranslationTable

DIMENSION = 512
KEPT = 16_000  # stem vectors that are kept, of 2 KB each: those of the commonest words of both languages
PART = 64  # texts whose stems are looked up together,
STEMS = 256  # and stems whose vectors are made at once

Vector = NDArray[np.float32]  # of shape (dimension,)
Matrix = NDArray[np.float32]  # of shape (texts, dimension)


class TableVectors:
    """Texts to vectors of `dimension` float32 at unit length, zero for a text without words."""

    def __init__(self, table: TranslationTable, dimension: int = DIMENSION) -> None:
        if dimension % 8:
            raise ValueError(f"dimension must be a multiple of 8, not {dimension}")
        self.table = table
        self.dimension = dimension
        self._lock = threading.Lock()
        # The commonest stems' vectors are kept, in the first rows; a part's other stems come after them.
        kept = min(KEPT, len(table.counts))
        self._common = int(np.partition(table.counts, -kept)[-kept]) if kept else 0
        self._rows: dict[str, int] = {}
        self._matrix = np.zeros((0, dimension), dtype=np.float32)
        # A stem is a translation of many, so the hashes of the table's are kept.
        self._bits_of = np.zeros((len(table.stems), dimension // 8), dtype=np.uint8)
        self._hashed = np.zeros(len(table.stems), dtype=bool)

    @property
    def name(self) -> str:
        """What stamps a collection of these vectors."""
        return f"{self.table.name}-{self.dimension}"

    def embed(self, text: str) -> Vector:
        """The vector of `text`."""
        counts = sorted(Counter(index_terms(text)).items())
        return self._summed(self._stem_vectors([term for term, _ in counts]), counts)

    def embed_all(self, texts: Iterable[Iterable[str]], between: Callable[[], None] = lambda: None) -> Matrix:
        """The vectors of texts that are given by their `index_terms`; the same as `embed`'s, and sooner.

        `between` is called after each few steps of the work.
        """
        rows = []
        coming = iter(texts)
        while part := [sorted(Counter(terms).items()) for terms in islice(coming, PART)]:
            with self._lock:
                at = self._placed({term for counts in part for term, _ in counts}, between)
                for counts in part:
                    rows.append(self._summed(self._matrix[[at[term] for term, _ in counts]], counts))
                    between()
        return np.array(rows, dtype=np.float32).reshape(len(rows), self.dimension)

    def _placed(self, terms: set[str], between: Callable[[], None]) -> dict[str, int]:
        """Rows of `_matrix` with the vectors of `terms`."""
        missing = sorted(terms - self._rows.keys())
        is_common = [self._is_common(term) for term in missing]
        common = list(compress(missing, is_common))
        new = common + [term for term, kept in zip(missing, is_common, strict=True) if not kept]
        first = len(self._rows)
        if first + len(new) > len(self._matrix):
            grown = np.zeros((first + len(new) + 1024, self.dimension), dtype=np.float32)
            grown[:first] = self._matrix[:first]
            self._matrix = grown
        for i in range(0, len(new), STEMS):
            part = new[i : i + STEMS]
            self._matrix[first + i : first + i + len(part)] = self._stem_vectors(part)
            between()
        rows = {term: first + i for i, term in enumerate(new)}
        self._rows |= {term: rows[term] for term in common}
        return {**self._rows, **rows} if len(rows) > len(common) else self._rows

    def _is_common(self, term: str) -> bool:
        id = self.table.ids.get(term)
        return id is not None and self.table.counts[id] > self._common

    def _summed(self, vectors: Matrix, counts: Sequence[tuple[str, int]]) -> Vector:
        """Unit sum of stem vectors, in the order of the terms, so that it is the same to the last bit however made."""
        for i, (_, count) in enumerate(counts):
            if count > 1:
                vectors[i] *= np.float32(math.sqrt(count))
        total: Vector = np.add.reduce(vectors, axis=0)
        length = float(np.linalg.norm(total))
        return total / np.float32(length) if length else total

    def _stem_vectors(self, terms: Sequence[str]) -> Matrix:
        """A row each. Sums are made in the order of the translations, so that they are the same in any company."""
        words = [term[0] not in "#@~" for term in terms]
        ids = np.array(
            [
                self.table.ids.get(term, -1) if word and term not in self.table.glossary else -1
                for term, word in zip(terms, words, strict=True)
            ],
            dtype=np.intp,
        )
        totals = np.zeros((len(terms), self.dimension), dtype=np.float32)
        totals[ids >= 0] = self._of_table(ids[ids >= 0])
        others = np.flatnonzero(ids < 0)
        totals[others] = self._of_others([(terms[i], words[i]) for i in others.tolist()])
        for i, term in enumerate(terms):
            if words[i]:
                row = totals[i]
                row *= np.float32(self.table.rarity(term) / math.sqrt(float(row @ row) / self.dimension))
        return totals

    def _of_table(self, ids: NDArray[np.intp]) -> Matrix:
        """Sums for stems that the table has, a row each."""
        lengths, targets, weights = self.table.links.of_all(ids)
        starts = np.cumsum(lengths) - lengths
        stems = np.insert(targets.astype(np.intp), starts, ids)
        new = np.unique(stems[~self._hashed[stems]])
        self._bits_of[new] = self._bits([self.table.stems[i] for i in new.tolist()])
        self._hashed[new] = True
        return self._added(self._bits_of[stems], np.insert(weights, starts, 1.0), lengths + 1)

    def _of_others(self, terms: Sequence[tuple[str, bool]]) -> Matrix:
        """Sums for stems that the table lacks, or the glossary has, and for what is no word."""
        parts = [[(term, 1.0), *self.table.translations(term)] if word else [(term, 0.5)] for term, word in terms]
        weights = np.array([weight for part in parts for _, weight in part], dtype=np.float32)
        lengths = np.array([len(part) for part in parts], dtype=np.intp)
        return self._added(self._bits([other for part in parts for other, _ in part]), weights, lengths)

    def _added(self, bits: NDArray[np.uint8], weights: Vector, lengths: NDArray[np.intp]) -> Matrix:
        """Signs (bit 1: plus) by weight, in runs of these lengths, a sum for each run, added in order."""
        signs = np.unpackbits(bits, axis=1).astype(np.float32)
        signs *= 2
        signs -= 1
        signs *= weights[:, None]
        totals = np.empty((len(lengths), self.dimension), dtype=np.float32)
        at = 0
        for row, length in zip(totals, lengths.tolist(), strict=True):
            np.add.reduce(signs[at : at + length], axis=0, out=row)
            at += length
        return totals

    def _bits(self, terms: Sequence[str]) -> NDArray[np.uint8]:
        """The signs of each term as bits, a row each."""
        found = b"".join([hashlib.shake_128(term.encode()).digest(self.dimension // 8) for term in terms])
        return np.frombuffer(found, dtype=np.uint8).reshape(len(terms), self.dimension // 8)
