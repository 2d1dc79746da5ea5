"""The bilingual lexical index: BM25 over concepts (synonym sets that cross languages), incremental and saved.

An index is a value: `with_changes` gives a new one that shares what has not changed, so a reader keeps the state that
it began with while a writer moves on. Passages lie in segments, which are never altered: a removed passage is marked in
a segment's `alive`, and small segments are merged now and then.

Score of a passage for a question: the sum over concepts of idf · tf·(k1+1) / (tf + k1·(1 - b + b·length/mean)), with
tf the weighted count of the concept's terms; and, for the passages that this puts in front, what the best of its
sentences carries: the largest sum, over the concepts in one sentence, of idf · the weight of the best term that met.
Words that only go with a concept's say little in a passage and more in a sentence, where they stand close together.
df is the sum of min(1, tf), so that a passage with a doubtful translation counts for less than one with the word; idf
leans on how common the word is in the training texts too, since a small library knows little of that. Sources:
Robertson & Zaragoza 2009 for BM25, Darwish & Oard 2003 for counting a synonym set as one word.
"""

from __future__ import annotations

import hashlib
import json
import math
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.bilingual.concepts import Concept
from rag.disk import write_atomically
from rag.segments import LANGUAGES, SENTENCES, Mask, Segment
from rag.steps import reached
from rag.text.spelling import Spellings
from rag.types import Passage

K1 = 1.2
B = 0.75
GENERAL = 0.3  # share of idf that comes from the training texts
BEST_SENTENCE = 1.0  # weight of the best sentence beside the whole passage
RELATED = (
    0.5  # what a word that only goes with a concept's counts for in the passage; in its best sentence, it is whole
)
FRONT = 100  # passages whose sentences are looked at, at least
MERGE_BELOW = 8  # a size class of segments is merged when it has this many
FORMAT = 3
# Shape (65536, SENTENCES): row n has 1 where n has a bit, for looking up the sentences of many passages at once.
_BITS = (np.arange(1 << SENTENCES)[:, None] >> np.arange(SENTENCES) & 1).astype(np.float32)

# Of a term in a segment: the term, the number of the segment's first passage, and of each posting passage and count.
_Postings = tuple[str, int, NDArray[np.uint32], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that the index found: its place in the text, and its score."""

    id: str
    document_id: str
    start: int
    end: int
    language: str
    score: float


@dataclass(frozen=True)
class LexicalIndex:
    """An index at `revision` of the record, made with the analyser and table named `stamp`."""

    stamp: str
    revision: int = 0
    segments: tuple[Segment, ...] = ()
    alive: tuple[Mask, ...] = ()

    # ---- what is in it

    @cached_property
    def size(self) -> int:
        """The number of living passages."""
        return int(sum(a.sum() for a in self.alive))

    def passage_counts(self) -> dict[str, int]:
        """Document id → number of its passages."""
        counts: dict[str, int] = {}
        for segment, alive in zip(self.segments, self.alive, strict=True):
            for document, at in segment.documents.items():
                if n := int(alive[at].sum()):
                    counts[document] = counts.get(document, 0) + n
        return counts

    def ids(self) -> set[str]:
        """The living passages."""
        return set(self._places)

    def place(self, passage_id: str) -> Found | None:
        """Where a passage stands, with score 0, or None where it is not in the index."""
        at = self._places.get(passage_id)
        return self._found(at, 0.0) if at is not None else None

    def passes(self, passage_id: str, mask: Mask) -> bool:
        """Whether a passage is in the index and in `mask`."""
        at = self._places.get(passage_id)
        return at is not None and bool(mask[at])

    # ---- changing

    def with_changes(
        self, revision: int, added: Sequence[tuple[Passage, str | None]], removed: Iterable[str]
    ) -> LexicalIndex:
        """The index at `revision`: without the documents `removed`, with the passages `added` (and their dates).

        The documents that passages are added of must be among the removed where an older version may be in it.
        """
        passages = [p for p, _ in added]
        segment = Segment.build(passages, [d for _, d in added]) if added else None
        return self.with_segment(revision, segment, removed)

    def with_segment(self, revision: int, added: Segment | None, removed: Iterable[str]) -> LexicalIndex:
        """`with_changes`, where the passages that are added were put in a segment before."""
        alive = list(self.alive)
        for document in removed:
            for i, segment in enumerate(self.segments):
                if document in segment.documents:
                    if alive[i] is self.alive[i]:
                        alive[i] = alive[i].copy()
                    alive[i][segment.documents[document]] = False
        segments = list(self.segments)
        if added is not None:
            segments.append(added)
            alive.append(np.ones(len(added.passages), dtype=bool))
        return LexicalIndex(self.stamp, revision, *_tidy(segments, alive))

    # ---- asking

    def search(self, concepts: Sequence[Concept], k: int, mask: Mask | None = None) -> list[Found]:
        """The `k` best passages for the concepts, best first, ties by id; none with score 0. `mask` from `mask()`."""
        idfs, scores = self._whole(concepts)
        front = _best(scores, max(k, FRONT), mask)
        scores = scores[front] + BEST_SENTENCE * self._best_sentences(concepts, idfs, front)
        best = _best(scores, k)
        found = [self._found(int(front[i]), float(scores[i])) for i in best]
        return sorted(found, key=lambda f: (-f.score, f.id))[:k]

    def _whole(self, concepts: Sequence[Concept]) -> tuple[list[float], NDArray[np.float64]]:
        """idf of each concept, and BM25 of every passage, removed ones 0."""
        total = np.zeros(len(self._alive))
        idfs = []
        for concept in concepts:
            at, tf = self._tf(passage_weights(concept))
            # In whole numbers, so that the order of the passages does not show in the sum.
            df = float(np.minimum(tf * 1024, 1024).astype(np.int64).sum()) / 1024
            idf = self._idf(concept, df) if df else 0.0
            idfs.append(idf)
            total[at] += idf * tf * (K1 + 1) / (tf + self._norm[at])
        return idfs, total

    def _idf(self, concept: Concept, df: float) -> float:
        here = math.log(1 + (self.size - df + 0.5) / (df + 0.5))
        return (1 - GENERAL) * here + GENERAL * concept.rarity * math.log(1 + self.size)

    def _best_sentences(
        self, concepts: Sequence[Concept], idfs: Sequence[float], at: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """What the best sentence of each passage of `at` carries of the concepts."""
        columns = {term: i for i, term in enumerate(dict.fromkeys(t for c in concepts for t in (*c.terms, *c.related)))}
        weights = np.zeros((len(columns), len(concepts)))
        for number, concept in enumerate(concepts):
            for term, weight in (concept.terms | concept.related).items():
                weights[columns[term], number] = weight
        met = np.zeros((len(concepts), len(at), SENTENCES))  # the weight of the heaviest term in each sentence
        bounds = np.searchsorted(at, [*self._bases, len(self._alive)]).tolist()
        for segment, base, first, last in zip(self.segments, self._bases, bounds, bounds[1:], strict=False):
            if first < last:
                owner, column, places = segment.met(columns, at[first:last] - base)
                entry, of = np.nonzero(weights[column])
                one, sentence = np.nonzero(_BITS[places[entry]])
                entry, of = entry[one], of[one]
                flat = np.ravel_multi_index((of, owner[entry] + first, sentence), met.shape)
                np.maximum.at(met.reshape(-1), flat, weights[column[entry], of])
        return np.asarray(np.einsum("c,cps->ps", np.asarray(idfs), met).max(axis=1), dtype=np.float64)

    def _tf(self, weights: Mapping[str, float]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The living passages that have any of the terms, and the weighted count of these in each."""
        found = list(self._postings(weights))
        if not found:
            return np.zeros(0, dtype=np.intp), np.zeros(0)
        lengths = [len(postings) for _, _, postings, _ in found]
        counts = np.concatenate([counts for *_, counts in found]) * np.repeat([weights[t] for t, *_ in found], lengths)
        tf = np.bincount(_passages(found, lengths), counts, len(self._alive))
        at = np.flatnonzero(tf > 0)  # twice as quick as of numbers
        at = at[self._alive[at]]
        return at, np.asarray(tf[at], dtype=np.float64)

    def _postings(self, terms: Iterable[str]) -> Iterator[_Postings]:
        parts = [(base, s, s.rows) for base, s in zip(self._bases, self.segments, strict=True)]
        for term in terms:
            for base, segment, rows in parts:
                row = rows.get(term)
                if row is not None:
                    span = slice(segment.starts[row], segment.starts[row + 1])
                    yield term, base, segment.postings[span], segment.counts[span]

    def document_frequency(self, concept: Concept) -> int:
        """In how many passages any of the concept's terms is."""
        found = list(self._postings(concept.terms))
        there = np.zeros(len(self._alive), dtype=bool)
        if found:
            there[_passages(found, [len(postings) for _, _, postings, _ in found])] = True
        return int(np.count_nonzero(there & self._alive))

    def passages_with(self, term: str) -> int:
        """In how many passages an index term is, removed ones included."""
        rows = ((segment, segment.rows.get(term)) for segment in self.segments)
        return sum(int(s.starts[row + 1] - s.starts[row]) for s, row in rows if row is not None)

    def spellings(self) -> Iterator[Spellings]:
        """The words of the passages, segment by segment, to be asked for the nearest of a misspelt one."""
        return (segment.spellings for segment in self.segments)

    def mask(
        self,
        languages: Sequence[str] | None = None,
        since: int = 0,
        until: int = 0,
        documents: set[str] | None = None,
    ) -> Mask:
        """Which passages pass a filter; `since` and `until` are YYYYMMDD and inclusive, 0 for none."""
        keep = np.ones(len(self._alive), dtype=bool)
        if languages is not None:
            wanted = [LANGUAGES.index(name) for name in languages if name in LANGUAGES]
            keep &= np.isin(self._joined("languages"), wanted)
        if since or until:
            dates = self._joined("dates")
            keep &= (dates >= max(since, 1)) & (dates <= (until or 99999999))
        if documents is not None:
            chosen = np.zeros(len(keep), dtype=bool)
            for base, segment in zip(self._bases, self.segments, strict=True):
                for document in documents & segment.documents.keys():
                    chosen[np.array(segment.documents[document]) + base] = True
            keep &= chosen
        return keep

    # ---- keeping

    def save(self, folder: Path) -> None:
        """Write what is new, then point the manifest at it in one move; an interrupted save leaves the old state."""
        folder.mkdir(parents=True, exist_ok=True)
        # Another analyser gives other segments to the same passages, so its name is in theirs.
        made_by = hashlib.sha256(self.stamp.encode()).hexdigest()[:8]
        parts = []
        for segment, alive in zip(self.segments, self.alive, strict=True):
            name = f"{segment.checksum}-{made_by}.npz"
            if not (folder / name).exists():
                write_atomically(folder / name, segment.to_bytes())
            parts.append({"file": name, "removed": np.flatnonzero(~alive).tolist()})
        reached("save index")
        manifest = {"format": FORMAT, "stamp": self.stamp, "revision": self.revision, "segments": parts}
        write_atomically(folder / "manifest.json", json.dumps(manifest).encode())
        kept = {part["file"] for part in parts}
        for path in folder.glob("*.npz"):
            if path.name not in kept:
                path.unlink(missing_ok=True)

    @classmethod
    def open(cls, folder: Path, stamp: str) -> LexicalIndex:
        """The saved index, or an empty one where none was saved, it is damaged, or it was made by another analyser."""
        try:
            manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
            if manifest["format"] != FORMAT or manifest["stamp"] != stamp:
                return cls(stamp)
            segments = tuple(Segment.from_file(folder / part["file"]) for part in manifest["segments"])
            alive = []
            for segment, part in zip(segments, manifest["segments"], strict=True):
                living = np.ones(len(segment.passages), dtype=bool)
                living[part["removed"]] = False
                alive.append(living)
            return cls(stamp, int(manifest["revision"]), segments, tuple(alive))
        except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError, zipfile.BadZipFile):
            return cls(stamp)

    # ---- inside

    @cached_property
    def _bases(self) -> list[int]:
        return [0, *np.cumsum([len(s.passages) for s in self.segments]).tolist()][: len(self.segments)]

    @cached_property
    def _alive(self) -> Mask:
        return np.concatenate(self.alive) if self.alive else np.zeros(0, dtype=bool)

    @cached_property
    def _norm(self) -> NDArray[np.float32]:
        lengths = self._joined("lengths").astype(np.float64)
        mean = float(lengths[self._alive].sum()) / max(self.size, 1) or 1.0
        return np.asarray(K1 * (1 - B + B * lengths / mean), dtype=np.float32)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {
            passage[0]: base + i
            for base, segment, alive in zip(self._bases, self.segments, self.alive, strict=True)
            for i, passage in enumerate(segment.passages)
            if alive[i]
        }

    def _joined(self, name: str) -> NDArray[np.integer]:
        parts = [getattr(segment, name) for segment in self.segments]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def _found(self, at: int, score: float) -> Found:
        n = bisect_right(self._bases, at) - 1
        segment, i = self.segments[n], at - self._bases[n]
        return Found(*segment.passages[i], LANGUAGES[segment.languages[i]], score)


def _passages(found: Sequence[_Postings], lengths: Sequence[int]) -> NDArray[np.intp]:
    """The numbers in the index of the passages in postings of these lengths."""
    bases = np.repeat(np.array([base for _, base, _, _ in found], dtype=np.intp), lengths)
    return np.asarray(bases + np.concatenate([postings for _, _, postings, _ in found]))


def passage_weights(concept: Concept) -> dict[str, float]:
    """What each term of a concept counts for in a passage."""
    weights = dict(concept.terms)
    for term, weight in concept.related.items():
        own = weights.get(term, 0.0)
        weights[term] = own + RELATED * (weight - own)
    return weights


def _best(scores: NDArray[np.float64], k: int, mask: Mask | None = None) -> NDArray[np.intp]:
    """Where the `k` best scores in `mask` stand, ascending; all that tie with the last of them too, none that is 0.

    Without the ties the order of insertion would decide.
    """
    at = np.flatnonzero(scores > 0 if mask is None else (scores > 0) & mask)
    scores = scores[at]
    return at[scores >= np.partition(scores, -k)[-k]] if 0 < k < len(at) else at


def _tidy(segments: list[Segment], alive: list[Mask]) -> tuple[tuple[Segment, ...], tuple[Mask, ...]]:
    """Drop segments with nothing alive; merge those of one size class (powers of 8) when there are many."""
    living = [(s, a) for s, a in zip(segments, alive, strict=True) if a.any()]
    while True:
        classes: dict[int, list[tuple[Segment, Mask]]] = {}
        for pair in living:
            classes.setdefault(int(math.log(max(int(pair[1].sum()), 1), MERGE_BELOW)), []).append(pair)
        crowded = next((group for _, group in sorted(classes.items()) if len(group) >= MERGE_BELOW), None)
        if crowded is None:
            return tuple(s for s, _ in living), tuple(a for _, a in living)
        merged = Segment.merge([s for s, _ in crowded], [a for _, a in crowded])
        gone = {id(s) for s, _ in crowded}
        living = [pair for pair in living if id(pair[0]) not in gone]
        living.append((merged, np.ones(len(merged.passages), dtype=bool)))
