"""What can go wrong in serving the page; the words are with the rest of `rag/locales`."""

from __future__ import annotations

from rag.errors import SurooError
from rag.messages import say


class NoUsers(SurooError):
    """`host`: an address that others could reach, while there is nobody who may sign in."""

    code = "no_users"


class PortTaken(SurooError):
    """`host`, `port`."""

    code = "port_taken"


class BadUser(SurooError):
    """`name`; `problem` is a key under `user.` in the locales, filled in by the rest."""

    code = "bad_user"

    def __init__(self, problem: str, **values: object) -> None:
        self.problem = problem
        super().__init__(**values)

    def text(self, language: str) -> str:
        return say("error.bad_user", language, why=say(f"user.{self.problem}", language, **self.values))
