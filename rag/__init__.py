"""Suroo: questions in English or Russian over a folder of documents, answered with the exact words that carry them.

The names below are loaded when they are first used, so that `import rag` is instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.assistant import Assistant as Assistant
    from rag.assistant import Stream as Stream
    from rag.errors import SurooError as SurooError
    from rag.settings import Settings as Settings
    from rag.types import Answer as Answer
    from rag.types import Case as Case
    from rag.types import Citation as Citation
    from rag.types import Document as Document
    from rag.types import Entry as Entry
    from rag.types import Filter as Filter
    from rag.types import GoldSource as GoldSource
    from rag.types import Hit as Hit
    from rag.types import Notice as Notice
    from rag.types import Outcome as Outcome
    from rag.types import Passage as Passage
    from rag.types import Sentence as Sentence
    from rag.types import Stage as Stage
    from rag.types import Turn as Turn

_HOME = {
    "Assistant": "rag.assistant",
    "Stream": "rag.assistant",
    "SurooError": "rag.errors",
    "Settings": "rag.settings",
} | dict.fromkeys(
    "Answer Case Citation Document Entry Filter GoldSource Hit Notice Outcome Passage Sentence Stage Turn".split(),
    "rag.types",
)
__all__ = sorted(_HOME)  # noqa: PLE0605 (computed, and tested)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
