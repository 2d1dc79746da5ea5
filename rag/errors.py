"""What can go wrong, as one tree. Each message says what happened, to what, and what to do next, in both languages.

    SurooError
    ├── BadSettings          a setting has a value that can't be used
    ├── UnknownDocument      no document, or more than one, goes by that name
    ├── LibraryBusy          another process is writing
    ├── BadLibrary           the record can't be opened
    │   ├── DatabaseUnreachable  its PostgreSQL does not answer, or refuses
    │   └── NoDriver         what speaks to PostgreSQL is not installed
    ├── DiskFull             there is no room to write
    ├── StoreFailed          the vectors can't be written or read
    │   └── StoreUnreachable Chroma's server does not answer, or fails
    ├── VectorsMissing       (said, not raised) passages are found by words alone for now
    ├── OtherEmbedding       the vectors were made by another model
    ├── BadTable             a translation table can't be read
    ├── BadGlossary          a line of the user's glossary is not one
    ├── Unreadable           a file can't be read as a document
    │   └── NotADocument     it is not a kind of file that is read
    ├── BadCase              a line of a file of gold questions is not one
    ├── BadRun               a folder can't be used as a run of the evaluation
    ├── BadFloors            a file of floors for the evaluation can't be used
    └── ModelFault           the model's server did not answer as it should

The words are in `locales/*.json` under `error.<code>`.
"""

from __future__ import annotations

from typing import ClassVar

from rag.messages import say


class SurooError(Exception):
    """Base of all. `code` names the message; the keyword arguments fill it in. `str()` is English."""

    code: ClassVar[str]

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """The message in "en" or "ru"."""
        return say(f"error.{self.code}", language, **self.values)


class BadSettings(SurooError):
    code = "bad_settings"


class UnknownDocument(SurooError):
    """`name`; `count` is 0 for none, or how many it could be."""

    code = "unknown_document"

    def text(self, language: str) -> str:
        code = "error.unknown_document" if not self.values["count"] else "error.ambiguous_document"
        return say(code, language, **self.values)


class LibraryBusy(SurooError):
    """`data`: the folder; `holder`: the process that writes."""

    code = "library_busy"


class BadLibrary(SurooError):
    """`path`, `why`."""

    code = "bad_library"


class DatabaseUnreachable(BadLibrary):
    """`url`, without its password; `why`."""

    code = "database_unreachable"


class NoDriver(BadLibrary):
    """`url`, without its password."""

    code = "no_driver"


class DiskFull(SurooError):
    """`path`: the folder on the full disk. What was there before is still there."""

    code = "disk_full"


class StoreFailed(SurooError):
    """`path`, `why`."""

    code = "store_failed"


class StoreUnreachable(StoreFailed):
    """`url`, without its password; `why`. What was added is in the record, and its vectors follow by themselves."""

    code = "store_unreachable"


class VectorsMissing(SurooError):
    """Said in a notice: the vectors are being made, were damaged, or Chroma's server does not answer."""

    code = "vectors_missing"


class OtherEmbedding(SurooError):
    """`path`; `have`: what made the vectors in it; `want`: what this process embeds with."""

    code = "other_embedding"


class BadTable(SurooError):
    """`path`, `why`."""

    code = "bad_table"


class BadGlossary(SurooError):
    """`path`, `line`."""

    code = "bad_glossary"


class Unreadable(SurooError):
    """A file that can't be read; `reason` is a key under `reason.` in the locales. Adding others goes on."""

    code = "unreadable"

    def __init__(self, path: str, reason: str, **values: object) -> None:
        self.reason = reason
        super().__init__(path=path, **values)

    def text(self, language: str) -> str:
        return say("error.unreadable", language, path=self.values["path"], why=self.why(language))

    def why(self, language: str) -> str:
        return say(f"reason.{self.reason}", language, **self.values)


class NotADocument(Unreadable):
    """Not a kind of file that is read, so it is skipped rather than failed."""


class BadCase(SurooError):
    """`path`, `line` (from 1), `field`; `problem` is a key under `case.` in the locales, filled in by the rest."""

    code = "bad_case"

    def __init__(self, path: object, line: int, field: str, problem: str, **values: object) -> None:
        self.problem = problem
        super().__init__(path=path, line=line, field=field, **values)

    def text(self, language: str) -> str:
        why = say(f"case.{self.problem}", language, **self.values)
        return say("error.bad_case", language, **{**self.values, "why": why})


class BadRun(SurooError):
    """`path`; `problem` is a key under `run.` in the locales, filled in by the rest."""

    code = "bad_run"

    def __init__(self, path: object, problem: str, **values: object) -> None:
        self.problem = problem
        super().__init__(path=path, **values)

    def text(self, language: str) -> str:
        return say(
            "error.bad_run", language, path=self.values["path"], why=say(f"run.{self.problem}", language, **self.values)
        )


class BadFloors(SurooError):
    """`path`; `problem` is a key under `floors.` in the locales, filled in by the rest."""

    code = "bad_floors"

    def __init__(self, path: object, problem: str, **values: object) -> None:
        self.problem = problem
        super().__init__(path=path, **values)

    def text(self, language: str) -> str:
        why = say(f"floors.{self.problem}", language, **self.values)
        return say("error.bad_floors", language, path=self.values["path"], why=why)


class ModelFault(SurooError):
    """`model` did not do what was asked of it; `fault` is a key under `fault.` in the locales.

    Retrieval's hits are still good.
    """

    code = "model_fault"

    def __init__(self, model: str, fault: str, **values: object) -> None:
        self.fault = fault
        super().__init__(model=model, **values)

    def text(self, language: str) -> str:
        why = say(f"fault.{self.fault}", language, **self.values)
        return say("error.model_fault", language, model=self.values["model"], why=why)
