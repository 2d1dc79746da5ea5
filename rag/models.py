"""Language models: the only file that knows vendors. A model is any llama-index LLM, and here a source of text."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rag.errors import ModelFault
from rag.settings import Settings

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.base.llms.types import ChatMessage
    from llama_index.core.llms import LLM

CONTEXT_WINDOW = 16_000  # tokens; the least that current servers give by default


def chat_model(settings: Settings) -> LLM | None:
    """The model that `SUROO_CHAT_MODEL` names, on the OpenAI-compatible server of the settings, or None."""
    if settings.chat_model is None:
        return None
    from llama_index.llms.openai_like import OpenAILike

    model: LLM = OpenAILike(
        model=settings.chat_model,
        api_base=_server(settings),
        api_key=_key(settings),
        is_chat_model=True,
        context_window=CONTEXT_WINDOW,
        temperature=0.0,
        max_retries=0,
        timeout=settings.first_token_s,
    )
    return model


def model_name(llm: LLM) -> str:
    return str(llm.metadata.model_name)


def stream(llm: LLM, messages: Sequence[ChatMessage]) -> Iterator[str]:
    """The model's answer, piece by piece. Raises `ModelFault` where the server fails or stops before it is done."""
    choices = finished = None
    written = False
    with _faults_of(model_name(llm)):
        for response in llm.stream_chat(list(messages)):
            choices = getattr(response.raw, "choices", None) or choices
            finished = next((c.finish_reason for c in choices or [] if c.finish_reason), finished)
            if response.delta:
                written = True
                yield response.delta
    if not written:
        raise ModelFault(model_name(llm), "nothing")
    if choices and finished is None:
        raise ModelFault(model_name(llm), "ended_early")


def embedding_model(settings: Settings) -> BaseEmbedding | None:
    """The model that `SUROO_EMBEDDING_MODEL` names, on the server of the settings, or None."""
    if settings.embedding_model is None:
        return None
    from llama_index.embeddings.openai import OpenAIEmbedding

    model: BaseEmbedding = OpenAIEmbedding(
        model_name=settings.embedding_model,
        api_base=_server(settings),
        api_key=_key(settings),
        max_retries=0,
        timeout=settings.first_token_s,
        reuse_client=True,
    )
    return model


def embed_passages(model: BaseEmbedding, texts: Sequence[str]) -> list[list[float]]:
    """A vector a text, as the server gave them. Raises `ModelFault`."""
    with _faults_of(model.model_name):
        return list(model.get_text_embedding_batch(list(texts)))


def embed_question(model: BaseEmbedding, text: str) -> list[float]:
    """The vector of a question. Raises `ModelFault`."""
    with _faults_of(model.model_name):
        return list(model.get_query_embedding(text))


@contextlib.contextmanager
def _faults_of(model: str) -> Iterator[None]:
    import httpx
    import openai

    try:
        yield
    except (openai.OpenAIError, httpx.HTTPError) as error:
        raise ModelFault(model, "said", said=_first_line(error)) from error
    except (AttributeError, TypeError, KeyError, IndexError) as error:
        # What the client makes of an answer that is none: a page of HTML with status 200, empty choices.
        raise ModelFault(model, "nothing") from error


def _server(settings: Settings) -> str:
    return settings.openai_base_url or "https://api.openai.com/v1"


def _key(settings: Settings) -> str:
    return settings.openai_api_key.get_secret_value() if settings.openai_api_key else "none"


def _first_line(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text.splitlines()[0][:300]
