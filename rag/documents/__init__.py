"""From a file to a `Document`.

`readers.py` has one reader a format and takes out page furniture; what else holds for every format is done here, once:
which files are read, hashing, limits, the title and the language of a text.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.documents.content import MOST_CHARACTERS, Content
from rag.documents.decode import clean, mixed_script
from rag.documents.readers import ALIASES, READERS, TRUSTED, format_of, read
from rag.documents.sandbox import TIME_S, Sandbox
from rag.errors import NotADocument, Unreadable
from rag.text.language import text_language
from rag.text.sentences import sentences
from rag.types import Document

SUFFIXES = frozenset(READERS) | frozenset(ALIASES)
MOST_BYTES = 64 * 1024**2
LONGEST_HEADLINE = 300
LONGEST_MADE_TITLE = 90


@dataclass(frozen=True, slots=True)
class Read:
    """A document as read, with remarks: keys under `note.` in the locales and what fills them in."""

    document: Document
    notes: tuple[tuple[str, str], ...] = ()


def document_id(name: str) -> str:
    """The stable id of a document that goes by `name`, its resolved path or its caller's id: 16 hex digits."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def find_files(paths: Iterable[Path]) -> Iterator[Path | Unreadable]:
    """The files under `paths`, resolved, sorted within a folder; hidden ones are left out.

    A path that was named itself is given whatever it is, so that reading it can say what is wrong with it. A link out
    of its folder, or a folder that can't be listed, is given as the `Unreadable` that says why.
    """
    for path in paths:
        root = Path(os.path.realpath(path))  # unlike Path.resolve, it does not raise on a link that leads to itself
        if not root.is_dir():
            yield root
            continue
        problems: list[OSError] = []
        for folder, folders, files in os.walk(root, onerror=problems.append):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if name.startswith("."):
                    continue
                file = os.path.join(folder, name)
                if not os.path.islink(file):  # the folder is no link either, so this is its real path
                    yield Path(file)
                    continue
                target = Path(os.path.realpath(file))
                if not target.is_relative_to(root):
                    yield NotADocument(printable(Path(file)), "outside")
                else:
                    yield target if target.exists() else Unreadable(printable(Path(file)), "missing")
        for error in problems:
            yield Unreadable(printable(Path(error.filename)), "os", why=error.strerror or str(error))


def load(path: Path) -> bytes:
    """The bytes of a file that may be a document. Raises `NotADocument` or `Unreadable`."""
    name = printable(path)
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: a null in the name
        raise Unreadable(name, "missing") from error
    except OSError as error:
        raise _refused(name, error) from error
    if not stat.S_ISREG(found.st_mode):
        raise NotADocument(name, "not_a_file")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise NotADocument(name, "kind", suffix=suffix or path.name, kinds=", ".join(sorted(READERS)))
    if found.st_size > MOST_BYTES:
        raise Unreadable(name, "too_large", most=MOST_BYTES // 1024**2)
    try:
        return path.read_bytes()
    except OSError as error:
        raise _refused(name, error) from error


def _refused(name: str, error: OSError) -> Unreadable:
    return Unreadable(name, "os", why=error.strerror or str(error))


def parse(path: Path, data: bytes, sandbox: Sandbox, *, sample: bool = False) -> Read:
    """The document that the bytes of the file `path` hold. Raises `Unreadable`."""
    name = printable(path)
    suffix = path.suffix.lower()
    format = format_of(suffix, data)
    content = read(format, data) if format in TRUSTED else sandbox.read(format, data)
    if content.problem:
        raise Unreadable(name, content.problem, seconds=round(TIME_S), most=MOST_CHARACTERS)
    if len(content.text) > MOST_CHARACTERS:
        raise Unreadable(name, "too_long", most=MOST_CHARACTERS)
    notes = content.notes
    if format != ALIASES.get(suffix, suffix):
        notes += (("format", format),)
    document = Document(
        id=str(path),
        text=content.text,
        title=content.title or headline(content) or printable(Path(path.stem)),
        path=name,
        date=content.date,
        source=content.source,
        sha256=hashlib.sha256(data).hexdigest(),
        sample=sample,
    )
    document = complete(document)
    if mixed := mixed_script(document.text):
        notes += (("mixed_script", f"{', '.join(mixed[:3])} ({len(mixed)})"),)
    return Read(document, notes)


def complete(document: Document) -> Document:
    """`document` as a library keeps it: clean text, and id, hash, language and time of adding filled in."""
    text = clean(document.text)
    if not text.strip():
        raise Unreadable(document.path or document.id, "empty")
    given = {**asdict(document), "added": None}
    return Document(
        id=document_id(document.id),
        text=text,
        title=clean(document.title or "").strip() or None,
        path=document.path or printable(Path(document.id)),
        date=document.date,
        language=document.language or text_language(text),
        source=clean(document.source or "").strip() or None,
        sha256=document.sha256 or hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest(),
        added=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        sample=document.sample,
    )


def headline(content: Content) -> str | None:
    """The first line, where it does not end like a sentence and more follows; else the first words of the text."""
    first, _, rest = content.text.strip().partition("\n")
    first = first.strip()
    if rest.strip() and 3 <= len(first) <= LONGEST_HEADLINE and not re.search(r"[.!?;:,…]$", first):
        return first
    opening = next((content.text[a:b] for a, b in sentences(content.text[:2000])), "")
    opening = " ".join(opening.split())
    if len(opening) <= LONGEST_MADE_TITLE:
        return opening.rstrip(".") or None
    return opening[:LONGEST_MADE_TITLE].rsplit(" ", 1)[0] + "…"


def printable(path: Path) -> str:
    """A path as text for any terminal, page and JSON: what can't be shown as it is, is shown as \\x.. or \\u...."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
