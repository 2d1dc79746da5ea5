"""Hybrid retrieval: the bilingual lexical index and the vectors, fused, as a llama-index retriever."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.bilingual.concepts import concepts
from rag.errors import ModelFault, SurooError, VectorsMissing
from rag.indexing import Indexing
from rag.lexical import Found, LexicalIndex
from rag.library import Record
from rag.passages import version_of
from rag.segments import Mask, date_number
from rag.text.language import question_language, text_language
from rag.text.words import WORD, fold
from rag.types import Filter, Hit

POOL = 100  # how many candidates each side gives
# A passage of the other language meets a question through translations that weigh less than the words themselves. This
# makes their scores comparable: measured on a pool of both, with either version of the gold paragraph taken away.
OTHER_LANGUAGE = 1.25
SHINGLE = 4  # words
SAME_TEXT = 0.7  # share of the shorter passage's shingles that the other has too, for a reprint


class HybridRetriever(BaseRetriever):
    """The `k` best passages of a library for a question in either language.

    Scores of the two sides are each divided by their best and summed by weight; `Hit.parts` has them apart. It answers
    from the record as it is when asked: a passage that is no longer in the record is never given.
    """

    def __init__(self, record: Record, indexing: Indexing, k: int, filter: Filter | None = None) -> None:
        super().__init__()
        self._record = record
        self._indexing = indexing
        self._k = k
        self._filter = filter
        self.troubles: list[SurooError] = []  # what made the last search worse than it could be

    def search(self, question: str) -> list[Hit]:
        """Hits for `question`, best first."""
        self.troubles = []
        lexical = self._indexing.refresh()
        mask = self._mask(lexical)
        found = self._by_words(question, lexical, mask)
        near = self._near(question, lexical, mask)
        best_lexical = max((f.score for f in found), default=0.0) or 1.0
        best_near = max((s for _, s in near.values()), default=0.0) or 1.0
        parts = {f.id: (f, {"lexical": f.score / best_lexical, "vector": 0.0}) for f in found}
        for id, (place, similarity) in near.items():
            parts.setdefault(id, (place, {"lexical": 0.0, "vector": 0.0}))[1]["vector"] = similarity / best_near
        ranked = sorted(
            ((self._fuse(scores), place, scores) for place, scores in parts.values()), key=lambda x: (-x[0], x[1].id)
        )
        return self._hits(ranked)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [node_of(hit) for hit in self.search(query_bundle.query_str)]

    def _by_words(self, question: str, lexical: LexicalIndex, mask: Mask | None) -> list[Found]:
        asked = question_language(question)
        found = lexical.search(concepts(question, self._indexing.table), max(POOL, self._k), mask)
        return [replace(f, score=f.score * _comparable(f, asked)) for f in found]

    def _fuse(self, parts: dict[str, float]) -> float:
        weight = self._indexing.embedding.weight
        return (1 - weight) * parts["lexical"] + weight * parts["vector"]

    def _near(self, question: str, lexical: LexicalIndex, mask: Mask | None) -> dict[str, tuple[Found, float]]:
        """Passages near the question that the index knows too and the filter lets through."""
        try:
            vector = self._indexing.embedding.question(question)
        except ModelFault as fault:
            self.troubles.append(fault)
            return {}
        nearest = self._indexing.vectors.query(vector, max(POOL, self._k))
        if lexical.size and not self._indexing.vectors.usable:
            self.troubles.append(VectorsMissing())
        asked = question_language(question)
        near: dict[str, tuple[Found, float]] = {}
        for id, similarity in nearest:
            place = lexical.place(id)
            if place is not None and similarity > 0 and (mask is None or lexical.passes(id, mask)):
                near[id] = (place, similarity * _comparable(place, asked))
        return near

    def _mask(self, lexical: LexicalIndex) -> Mask | None:
        wanted = self._filter
        if wanted is None or wanted == Filter():
            return None
        documents = None if wanted.documents is None else {self._record.find(name) for name in wanted.documents}
        return lexical.mask(wanted.languages, date_number(wanted.since), date_number(wanted.until), documents)

    def _hits(self, ranked: list[tuple[float, Found, dict[str, float]]]) -> list[Hit]:
        """The first `k` that say something of their own; a reprint of one before it comes after them all."""
        hits: list[Hit] = []
        again: list[Hit] = []
        for score, place, parts in ranked:
            if len(hits) == self._k:
                break
            excerpt = self._record.excerpt(place.document_id, version_of(place.id), place.start, place.end)
            if excerpt is None:
                continue  # removed or replaced since the index was read
            entry, text = excerpt
            hit = Hit(
                place.id, place.document_id, place.start, place.end, text, place.language,
                entry.title, entry.path, entry.date, entry.source, score, parts,
            )  # fmt: skip
            (again if any(_same_text(text, other.text) for other in hits) else hits).append(hit)
        return (hits + again)[: self._k]


def node_of(hit: Hit) -> NodeWithScore:
    """A hit as llama-index passes it around; `hit_of` gives it back."""
    metadata: dict[str, Any] = {
        name: getattr(hit, name)
        for name in ("document_id", "start", "end", "language", "title", "path", "date", "source", "parts")
    }
    node = TextNode(id_=hit.id, text=hit.text, metadata=metadata)
    node.excluded_embed_metadata_keys = node.excluded_llm_metadata_keys = list(metadata)
    return NodeWithScore(node=node, score=hit.score)


def hit_of(scored: NodeWithScore) -> Hit:
    """A node of any retriever as a hit. One that is not ours is a document of its own that begins at 0."""
    node = scored.node
    text = node.get_content()
    meta = node.metadata
    start = int(meta.get("start", 0))
    return Hit(
        id=node.node_id,
        document_id=str(meta.get("document_id") or node.ref_doc_id or node.node_id),
        start=start,
        end=int(meta.get("end", start + len(text))),
        text=text,
        language=str(meta.get("language") or text_language(text)),
        title=meta.get("title") or meta.get("file_name"),
        path=meta.get("path") or meta.get("file_path"),
        date=meta.get("date"),
        source=meta.get("source"),
        score=float(scored.score or 0.0),
        parts=dict(meta.get("parts") or {}),
    )


def _comparable(place: Found, asked: str) -> float:
    return 1.0 if place.language == asked else OTHER_LANGUAGE


def _same_text(one: str, other: str) -> bool:
    """Whether two passages are printings of one text: most runs of words of the shorter stand in the longer too."""
    shorter, longer = sorted((_shingles(one), _shingles(other)), key=len)
    return len(shorter & longer) >= SAME_TEXT * len(shorter)


@lru_cache(maxsize=1000)
def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    lower = WORD.findall(fold(text))
    return frozenset(tuple(lower[i : i + SHINGLE]) for i in range(max(1, len(lower) - SHINGLE + 1)))
