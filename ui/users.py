"""Who may sign in: names with argon2 hashes, in a file that only its owner reads. The only file that knows argon2."""

from __future__ import annotations

import json
import os
import re
import threading
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from filelock import FileLock

from ui.errors import BadUser

NAME = "users.json"
SHORTEST = 8  # characters of a password
LONGEST = 1024
_USER = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
_HASHER = PasswordHasher()
_AT_ONCE = threading.Semaphore(2)  # each try takes 64 MB


class Users:
    """The users of the library in `folder`; a change of the file counts at once."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._read_at: int | None = None
        self._hashes: dict[str, str] = {}
        # What a name that nobody has is compared with, so that it takes as long.
        self._nobody = _HASHER.hash(os.urandom(16).hex())

    def names(self) -> list[str]:
        return sorted(self._known())

    def add(self, name: str, password: str) -> None:
        """Add a user, or give one another password. Raises `BadUser`."""
        if not _USER.fullmatch(name):
            raise BadUser("name", name=name)
        if not SHORTEST <= len(password) <= LONGEST:
            raise BadUser("password", name=name, least=SHORTEST, most=LONGEST)
        with FileLock(f"{self._path}.lock"):
            self._write(self._known() | {name: _HASHER.hash(password)})

    def remove(self, name: str) -> None:
        """Raises `BadUser` where there is none of that name."""
        with FileLock(f"{self._path}.lock"):
            known = self._known()
            if name not in known:
                raise BadUser("unknown", name=name)
            self._write({other: known[other] for other in known if other != name})

    def check(self, name: str, password: str) -> bool:
        """Whether `password` is that of `name`; takes as long for a name that there is not."""
        kept = self._known().get(name)
        try:
            with _AT_ONCE:
                return _HASHER.verify(kept or self._nobody, password[:LONGEST]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False

    def _known(self) -> dict[str, str]:
        """Raises `BadUser` where the file can't be read: nobody is let in by mistake."""
        try:
            at = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        if at != self._read_at:
            try:
                self._hashes = dict(json.loads(self._path.read_text("utf-8")))
            except (OSError, ValueError, TypeError) as error:
                raise BadUser("file", name=str(self._path), why=str(error)) from None
            self._read_at = at
        return dict(self._hashes)

    def _write(self, hashes: dict[str, str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_name(f".{NAME}.{os.getpid()}.tmp")
        # Made with its final mode: at no moment can others read it.
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(hashes, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self._path)
        self._read_at = None
