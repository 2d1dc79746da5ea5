"""The engine as llama-index sees it."""

from __future__ import annotations

import asyncio
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.query_engine import BaseQueryEngine
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag import Assistant
from rag.bilingual.table import shipped
from rag.engine import QueryEngine
from rag.retrieval import hit_of, node_of


class Foreign(BaseRetriever):
    """A retriever that knows nothing of Suroo."""

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        text = "The dam holds 2 million cubic metres of water. It was finished in 1975."
        return [NodeWithScore(node=TextNode(text=text, metadata={"file_name": "dam.pdf"}), score=0.7)]


def everywhere(concept: Any) -> tuple[int, int]:
    return 1, 10


def query(engine: QueryEngine, question: str) -> Any:
    return engine.query(question)


def test_it_is_a_query_engine(seeds: Assistant) -> None:
    engine = seeds.query_engine()
    assert isinstance(engine, BaseQueryEngine)
    question = "How many new enterprises opened in Kyrgyzstan in 2025?"
    response = query(engine, question)
    assert "119" in str(response)
    assert response.metadata["status"] == "answered"
    assert response.metadata["citations"][0]["quote"] in str(response)
    assert response.source_nodes
    assert str(asyncio.run(engine.aquery(question))) == str(response)


def test_nodes_carry_hits_both_ways(seeds: Assistant) -> None:
    for hit in seeds.search("trade"):
        assert hit_of(node_of(hit)) == hit


def test_a_foreign_retriever_plugs_in() -> None:
    answer = query(QueryEngine(Foreign(), shipped(), everywhere), "When was the dam finished?").metadata["answer"]
    assert answer.citations[0].quote.endswith("It was finished in 1975.")
    assert (answer.citations[0].title, answer.citations[0].language) == ("dam.pdf", "en")


def test_postprocessors_plug_in(seeds: Assistant) -> None:
    retriever = seeds.query_engine()._retriever
    question = "Which festival did artists from Kazakhstan take part in?"
    kept = QueryEngine(
        retriever, shipped(), everywhere, postprocessors=[SimilarityPostprocessor(similarity_cutoff=0.1)]
    )
    assert query(kept, question).metadata["status"] == "answered"
    none = QueryEngine(retriever, shipped(), everywhere, postprocessors=[SimilarityPostprocessor(similarity_cutoff=2)])
    assert query(none, question).metadata["status"] == "not_found"
