"""What turns passages and questions into vectors: the bundled table, or a model that is paid for once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from rag.bilingual.table import TranslationTable
from rag.bilingual.vectors import Matrix, TableVectors, Vector
from rag.errors import ModelFault
from rag.library import Record
from rag.models import embed_passages, embed_question

BATCH = 64  # passages in one request


class Embedding(Protocol):
    """`name` stamps the vectors; two embeddings of one name give the same vectors."""

    @property
    def name(self) -> str: ...

    def passages(self, texts: Sequence[str]) -> Matrix:
        """One row a text, float32, at unit length or zero."""
        ...

    def question(self, text: str) -> Vector: ...


class TableEmbedding:
    """The bundled bilingual vectors. Costs nothing, needs nothing."""

    def __init__(self, table: TranslationTable) -> None:
        self._vectors = TableVectors(table)
        self.name = self._vectors.name

    def passages(self, texts: Sequence[str]) -> Matrix:
        rows = [self._vectors.embed(text) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self._vectors.dimension)

    def question(self, text: str) -> Vector:
        return self._vectors.embed(text)


class BoughtEmbedding:
    """A model's vectors, kept in the record under the model's name and the text, so that none is bought twice."""

    def __init__(self, model: BaseEmbedding, record: Record) -> None:
        self._model = model
        self._record = record
        self.name = f"model:{model.model_name}"

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Raises `ModelFault`; what was bought before the fault is kept."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        keys = [hashlib.sha256(f"{self.name}\0{text}".encode()).hexdigest() for text in texts]
        known = self._record.bought(list(dict.fromkeys(keys)))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        todo = list(missing)
        for at in range(0, len(todo), BATCH):
            part = todo[at : at + BATCH]
            rows = unit(embed_passages(self._model, [missing[key] for key in part]), len(part), self._model.model_name)
            fresh = {key: row.tobytes() for key, row in zip(part, rows, strict=True)}
            self._record.keep_bought(fresh)
            known |= fresh
        kept = [np.frombuffer(known[key], dtype=np.float32) for key in keys]
        if len({len(row) for row in kept}) > 1:
            raise ModelFault(self._model.model_name, "dimension")
        return np.stack(kept)

    def question(self, text: str) -> Vector:
        row: Vector = unit([embed_question(self._model, text)], 1, self._model.model_name)[0]
        return row


def unit(vectors: Sequence[Sequence[float]], expected: int, model: str) -> Matrix:
    """Vectors as a matrix of unit rows. Raises `ModelFault` for a wrong count, unequal lengths, or no numbers."""
    if len(vectors) != expected:
        raise ModelFault(model, "count", expected=expected, got=len(vectors))
    if len({len(vector) for vector in vectors}) > 1 or not len(vectors[0]):
        raise ModelFault(model, "dimension")
    matrix = np.array(vectors, dtype=np.float32)
    if not np.isfinite(matrix).all():
        raise ModelFault(model, "not_numbers")
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(lengths > 0, lengths, 1), dtype=np.float32)
