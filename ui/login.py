"""Signing in and out: a page of its own, before anything of Gradio's is served."""

from __future__ import annotations

import asyncio
import math
from importlib import resources
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ui.sessions import LASTS_S, Sessions, Throttle
from ui.text import attribute, escape
from ui.users import Users
from ui.words import count, language_of, word

SESSION, USER = "suroo_session", "suroo_user"
LONGEST_FORM = 8_192  # bytes


class Login:
    """Answers /login and /logout, and says who a request comes from."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._sessions = Sessions()
        self._throttle = Throttle()

    @property
    def needed(self) -> bool:
        """Whether people sign in here: where there are users."""
        return bool(self._users.names())

    def user(self, request: Request) -> str | None:
        """Who sent a request; None for nobody, and for somebody who has been removed."""
        name = self._sessions.name(request.cookies.get(SESSION))
        return name if name in self._users.names() else None

    async def respond(self, request: Request) -> Response:
        language = language_of(request)
        if request.url.path == "/logout":
            self._sessions.end(request.cookies.get(SESSION))
            return _cleared(RedirectResponse("/login", 303))
        if request.method != "POST":
            return HTMLResponse(login_html(language))
        form = parse_qs((await _body(request)).decode("utf-8", "replace"))
        name, password = (form.get(field, [""])[0] for field in ("name", "password"))
        address = request.client.host if request.client else ""
        if wait := self._throttle.wait_s(address, name):
            fault = word("wait", language, count=count("seconds", math.ceil(wait), language))
            return HTMLResponse(login_html(language, name, fault), 429, {"Retry-After": str(math.ceil(wait))})
        # Counted before it is checked, so that tries at the same moment count too.
        self._throttle.wrong(address, name)
        if not await asyncio.to_thread(self._users.check, name, password):
            return HTMLResponse(login_html(language, name, word("wrong_password", language)), 401)
        self._throttle.right(address, name)
        secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
        response = RedirectResponse("/", 303)
        lasts = int(LASTS_S)
        token = self._sessions.begin(name)
        response.set_cookie(SESSION, token, max_age=lasts, httponly=True, samesite="lax", secure=secure)
        # For the page's script, which keeps each user's conversations apart.
        response.set_cookie(USER, name, max_age=lasts, samesite="lax", secure=secure)
        return response


def login_html(language: str, name: str = "", fault: str = "") -> str:
    """The page to sign in on."""
    css = resources.files("ui").joinpath("login.css").read_text("utf-8")
    said = f'<p role="alert">{escape(fault)}</p>' if fault else ""
    button, user, password, title = (escape(word(code, language)) for code in ("sign_in", "user", "password", "title"))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title} — {button}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{css}</style></head><body><main>'
        f'<form method="post" action="/login"><h1>{title}</h1>{said}<label>{user}<input name="name" '
        f'value="{attribute(name)}" autocomplete="username" required autofocus></label><label>{password}'
        '<input name="password" type="password" autocomplete="current-password" required></label>'
        f"<button>{button}</button></form></main></body></html>"
    )


async def _body(request: Request) -> bytes:
    """The body of a request, or as much of it as a form may have."""
    found = b""
    async for chunk in request.stream():
        found += chunk
        if len(found) > LONGEST_FORM:
            break
    return found[:LONGEST_FORM]


def _cleared(response: Response) -> Response:
    for name in (SESSION, USER):
        response.delete_cookie(name)
    return response
