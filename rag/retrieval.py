"""Hybrid retrieval: the bilingual lexical index and the vectors, fused, as a llama-index retriever."""

from __future__ import annotations

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
from rag.text.language import text_language
from rag.types import Filter, Hit

# Measured on XQuAD (development half): 0.1 gains a little in each language, nothing across; more loses across.
VECTOR_WEIGHT = 0.1
POOL = 100  # how many candidates each side gives


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
        found = lexical.search(concepts(question, self._indexing.table), max(POOL, self._k), mask)
        near = self._near(question, lexical, mask)
        best_lexical = max((f.score for f in found), default=0.0) or 1.0
        best_near = max((s for _, s in near.values()), default=0.0) or 1.0
        parts = {f.id: (f, {"lexical": f.score / best_lexical, "vector": 0.0}) for f in found}
        for id, (place, similarity) in near.items():
            parts.setdefault(id, (place, {"lexical": 0.0, "vector": 0.0}))[1]["vector"] = similarity / best_near
        ranked = sorted(
            ((_fuse(scores), place, scores) for place, scores in parts.values()), key=lambda x: (-x[0], x[1].id)
        )
        return self._hits(ranked[: self._k])

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [node_of(hit) for hit in self.search(query_bundle.query_str)]

    def _near(self, question: str, lexical: LexicalIndex, mask: Mask | None) -> dict[str, tuple[Found, float]]:
        """Passages near the question that the index knows too and the filter lets through."""
        if not VECTOR_WEIGHT:
            return {}
        try:
            vector = self._indexing.embedding.question(question)
        except ModelFault as fault:
            self.troubles.append(fault)
            return {}
        nearest = self._indexing.vectors.query(vector, max(POOL, self._k))
        if lexical.size and not self._indexing.vectors.usable:
            self.troubles.append(VectorsMissing())
        near: dict[str, tuple[Found, float]] = {}
        for id, similarity in nearest:
            place = lexical.place(id)
            if place is not None and similarity > 0 and (mask is None or lexical.passes(id, mask)):
                near[id] = (place, similarity)
        return near

    def _mask(self, lexical: LexicalIndex) -> Mask | None:
        wanted = self._filter
        if wanted is None or wanted == Filter():
            return None
        documents = None if wanted.documents is None else {self._record.find(name) for name in wanted.documents}
        return lexical.mask(wanted.languages, date_number(wanted.since), date_number(wanted.until), documents)

    def _hits(self, ranked: list[tuple[float, Found, dict[str, float]]]) -> list[Hit]:
        hits = []
        for score, place, parts in ranked:
            excerpt = self._record.excerpt(place.document_id, version_of(place.id), place.start, place.end)
            if excerpt is None:
                continue  # removed or replaced since the index was read
            entry, text = excerpt
            hits.append(
                Hit(
                    place.id, place.document_id, place.start, place.end, text, place.language,
                    entry.title, entry.path, entry.date, entry.source, score, parts,
                )
            )  # fmt: skip
        return hits


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


def _fuse(parts: dict[str, float]) -> float:
    return (1 - VECTOR_WEIGHT) * parts["lexical"] + VECTOR_WEIGHT * parts["vector"]
