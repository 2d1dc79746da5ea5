"""Models: the only file that knows vendors. Every call to a model goes through here, and by rag/calls.py.

A model is any llama-index LLM or embedding. `ChatModel` and `EmbeddingModel` hold it to the time it may take and the
tokens it may use, and name what goes wrong, once, for whoever has to read it.
"""

from __future__ import annotations

import math
import queue
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.budget import Budget, Usage
from rag.calls import BACKOFF, Clock, Fault, Patience, attempt, start
from rag.errors import ModelFault
from rag.settings import Settings
from rag.types import Stage

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.base.llms.types import ChatMessage, ChatResponse
    from llama_index.core.llms import LLM

OPENAI = "https://api.openai.com/v1"
WINDOW = 8_000  # tokens of context where nothing is said; current servers give this or more
REPLY = 1_000  # tokens kept free in the window, and reserved in the budget, for what the model writes
MOST_WRITTEN = 20_000  # characters of a reply; a model that goes on is stopped
TICK_S = 1.0  # how often a wait is reported
_SAID = 200  # characters of a server's own words that are shown


def estimated_tokens(text: str) -> int:
    """About as many tokens as a tokeniser that knows little Russian makes: 3.5 ASCII characters each, 2 of others.

    >>> estimated_tokens("seven words are in this short sentence"), estimated_tokens("Бишкек")
    (11, 3)
    """
    ascii_letters = len(text.encode("ascii", "ignore"))
    return math.ceil(ascii_letters / 3.5 + (len(text) - ascii_letters) / 2)


@dataclass(frozen=True)
class Server:
    """Where a model is asked, and on what terms. `secrets` are taken out of whatever the server says."""

    address: str = ""
    patience: Patience = field(default_factory=Patience)
    budget: Budget = field(default_factory=Budget)
    secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Server({self.address!r})"

    def fault(self, model: str, fault: Fault) -> ModelFault:
        """A fault in words that may be shown: none of the secrets, one line, not too long."""
        values = {name: self.cleaned(v) if isinstance(v, str) else v for name, v in fault.values.items()}
        return ModelFault(model, fault.name, server=self.address or model, **values)

    def cleaned(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "…")
        lines = text.strip().splitlines()
        return lines[0][:_SAID] if lines else "?"

    @classmethod
    def of(cls, settings: Settings, budget: Budget) -> Server:
        address = settings.openai_base_url or OPENAI
        url = urlsplit(address)
        shown = url._replace(netloc=url.netloc.rpartition("@")[2], query="").geturl()
        return cls(
            shown,
            Patience(settings.first_token_s, settings.next_token_s),
            budget,
            tuple(s for s in (_key(settings), url.password) if s and s != _NO_KEY),
        )


class ChatModel:
    """A llama-index LLM that writes within limits. Safe to use from several threads.

    `window` is its context in tokens.
    """

    def __init__(self, llm: LLM, server: Server | None = None, window: int | None = None) -> None:
        self._llm = llm
        self.server = server or Server()
        self.name = str(llm.metadata.model_name)
        self.window = window or WINDOW

    def __repr__(self) -> str:
        return f"ChatModel({self.name!r}, {self.server!r})"

    def stream(self, messages: Sequence[ChatMessage], used: Usage | None = None) -> Iterator[str | Stage]:
        """The reply, piece by piece, and a `Stage` a second while there is nothing to give; adds to `used`.

        Raises `ModelFault` where the server fails or stops before it is done; what was given until then stands.
        Closing the iterator cancels the call.
        """
        prompt = sum(estimated_tokens(m.content or "") for m in messages)
        try:
            with self.server.budget.call(prompt + REPLY) as usage:
                usage.prompt = prompt
                try:
                    yield from without_thinking(self._pieces(messages, usage))
                finally:
                    if used:
                        used.prompt += usage.prompt
                        used.completion += usage.completion
        except Fault as fault:
            raise self.server.fault(self.name, fault) from None

    def reply(self, messages: Sequence[ChatMessage], used: Usage | None = None) -> Generator[Stage, None, str]:
        """The whole reply; meanwhile, what `stream` says of waiting."""
        pieces = []
        for piece in self.stream(messages, used):
            if isinstance(piece, Stage):
                yield piece
            else:
                pieces.append(piece)
        return "".join(pieces)

    def close(self) -> None:
        """Close the connections."""
        _close(self._llm)

    def _pieces(self, messages: Sequence[ChatMessage], usage: Usage) -> Iterator[str | Stage]:
        arrived: queue.SimpleQueue[str | Stage | Exception | None] = queue.SimpleQueue()
        call = start(self._follow(messages, usage, arrived))
        waited = 0
        try:
            while True:
                try:
                    item = arrived.get(timeout=TICK_S)
                except queue.Empty:
                    waited += 1
                    yield Stage("waiting", waited)
                    continue
                if item is None:
                    return
                if isinstance(item, Exception):
                    raise item
                waited = 0
                yield item
        finally:
            call.cancel()

    async def _follow(
        self,
        messages: Sequence[ChatMessage],
        usage: Usage,
        arrived: queue.SimpleQueue[str | Stage | Exception | None],
    ) -> None:
        """Put what arrives into the queue: pieces, word of a retry, and at the end None or what went wrong."""

        async def call(clock: Clock) -> None:
            seen = _Seen()
            async for response in await self._llm.astream_chat(list(messages)):
                seen.take(response, usage)
                if seen.alive:
                    clock.token()
                if response.delta:
                    arrived.put(response.delta)
            seen.end()

        try:
            await attempt(call, self.server.patience, diagnosed, lambda tries: arrived.put(Stage("retrying", tries)))
            arrived.put(None)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the reply is read
            arrived.put(error)


def without_thinking(pieces: Iterator[str | Stage]) -> Iterator[str | Stage]:
    """A reply without the <think>…</think> that some servers leave before it."""
    opening, closing = "<think>", "</think>"
    held: str | None = ""  # what may still be, or is, thinking; None once it is known to be over
    for piece in pieces:
        if isinstance(piece, Stage) or held is None:
            yield piece
            continue
        held += piece
        if closing in held:
            rest, held = held.split(closing, 1)[1].lstrip(), None
        elif opening.startswith(held.lstrip()[: len(opening)]):
            continue
        else:
            rest, held = held, None
        if rest:
            yield rest
    if held and not held.lstrip().startswith(opening):
        yield held


class _Seen:
    """What a reply consisted of, so far; `end` raises the `Fault` of one that is none, or not whole."""

    def __init__(self) -> None:
        self.alive = False  # the last response was a token
        self._any = self._standard = False
        self._characters = 0
        self._finished: str | None = None

    def take(self, response: ChatResponse, usage: Usage) -> None:
        self._any = True
        counted = response.additional_kwargs
        usage.prompt = counted.get("prompt_tokens") or usage.prompt
        delta = response.delta or ""
        if self._characters + len(delta) > MOST_WRITTEN:
            raise Fault("length")
        self._characters += len(delta)
        usage.completion = counted.get("completion_tokens") or max(usage.completion, self._characters // 3)
        choices = getattr(response.raw, "choices", None)
        self._standard |= bool(choices)
        self._finished = next((c.finish_reason for c in choices or () if c.finish_reason), self._finished)
        self.alive = bool(delta or counted.get("thinking_delta"))

    def end(self) -> None:
        if not self._any:
            raise Fault("no_answer")
        if self._finished == "length":
            raise Fault("length")
        if self._finished == "content_filter":
            raise Fault("filtered")
        if not self._characters:
            raise Fault("empty")
        if self._standard and self._finished is None:
            raise Fault("ended_early")


class EmbeddingModel:
    """A llama-index embedding that is asked within limits."""

    def __init__(self, model: BaseEmbedding, server: Server | None = None) -> None:
        self._model = model
        self._server = server or Server()
        self.name = model.model_name

    def __repr__(self) -> str:
        return f"EmbeddingModel({self.name!r}, {self._server!r})"

    def passages(self, texts: Sequence[str]) -> list[list[float]]:
        """A vector a text, as the server gave them. Raises `ModelFault`."""
        vectors: list[list[float]] = self._ask(texts, lambda: self._model.aget_text_embedding_batch(list(texts)))
        return vectors

    def question(self, text: str) -> list[float]:
        """The vector of a question. Raises `ModelFault`."""
        vector: list[float] = self._ask([text], lambda: self._model.aget_query_embedding(text))
        return vector

    def fault(self, name: str, **values: object) -> ModelFault:
        return ModelFault(self.name, name, server=self._server.address, **values)

    def close(self) -> None:
        """Close the connections."""
        _close(self._model)

    def _ask(self, texts: Sequence[str], ask: Callable[[], Awaitable[Any]]) -> Any:
        tokens = sum(map(estimated_tokens, texts))

        async def call(clock: Clock) -> Any:
            return await ask()

        def diagnose(error: Exception, begun: bool) -> Fault | None:
            import pydantic

            if isinstance(error, pydantic.ValidationError):
                return Fault("not_numbers")
            if isinstance(error, ValueError) and "No embedding data" in str(error):
                return Fault("count", expected=len(texts), got=0)
            return diagnosed(error, begun)

        try:
            with self._server.budget.call(tokens) as usage:
                usage.prompt = tokens
                return start(attempt(call, self._server.patience, diagnose)).result()
        except Fault as fault:
            raise self._server.fault(self.name, fault) from None


# ---- made from settings


def chat_model(settings: Settings, budget: Budget | None = None) -> ChatModel | None:
    """The model that `SUROO_CHAT_MODEL` names, on the OpenAI-compatible server of the settings, or None."""
    if settings.chat_model is None:
        return None
    from llama_index.llms.openai_like import OpenAILike

    llm = OpenAILike(
        model=settings.chat_model,
        is_chat_model=True,
        context_window=settings.context_tokens,
        temperature=0.0,
        additional_kwargs={"stream_options": {"include_usage": True}},
        **_connection(settings),
    )
    return ChatModel(llm, Server.of(settings, budget or Budget()), settings.context_tokens)


def embedding_model(settings: Settings, budget: Budget | None = None) -> EmbeddingModel | None:
    """The model that `SUROO_EMBEDDING_MODEL` names, on the server of the settings, or None."""
    if settings.embedding_model is None:
        return None
    from llama_index.embeddings.openai import OpenAIEmbedding

    model = OpenAIEmbedding(model_name=settings.embedding_model, reuse_client=True, **_connection(settings))
    return EmbeddingModel(model, Server.of(settings, budget or Budget()))


_NO_KEY = "none"  # the client wants one, and local servers do not look at it


def _key(settings: Settings) -> str:
    return settings.openai_api_key.get_secret_value() if settings.openai_api_key else _NO_KEY


def _connection(settings: Settings) -> dict[str, Any]:
    """How the client reaches the server. The key goes to the connection alone: the models show theirs in their repr."""
    import openai

    key = _key(settings)

    def authorize(request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {key}"
        return request

    timeout = max(settings.first_token_s, settings.next_token_s)  # rag/calls.py is stricter; this is what is left open
    return {
        "api_base": settings.openai_base_url or OPENAI,
        "api_key": _NO_KEY,
        "max_retries": 0,
        "timeout": timeout,
        "async_http_client": openai.DefaultAsyncHttpxClient(auth=authorize, timeout=timeout),
    }


def _close(model: Any) -> None:
    client = getattr(model, "_async_http_client", None)
    if client is not None:
        start(client.aclose()).result(timeout=5)


# ---- what a server's faults are called


def diagnosed(error: Exception, begun: bool) -> Fault | None:
    """The name of what the client raised; `begun`: after the first token. None where it is no fault of a server."""
    import httpx
    import openai

    if isinstance(error, openai.APIStatusError):
        return _refusal(error.status_code, error.response.headers.get("retry-after"), _said(error))
    if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
        return Fault("unreachable", BACKOFF, said=type(error).__name__)
    if isinstance(error, openai.APIConnectionError | httpx.TransportError):
        return Fault("broken") if begun else _unreachable(error)
    if isinstance(error, openai.APIError):
        return Fault("error_frame", said=_said(error))
    if isinstance(error, openai.OpenAIError | httpx.HTTPError | ValueError | AttributeError | TypeError | LookupError):
        return Fault("no_answer")  # what the client makes of a reply that is none: a page of HTML with status 200
    return None


def _refusal(status: int, retry_after: str | None, said: str) -> Fault:
    lower = said.lower()
    if status == 400 and "context" in lower and re.search(r"length|window|size|exceed|maximum", lower):
        return Fault("overflow")
    if status == 429 and "quota" in lower:
        return Fault("quota", said=said)
    if status in (408, 409, 429, 503):
        again_s = _seconds(retry_after)
        name = "busy" if status == 429 else "overloaded"
        if again_s is None:
            return Fault(name, BACKOFF, status=status)
        return Fault(f"{name}_until", again_s, status=status, seconds=math.ceil(again_s))
    if status >= 500:
        return Fault("server_error", BACKOFF, status=status, said=said)
    known = {401: "key", 403: "forbidden", 404: "unknown_model"}
    return Fault(known.get(status, "rejected"), status=status, said=said)


def _unreachable(error: BaseException) -> Fault:
    causes = list(_causes(error))
    if any(isinstance(e, ssl.SSLError) for e in causes):
        return Fault("tls", said=next(str(e) for e in causes if isinstance(e, ssl.SSLError)))
    if any(isinstance(e, socket.gaierror) for e in causes):
        return Fault("unknown_host")
    if any(isinstance(e, ConnectionRefusedError) for e in causes):
        return Fault("refused", BACKOFF)
    return Fault("unreachable", BACKOFF, said=str(causes[-1]) or type(causes[-1]).__name__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from _causes(one)
        error = error.__cause__ or error.__context__


def _said(error: Exception) -> str:
    """The server's own words."""
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(inner, dict):
        inner = " ".join(str(inner[k]) for k in ("message", "code") if inner.get(k))
    return str(inner or getattr(error, "message", "") or error)


def _seconds(retry_after: str | None) -> float | None:
    """A Retry-After header, seconds or a date, as seconds from now."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
