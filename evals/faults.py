"""What went wrong with a case, as one word: where on the way from question to cited answer it was lost.

For reading, never for deciding: it follows from the scores, and a case has one fault even where it has two. They stand
in the order in which they are read, the most harmful to somebody who quotes the answer first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evals.metrics import answerable
from evals.runs import Row

PASSED = "passed"


def _crashed(row: Row) -> bool:
    return row.error is not None


def _passed(row: Row) -> bool:
    return row.scores.get("correct") == 1.0


def _invented(row: Row) -> bool:
    """Answered where the documents are silent."""
    return not row.case.answerable and _status(row) == "answered"


def _forbidden(row: Row) -> bool:
    """States what the case says must not be stated."""
    return row.scores.get("forbidden_facts", 0.0) > 0


def _left_out(row: Row) -> bool:
    """Answered, and a key fact is missing: another answer, or half of it."""
    return _status(row) == "answered" and row.scores.get("key_facts", 1.0) < 1


def _uncited(row: Row) -> bool:
    """Says the facts, and cites something else than where they stand."""
    told = row.scores.get("key_facts", 1.0) == 1
    return _status(row) == "answered" and told and row.scores.get("gold_cited", 1.0) == 0


def _refused(row: Row) -> bool:
    """Refused, though a passage with the answer was among those found."""
    return _not_found(row) and row.scores.get("recall@10", 0.0) > 0


def _not_found(row: Row) -> bool:
    """Refused, and no passage with the answer was found."""
    return answerable(row.case) and _status(row) == "not_found"


def _other(row: Row) -> bool:
    """Another kind of reply than was wanted."""
    return True


FAULTS: dict[str, Callable[[Row], bool]] = {
    "crashed": _crashed,
    PASSED: _passed,  # asked here, so that no fault is found with a case that is right
    "invented": _invented,
    "forbidden": _forbidden,
    "uncited": _uncited,
    "left_out": _left_out,
    "refused": _refused,
    "not_retrieved": _not_found,
    "other": _other,
}
ORDER = [*(name for name in FAULTS if name != PASSED), PASSED]


def fault(row: Row) -> str:
    """The word under `FAULTS` that fits, or `PASSED`."""
    return next(name for name, fits in FAULTS.items() if fits(row))


def failures_first(rows: Sequence[Row]) -> list[tuple[str, Row]]:
    """The rows with their faults, crashed ones at the top, those that passed last."""
    return sorted(((fault(row), row) for row in rows), key=lambda pair: ORDER.index(pair[0]))


def _status(row: Row) -> str | None:
    return row.answer.status if row.answer else None
