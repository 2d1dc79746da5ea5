"""The table made dense: a vector for any text, so that texts that mean the same in two languages point the same way.

Each stem has pseudo-random signs of its own (from a hash of the stem, so nothing is stored); its vector adds the signs
of its translations and synonyms by weight. A text's vector is the sum over its stems, by how rare they are, at unit
length. This is random indexing (Kanerva et al. 2000) with the translation table for a context.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.bilingual.concepts import index_terms
from rag.bilingual.table import TranslationTable

DIMENSION = 512

Vector = NDArray[np.float32]  # of shape (dimension,)
Matrix = NDArray[np.float32]  # of shape (texts, dimension)


class TableVectors:
    """Texts to vectors of `dimension` float32 at unit length, zero for a text without words."""

    def __init__(self, table: TranslationTable, dimension: int = DIMENSION) -> None:
        if dimension % 8:
            raise ValueError(f"dimension must be a multiple of 8, not {dimension}")
        self.table = table
        self.dimension = dimension
        self.stem_vector = lru_cache(maxsize=60_000)(self._stem_vector)

    @property
    def name(self) -> str:
        """What stamps a collection of these vectors."""
        return f"{self.table.name}-{self.dimension}"

    def embed(self, text: str) -> Vector:
        """The vector of `text`."""
        total = np.zeros(self.dimension, dtype=np.float32)
        for term, count in sorted(Counter(index_terms(text)).items()):
            total += np.float32(math.sqrt(count)) * self.stem_vector(term)
        length = float(np.linalg.norm(total))
        return total / np.float32(length) if length else total

    def _stem_vector(self, term: str) -> Vector:
        if term[0] in "#@~":
            return self._signs(term) * np.float32(0.5)
        total = self._signs(term)
        for other, weight in self.table.translations(term):
            total = total + np.float32(weight) * self._signs(other)
        return total * np.float32(self.table.rarity(term) / math.sqrt(float(total @ total) / self.dimension))

    def _signs(self, term: str) -> Vector:
        bits = hashlib.shake_128(term.encode()).digest(self.dimension // 8)
        return np.unpackbits(np.frombuffer(bits, dtype=np.uint8)).astype(np.float32) * 2 - 1
