"""A segment of the lexical index: a batch of passages and their postings, never altered once it is made."""

from __future__ import annotations

import datetime
import hashlib
import io
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from rag.bilingual.concepts import placed_terms
from rag.text.sentences import sentences
from rag.text.spelling import Spellings
from rag.types import Passage

LANGUAGES = ("en", "ru", "other")
SENTENCES = 16  # told apart in a passage: bits of `places`; the last stands for all that follow it too

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Analysed(Passage):
    """A passage with its index terms worked out, for the index and the vectors both."""

    terms: list[tuple[str, int]]

    @classmethod
    def of(cls, p: Passage) -> Analysed:
        return cls(p.id, p.document_id, p.start, p.end, p.text, p.language, placed_terms(p.text))


@dataclass(frozen=True)
class Segment:
    """Passages and their postings, both ways round.

    The passages with term row `i` are `postings[starts[i]:starts[i+1]]`; the term rows of passage `i` are
    `terms[bounds[i]:bounds[i+1]]`.
    """

    passages: list[tuple[str, str, int, int]]  # id, document id, start, end
    languages: NDArray[np.uint8]
    dates: NDArray[np.int32]  # YYYYMMDD, 0 where unknown
    lengths: NDArray[np.uint32]  # words, without values and name keys
    rows: dict[str, int]
    starts: NDArray[np.int64]
    postings: NDArray[np.uint32]
    counts: NDArray[np.uint8]  # of each posting
    bounds: NDArray[np.int64]
    terms: NDArray[np.uint32]
    places: NDArray[np.uint16]  # of each of `terms`; bit i: the term stands in the passage's sentence i

    @cached_property
    def documents(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for i, passage in enumerate(self.passages):
            found.setdefault(passage[1], []).append(i)
        return found

    @cached_property
    def spellings(self) -> Spellings:
        """The words that its passages have, to be asked for the nearest of a misspelt one."""
        return Spellings(self.rows)

    def met(
        self, columns: Mapping[str, int], passages: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint16]]:
        """Where the terms of `columns` stand in `passages`: which of these, the term's column, and its places there."""
        column_of = np.full(len(self.rows), -1)
        for term, column in columns.items():
            row = self.rows.get(term)
            if row is not None:
                column_of[row] = column
        first = self.bounds[passages]
        lengths = self.bounds[passages + 1] - first
        owner = np.repeat(np.arange(len(passages)), lengths)
        entries = np.arange(len(owner)) + np.repeat(first - (np.cumsum(lengths) - lengths), lengths)
        column = column_of[self.terms[entries]]
        there = np.flatnonzero(column >= 0)
        return owner[there], column[there], self.places[entries[there]]

    @cached_property
    def checksum(self) -> str:
        return hashlib.sha256("\n".join(p[0] for p in self.passages).encode()).hexdigest()[:24]

    @classmethod
    def build(cls, passages: Sequence[Passage], dates: Sequence[str | None]) -> Segment:
        rows: dict[str, int] = {}
        row_of, passage_of, count_of, place_of, lengths = [], [], [], [], []
        for i, passage in enumerate(passages):
            counts: dict[str, int] = {}
            places: dict[str, int] = {}
            begins = [start for start, _ in sentences(passage.text)][1:SENTENCES]
            for term, at in passage.terms if isinstance(passage, Analysed) else placed_terms(passage.text):
                bit = 1 << bisect_right(begins, at)
                if term in counts:
                    counts[term] += 1
                    places[term] |= bit
                else:
                    counts[term], places[term] = 1, bit
            for term, count in counts.items():
                row_of.append(rows.setdefault(term, len(rows)))
                passage_of.append(i)
                count_of.append(min(count, 255))
                place_of.append(places[term])
            lengths.append(sum(count for term, count in counts.items() if term[0] not in "#@~"))
        order = np.argsort(np.array(row_of, dtype=np.int64), kind="stable")
        return cls(
            [(p.id, p.document_id, p.start, p.end) for p in passages],
            np.array([LANGUAGES.index(p.language) for p in passages], dtype=np.uint8),
            np.array([date_number(d) for d in dates], dtype=np.int32),
            np.array(lengths, dtype=np.uint32),
            rows,
            _bounds(np.bincount(row_of, minlength=len(rows))),
            np.array(passage_of, dtype=np.uint32)[order],
            np.array(count_of, dtype=np.uint8)[order],
            _bounds(np.bincount(passage_of, minlength=len(passages))),
            np.array(row_of, dtype=np.uint32),
            np.array(place_of, dtype=np.uint16),
        )

    @classmethod
    def merge(cls, segments: Sequence[Segment], alive: Sequence[Mask]) -> Segment:
        """One segment of the living passages of several."""
        rows: dict[str, int] = {}
        row_parts, passage_parts, count_parts, length_parts, term_parts, place_parts = [], [], [], [], [], []
        base = 0
        for segment, living in zip(segments, alive, strict=True):
            renumbered = np.cumsum(living) - 1 + base
            to_row = np.array([rows.setdefault(term, len(rows)) for term in segment.rows], dtype=np.int64)
            row = np.repeat(to_row, np.diff(segment.starts))
            kept = living[segment.postings]
            row_parts.append(row[kept])
            passage_parts.append(renumbered[segment.postings[kept]].astype(np.uint32))
            count_parts.append(segment.counts[kept])
            lengths = np.diff(segment.bounds)
            kept = np.repeat(living, lengths)
            length_parts.append(lengths[living])
            term_parts.append(to_row[segment.terms[kept]].astype(np.uint32))
            place_parts.append(segment.places[kept])
            base += int(living.sum())
        row_of = np.concatenate(row_parts)
        order = np.argsort(row_of, kind="stable")
        kept_passages = [
            p
            for s, living in zip(segments, alive, strict=True)
            for p, lives in zip(s.passages, living, strict=True)
            if lives
        ]
        pairs = list(zip(segments, alive, strict=True))
        return cls(
            kept_passages,
            np.concatenate([s.languages[a] for s, a in pairs]),
            np.concatenate([s.dates[a] for s, a in pairs]),
            np.concatenate([s.lengths[a] for s, a in pairs]),
            rows,
            _bounds(np.bincount(row_of, minlength=len(rows))),
            np.concatenate(passage_parts)[order],
            np.concatenate(count_parts)[order],
            _bounds(np.concatenate(length_parts)),
            np.concatenate(term_parts),
            np.concatenate(place_parts),
        )

    def to_bytes(self) -> bytes:
        file = io.BytesIO()
        passages = "\n".join(f"{id}\t{document}\t{start}\t{end}" for id, document, start, end in self.passages)
        np.savez(
            file,
            passages=np.frombuffer(passages.encode(), dtype=np.uint8),
            vocabulary=np.frombuffer("\n".join(self.rows).encode(), dtype=np.uint8),
            **{name: getattr(self, name) for name in _ARRAYS},
        )
        return file.getvalue()

    @classmethod
    def from_file(cls, file: Path | IO[bytes]) -> Segment:
        with np.load(file, allow_pickle=False) as data:
            passages = [line.split("\t") for line in bytes(data["passages"]).decode().split("\n")]
            terms = bytes(data["vocabulary"]).decode().split("\n")
            return cls(
                passages=[(id, document, int(start), int(end)) for id, document, start, end in passages],
                rows={term: i for i, term in enumerate(terms)},
                **{name: data[name] for name in _ARRAYS},
            )


_ARRAYS = ("languages", "dates", "lengths", "starts", "postings", "counts", "bounds", "terms", "places")


def _bounds(lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """Where runs of these lengths begin and the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def date_number(date: str | None) -> int:
    """An ISO date as a number ("2025-02-07" is 20250207); 0 for None or what is no date."""
    try:
        return int(datetime.date.fromisoformat(date or "").strftime("%Y%m%d"))
    except ValueError:
        return 0
