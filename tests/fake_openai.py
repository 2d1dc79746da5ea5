"""A strict OpenAI-compatible server on loopback, for tests: real HTTP, real streaming, a scripted model.

It refuses what a real one refuses: a wrong path, a missing key, an unknown model, a body that is no chat request. And
it misbehaves as real ones do: see `FAULTS`. It does not tokenise: `usage` counts words.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Script = Callable[[list[dict[str, str]]], str]
MODEL = "test-model"
KEY = "sk-test-4f9a81"
DIMENSION = 24

REFUSALS: dict[str, tuple[int, str, str | None, dict[str, str]]] = {
    "401": (401, f"Incorrect API key provided: {KEY}. Find yours on the site.", "invalid_api_key", {}),
    "403": (403, "Your project does not have access to this model", "forbidden", {}),
    "404": (404, "The model does not exist", "model_not_found", {}),
    "400 overflow": (400, "This model's maximum context length is 4096 tokens", "context_length_exceeded", {}),
    "400": (400, "Unsupported value: 'temperature'", "unsupported_value", {}),
    "429": (429, "Rate limit reached", "rate_limit_exceeded", {}),
    "429 soon": (429, "Rate limit reached", "rate_limit_exceeded", {"Retry-After": "0"}),
    "429 later": (429, "Rate limit reached", "rate_limit_exceeded", {"Retry-After": "3600"}),
    "429 quota": (429, "You exceeded your current quota", "insufficient_quota", {}),
    "500": (500, "the server broke", None, {}),
    "503": (503, "Loading model", None, {}),
}
STREAMED = [
    "slow",
    "stall",
    "early end",
    "broken",
    "error frame",
    "empty choices",
    "null content",
    "length",
    "nonsense",
]
EMBEDDED = ["few", "short", "uneven", "nan", "null", "other model"]
FAULTS = [*REFUSALS, *STREAMED, *EMBEDDED, "html"]
_CHAT_FIELDS = {"model", "messages", "stream", "stream_options", "temperature"}
_EMBEDDING_FIELDS = {"model", "input", "encoding_format"}


class FakeOpenAI:
    """`script` gives the reply to messages; `requests` keeps what was asked.

    `fault`, one of `FAULTS`, makes the server misbehave, for the next `times` requests or for good. `piece` is how many
    characters a frame has, `pace_s` the seconds before each. While slow or stalled it waits for `go`.
    `clock` has when the last request came and when each of its frames was sent (`time.perf_counter`).
    `abandoned` is set when a client went away before the reply was over.
    """

    def __init__(self) -> None:
        self.url = ""
        self.reset()

    def reset(self) -> None:
        self.script: Script = lambda messages: "Nothing to say."
        self.requests: list[dict[str, Any]] = []
        self.tries = 0
        self.fault: str | None = None
        self.times: int | None = None
        self.piece = 7
        self.pace_s = 0.0
        self.clock: list[float] = []
        self.usage = True
        self.thinking = ""
        self.go = threading.Event()
        self.abandoned = threading.Event()

    async def chat(self, request: Request) -> Response:
        body, refusal = await self._body(request, _CHAT_FIELDS)
        if refusal:
            return refusal
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages or not all(map(_is_message, messages)):
            return _refusal(400, "messages is malformed")
        if "stream_options" in body and not body.get("stream"):
            return _refusal(400, "stream_options is only for streams")
        self.requests.append(body)
        self.clock = [time.perf_counter()]
        fault = self._fault()
        text = await asyncio.to_thread(self.script, messages)
        usage = _usage(sum(len(m["content"].split()) for m in messages), len(text.split())) if self.usage else None
        if body.get("stream"):
            wanted = usage if (body.get("stream_options") or {}).get("include_usage") else None
            return StreamingResponse(self._frames(text, fault, wanted), media_type="text/event-stream")
        message = {"role": "assistant", "content": text}
        return JSONResponse(_completion("chat.completion", message=message, finish_reason="stop") | {"usage": usage})

    async def embeddings(self, request: Request) -> Response:
        body, refusal = await self._body(request, _EMBEDDING_FIELDS)
        if refusal:
            return refusal
        self.requests.append(body)
        fault = self._fault()
        vectors = [_vector(text, fault) for text in body["input"]]
        if fault == "few":
            vectors = vectors[:-1]
        if fault == "uneven":
            vectors[0] = vectors[0][:-1]
        data = [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(vectors)]
        reply = {"object": "list", "data": data, "model": MODEL, "usage": _usage(len(data), 0)}
        return Response(json.dumps(reply), media_type="application/json")  # with NaN, as Python's servers write it

    async def _body(self, request: Request, fields: set[str]) -> tuple[dict[str, Any], Response | None]:
        self.tries += 1
        if self.fault in REFUSALS:
            status, message, code, headers = REFUSALS[self._fault() or ""]
            return {}, _refusal(status, message, code, headers)
        if self.fault == "html":
            return {}, Response("<html><body>Welcome to the proxy</body></html>", media_type="text/html")
        if self.fault == "slow":
            self._fault()
            await request.body()  # before it is asked whether the client is there
            await self._wait(request)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return {}, _refusal(401, f"Incorrect API key provided: {request.headers.get('authorization')}")
        body = await request.json()
        if body.get("model") != MODEL:
            return {}, _refusal(404, "The model does not exist")
        if unknown := body.keys() - fields:
            return {}, _refusal(400, f"unknown fields {sorted(unknown)}")
        return body, None

    def _fault(self) -> str | None:
        """The fault of this request."""
        fault = self.fault
        if fault and self.times is not None:
            self.times -= 1
            if self.times <= 0:
                self.fault = self.times = None
        return fault

    async def _wait(self, request: Request | None = None) -> None:
        while not self.go.is_set():
            await asyncio.sleep(0.01)
            if request and await request.is_disconnected():
                self.abandoned.set()
                return

    async def _frames(self, text: str, fault: str | None, usage: dict[str, int] | None) -> AsyncIterator[str]:
        done = False
        try:
            async for frame in self._written(text, fault):
                yield frame
            if usage:
                yield _data({**_completion("chat.completion.chunk"), "choices": [], "usage": usage})
            if fault != "early end":
                yield "data: [DONE]\n\n"
            done = True
        finally:
            if not done:
                self.abandoned.set()

    async def _written(self, text: str, fault: str | None) -> AsyncIterator[str]:
        pieces: list[str | None] = [text[i : i + self.piece] for i in range(0, len(text), self.piece)]
        if fault in ("early end", "broken", "error frame", "stall"):
            pieces = pieces[: len(pieces) * 2 // 3]
        if fault == "null content":
            pieces = [None]
        if fault == "nonsense":
            yield "data: {this is no JSON\n\n"
        for thought in self.thinking.split():
            yield _frame(delta={"role": "assistant", "content": None, "reasoning_content": thought}, finish_reason=None)
        for piece in pieces:
            if self.pace_s:
                await asyncio.sleep(self.pace_s)
            self.clock.append(time.perf_counter())
            if fault == "empty choices":
                yield _data({**_completion("chat.completion.chunk"), "choices": []})
            else:
                yield _frame(delta={"role": "assistant", "content": piece}, finish_reason=None)
        if fault == "stall":
            await self._wait()
        if fault == "broken":
            raise ConnectionResetError
        if fault == "error frame":
            yield _data({"error": {"message": "out of memory", "type": "server_error", "code": None}})
        if fault not in ("early end", "empty choices"):
            yield _frame(delta={}, finish_reason="length" if fault == "length" else "stop")


def _is_message(message: Any) -> bool:
    return (
        isinstance(message, dict)
        and message.keys() == {"role", "content"}
        and message["role"] in ("system", "user", "assistant")
        and isinstance(message["content"], str)
        and bool(message["content"])
    )


def _vector(text: str, fault: str | None) -> list[Any]:
    """A vector that depends on the text and, as models differ, on the model."""
    seed = b"another" if fault == "other model" else b""
    vector: list[Any] = [b / 128 - 1 for b in hashlib.sha256(seed + text.encode()).digest()[:DIMENSION]]
    if fault in ("nan", "null"):
        vector[0] = float("nan") if fault == "nan" else None
    return vector[:-4] if fault == "short" else vector


def _usage(prompt: int, completion: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _refusal(status: int, message: str, code: str | None = None, headers: dict[str, str] | None = None) -> Response:
    error = {"message": message, "type": "invalid_request_error", "code": code}
    return JSONResponse({"error": error}, status, headers)


def _completion(kind: str, **choice: Any) -> dict[str, Any]:
    return {"id": "c1", "object": kind, "created": 1, "model": MODEL, "choices": [{"index": 0, **choice}]}


def _frame(**choice: Any) -> str:
    return _data(_completion("chat.completion.chunk", **choice))


def _data(frame: dict[str, Any]) -> str:
    return f"data: {json.dumps(frame)}\n\n"


def serve() -> Generator[FakeOpenAI, None, None]:
    """Run a server on a free port for as long as the generator is held."""
    fake = FakeOpenAI()
    routes = [
        Route("/v1/chat/completions", fake.chat, methods=["POST"]),
        Route("/v1/embeddings", fake.embeddings, methods=["POST"]),
    ]
    config = uvicorn.Config(
        Starlette(routes=routes), host="127.0.0.1", port=0, log_level="critical", lifespan="off",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    fake.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield fake
    finally:
        fake.go.set()
        server.should_exit = True
        thread.join(timeout=5)
