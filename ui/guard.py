"""Stands before everything that is served: who may ask for what, from where, how much, and under which policy.

What is not listed here does not exist for the outside, whatever Gradio offers.
"""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.library import EACH_MB
from ui.login import Login
from ui.uploads import TOTAL_MB, refusal
from ui.words import language_of, word

LOOPBACK = ("127.0.0.1", "localhost", "::1")
JOIN, UPLOAD = "/gradio_api/queue/join", "/gradio_api/upload"
ENDPOINTS = {
    "GET": (
        "/",
        "/config",
        "/favicon.ico",
        "/theme.css",
        "/assets/",
        "/static/",
        "/gradio_api/heartbeat/",
        "/gradio_api/queue/data",
        "/gradio_api/startup-events",
        "/gradio_api/upload_progress",
    ),
    "POST": (JOIN, UPLOAD, "/gradio_api/cancel", "/gradio_api/reset", "/gradio_api/run/predict"),
}
SIGNING = {"/login": ("GET", "POST"), "/logout": ("POST",)}
LONGEST_BODY = 8 * 1024**2  # bytes of a request that is no upload
USER_HEADER = b"x-suroo-user"
POLICY = "; ".join(
    (
        "default-src 'self'",
        "connect-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Gradio's page is made of both
        "script-src-attr 'none'",  # but no attribute of any element is a script
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "form-action 'self'",
        "frame-src 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'self'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not "no-referrer": with it a browser sends "Origin: null" with a form, and nobody could sign in.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """An ASGI app around `app`."""

    def __init__(self, app: ASGIApp, login: Login) -> None:
        self._app = app
        self._login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            request = Request(scope, receive)
            guarded = _Guarded(request, send)
            response = await self._response(request)
            if response is not None:
                await response(scope, receive, guarded.send)
            else:
                await self._app(scope, guarded.receive, guarded.send)

    async def _response(self, request: Request) -> Response | None:
        """What is said in place of the app; None where the app may answer."""
        path, method = request.url.path, request.method
        needed = self._login.needed
        if not _from_here(request, anywhere=needed):
            return PlainTextResponse("", 403)
        if needed and method in SIGNING.get(path, ()):
            return await self._login.respond(request)
        if not listed(method, path):
            return PlainTextResponse("", 404)
        user = self._login.user(request) if needed else None
        headers = [(name, value) for name, value in request.scope["headers"] if name != USER_HEADER]
        request.scope["headers"] = headers + ([(USER_HEADER, user.encode())] if user else [])
        if needed and user is None:
            return RedirectResponse("/login", 303) if path == "/" else PlainTextResponse("", 401)
        return _too_much(request)


class _Guarded:
    """The two ends of a connection: counts what comes in, and puts the policy on what goes out."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request = request
        self._send = send
        self._busy = False
        self._first = b""  # what is put at the head of the page: a script that must run before Gradio's

    async def receive(self) -> MutableMapping[str, Any]:
        return await self._request.receive()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name in [n for n in headers if n.startswith("access-control-")]:
                del headers[name]
            headers.update(HEADERS)
            # Gradio says a full queue in English only, and its page makes up words of its own for the status 503.
            self._busy = message["status"] == 503 and self._request.url.path == JOIN
            if self._request.url.path == "/" and message["status"] == 200 and "content-length" in headers:
                first = resources.files("ui").joinpath("language.js").read_bytes()
                self._first = b"<script>" + first + b"</script>"
                headers["content-length"] = str(int(headers["content-length"]) + len(self._first))
                message = {**message, "headers": headers.raw}
            if self._busy:
                body = self._busy_body()
                headers["content-length"] = str(len(body))
                headers["retry-after"] = "5"
                message = {**message, "status": 429, "headers": headers.raw}
        elif self._first:
            body = message.get("body", b"")
            if b"<head>" in body:
                message = {**message, "body": body.replace(b"<head>", b"<head>" + self._first, 1)}
                self._first = b""
        elif self._busy:
            body = b"" if message.get("more_body") else self._busy_body()
            message = {**message, "body": body}
        await self._send(message)

    def _busy_body(self) -> bytes:
        return json.dumps({"detail": word("busy", language_of(self._request))}).encode()


def listed(method: str, path: str) -> bool:
    """Whether there is such an endpoint."""
    there = ENDPOINTS.get("GET" if method == "HEAD" else method, ())
    return any(path == each or (each.endswith("/") and each != "/" and path.startswith(each)) for each in there)


def _from_here(request: Request, *, anywhere: bool) -> bool:
    """Whether a request comes from the page itself, or is somebody who opens it.

    Without users only this machine's own names are answered to, so that a foreign name that leads here (DNS rebinding)
    gets nothing.
    """
    host = request.headers.get("host", "")
    if not anywhere and urlsplit(f"//{host}").hostname not in LOOPBACK:
        return False
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        return False
    opens = request.method in ("GET", "HEAD") and request.url.path in ("/", "/login")
    return opens or request.headers.get("sec-fetch-site") not in ("cross-site", "same-site")


def _too_much(request: Request) -> Response | None:
    if request.method != "POST":
        return None
    given = request.headers.get("content-length", "")
    if not given.isdigit():
        return PlainTextResponse("", 411)
    if request.url.path != UPLOAD:
        return PlainTextResponse("", 413) if int(given) > LONGEST_BODY else None
    if why := refusal(int(given)):
        said = word(why, language_of(request), each=EACH_MB, total=TOTAL_MB)
        return JSONResponse({"detail": said}, 413)
    return None
