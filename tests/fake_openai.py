"""A strict OpenAI-compatible server on loopback, for tests: real HTTP, real streaming, a scripted model.

It refuses what a real one refuses: a wrong path, a missing key, an unknown model, a body that is no chat request. It
does not tokenise: `usage` counts words.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Script = Callable[[list[dict[str, str]]], str]
MODEL = "test-model"
KEY = "test-key"


class FakeOpenAI:
    """`script` gives the reply to messages; `requests` keeps what was asked; `fault` makes the server misbehave."""

    def __init__(self) -> None:
        self.script: Script = lambda messages: "Nothing to say."
        self.requests: list[dict[str, Any]] = []
        self.fault: str | None = None
        self.url = ""

    async def chat(self, request: Request) -> Response:
        if self.fault == "html":
            return Response("<html><body>Welcome to the proxy</body></html>", media_type="text/html")
        if self.fault == "500":
            return _refusal(500, "the server broke")
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _refusal(401, "Incorrect API key provided")
        body = await request.json()
        if body.get("model") != MODEL:
            return _refusal(404, "The model does not exist")
        return self._reply(body)

    def _reply(self, body: dict[str, Any]) -> Response:
        messages = body.get("messages")
        if not isinstance(messages, list) or not all(m.keys() >= {"role", "content"} for m in messages):
            return _refusal(400, "messages is malformed")
        self.requests.append(body)
        text = self.script(messages)
        if body.get("stream"):
            return StreamingResponse(self._frames(text), media_type="text/event-stream")
        usage = {"prompt_tokens": 1, "completion_tokens": len(text.split()), "total_tokens": 1 + len(text.split())}
        message = {"role": "assistant", "content": text}
        return JSONResponse(_completion("chat.completion", message=message, finish_reason="stop") | {"usage": usage})

    def _frames(self, text: str) -> Iterator[str]:
        pieces = [text[i : i + 7] for i in range(0, len(text), 7)]
        if self.fault == "early end":
            pieces = pieces[: len(pieces) * 2 // 3]
        for piece in pieces:
            yield _frame(delta={"role": "assistant", "content": piece}, finish_reason=None)
        if self.fault != "early end":
            yield _frame(delta={}, finish_reason="stop")
            yield "data: [DONE]\n\n"


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"error": {"message": message, "type": "invalid_request_error", "code": None}}, status)


def _completion(kind: str, **choice: Any) -> dict[str, Any]:
    return {"id": "c1", "object": kind, "created": 1, "model": MODEL, "choices": [{"index": 0, **choice}]}


def _frame(**choice: Any) -> str:
    return f"data: {json.dumps(_completion('chat.completion.chunk', **choice))}\n\n"


def serve() -> Iterator[FakeOpenAI]:
    """Run a server on a free port for as long as the generator is held."""
    fake = FakeOpenAI()
    app = Starlette(routes=[Route("/v1/chat/completions", fake.chat, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    fake.url = f"http://127.0.0.1:{port}/v1"
    yield fake
    server.should_exit = True
    thread.join(timeout=5)
