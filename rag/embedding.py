"""What turns passages and questions into vectors: the bundled table, or a model that is paid for once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from rag.bilingual.concepts import index_terms
from rag.bilingual.table import TranslationTable
from rag.bilingual.vectors import Matrix, TableVectors, Vector
from rag.library import Record
from rag.models import EmbeddingModel
from rag.segments import Analysed

BATCH = 64  # passages in one request
PROBE = "Сколько лет дереву? How old is the tree?"  # embedded once a process, to see that the model is still the same
SAME = 0.9  # least cosine between the probe's vectors; those of two models have nothing to do with each other


class Embedding(Protocol):
    """`name` stamps the vectors; two embeddings of one name give the same vectors.

    `weight` in [0, 1] is the share of their similarity in the score of a passage, the words' being the rest.
    """

    weight: float

    @property
    def name(self) -> str: ...

    def passages(self, texts: Sequence[str]) -> Matrix:
        """One row a text, float32, at unit length or zero."""
        ...

    def analysed(self, passages: Sequence[Analysed], between: Callable[[], None]) -> Matrix:
        """`passages` of the texts of passages whose index terms are known; `between` is called between them."""
        ...

    def question(self, text: str) -> Vector: ...

    def close(self) -> None: ...


class TableEmbedding:
    """The bundled bilingual vectors. Costs nothing, needs nothing.

    They come of the table that the words are matched by, and add little to it: measured on XQuAD, 0.1 lifts R@10 by up
    to half a point; more loses across languages.
    """

    weight = 0.1

    def __init__(self, table: TranslationTable) -> None:
        self._vectors = TableVectors(table)
        self.name = self._vectors.name

    def passages(self, texts: Sequence[str]) -> Matrix:
        return self._vectors.embed_all(index_terms(text) for text in texts)

    def analysed(self, passages: Sequence[Analysed], between: Callable[[], None]) -> Matrix:
        return self._vectors.embed_all(([term for term, _ in p.terms] for p in passages), between)

    def question(self, text: str) -> Vector:
        return self._vectors.embed(text)

    def close(self) -> None:
        pass


class BoughtEmbedding:
    """A model's vectors, kept in the record under the model's name and the text, so that none is bought twice.

    A server may come to give another model's vectors under the old name, of the same length even. So the vector of one
    sentence is kept too, and compared with a new one, once a process, before anything else is bought. A model knows
    what no table does, so it gets an equal say; that is a judgement, not a measurement, for want of a model to measure.
    """

    weight = 0.5

    def __init__(self, model: EmbeddingModel, record: Record) -> None:
        self._model = model
        self._record = record
        self._dimension: int | None = None  # known once the probe was compared
        self.name = f"model:{model.name}"

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Raises `ModelFault`; what was bought before the fault is kept."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        keys = [self._key(text) for text in texts]
        known = self._record.bought(list(dict.fromkeys(keys)))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        todo = list(missing)
        for at in range(0, len(todo), BATCH):
            part = todo[at : at + BATCH]
            rows = self._bought([missing[key] for key in part])
            fresh = {key: row.tobytes() for key, row in zip(part, rows, strict=True)}
            self._record.keep_bought(fresh)
            known |= fresh
        kept = [np.frombuffer(known[key], dtype=np.float32) for key in keys]
        if len({len(row) for row in kept}) > 1:
            raise self._model.fault("dimension")
        return np.stack(kept)

    def analysed(self, passages: Sequence[Analysed], between: Callable[[], None]) -> Matrix:
        return self.passages([p.text for p in passages])

    def question(self, text: str) -> Vector:
        dimension = self._same_model()
        row: Vector = unit([self._model.question(text)], 1, self._model, dimension)[0]
        return row

    def close(self) -> None:
        self._model.close()

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self.name}\0{text}".encode()).hexdigest()

    def _bought(self, texts: Sequence[str]) -> Matrix:
        dimension = self._same_model()
        return unit(self._model.passages(texts), len(texts), self._model, dimension)

    def _same_model(self) -> int:
        """The length of the vectors, once it is known that the model is the one that made the library's."""
        if self._dimension is None:
            key = self._key(PROBE)
            kept = self._record.bought([key]).get(key)
            fresh = unit(self._model.passages([PROBE]), 1, self._model)[0]
            if kept is None:
                self._record.keep_bought({key: fresh.tobytes()})
            else:
                known = np.frombuffer(kept, dtype=np.float32)
                if known.shape != fresh.shape or float(known @ fresh) < SAME:
                    raise self._model.fault("other_model")
            self._dimension = len(fresh)
        return self._dimension


def unit(
    vectors: Sequence[Sequence[float]], expected: int, model: EmbeddingModel, dimension: int | None = None
) -> Matrix:
    """Vectors as a matrix of unit rows.

    Raises `ModelFault` for a wrong count, lengths that are unequal or not `dimension`, or what is no number.
    """
    if len(vectors) != expected:
        raise model.fault("count", expected=expected, got=len(vectors))
    lengths = {len(vector) for vector in vectors}
    if len(lengths) > 1 or 0 in lengths or (dimension and lengths != {dimension}):
        raise model.fault("dimension")
    matrix = np.array([[np.nan if x is None else x for x in vector] for vector in vectors], dtype=np.float32)
    if not np.isfinite(matrix).all():
        raise model.fault("not_numbers")
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(norms > 0, norms, 1), dtype=np.float32)
