"""Which sentences are quoted, and where the documents are found silent: `python -m evals.bench_answers XQUAD`.

XQUAD is a file of XQuAD's form. Its questions are asked without a model by evals/convert_xquad.py's documents of one
language, then where their paragraph, or its whole article, is taken out. For each direction (question → documents):

- the share of questions whose first quotation, or any, holds the answer (`first_citation` and `some_citation` of
  evals/metrics.py), once with what the evidence is too weak for counted as wrong, once with nothing refused;
- the share refused of the answerable, and of those whose paragraph or article is gone;
- AUC of the strength of the evidence, answerable against taken out (Mann–Whitney, ties half).

The thresholds in rag/answering/evidence.py are those at which 8 % of the answerable are refused: `at 8 %` prints them.
What is refused for a number or a year that the documents have otherwise is not counted here; `suroo eval run` does.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evals import convert_xquad
from evals.cases import Library, Span, gold_spans
from evals.metrics import Trial, first_citation, some_citation
from rag import Assistant, Case, Settings
from rag.answering.answer import AnswerDraft
from rag.answering.evidence import Evidence, weigh
from rag.answering.extractive import quotations
from rag.gold import read_cases

DIRECTIONS = [("en", "en"), ("ru", "ru"), ("ru", "en"), ("en", "ru")]
REFUSED = 0.08


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of an article, its evidence, and whether the first quotation made of it, or any, holds the answer."""

    article: str
    evidence: Evidence
    first: bool
    some: bool


def converted(xquad: Path, question: str, language: str, without: str | None, out: Path) -> list[Path]:
    """The folders of documents and cases that convert_xquad makes in `out`."""
    options = ["--language", language, "--questions", question, *(["--without", without] if without else [])]
    convert_xquad.main([str(xquad), str(out), *options])
    return sorted(out.iterdir()) if without else [out]


def ask(folders: Sequence[Path], data: Path) -> Iterator[Asked]:
    """The questions of `folders`, each folder's asked of its own documents; libraries are made in `data`."""
    for n, folder in enumerate(folders):
        with Assistant.open(Settings(data=data / str(n))) as suroo:
            suroo.add(folder / "documents")
            library, path = Library(suroo), folder / "cases.jsonl"
            cases = read_cases(path)
            places = gold_spans(cases, library, path)
            for case in cases:
                yield _asked(suroo, library, case, places.get(case.id, []))


def _asked(suroo: Assistant, library: Library, case: Case, gold: Sequence[Span]) -> Asked:
    engine = suroo.query_engine()  # its steps up to the evidence, and then the quotations whatever that is
    text = engine._read(case.question).text
    hits = engine._retrieve_hits(text)
    evidence = weigh(text, case.language, hits, engine._table, engine._frequency)
    draft = AnswerDraft(case.question, case.language, hits=hits)
    for hit, start, end in (quotation.quoted for quotation in quotations(evidence, hits) if quotation.quoted):
        draft.cite(hits[hit], start, end)
    trial = Trial(case, draft.done(), hits, gold, library.documents)
    return Asked(case.tags[1], evidence, bool(first_citation(trial).value), bool(some_citation(trial).value))


def auc(answerable: Sequence[float], silent: Sequence[float]) -> float:
    """The chance that an answerable question has stronger evidence than one that is not, ties counted half.

    >>> auc([0.4, 0.9], [0.4, 0.1])
    0.875
    """
    ordered = np.sort(silent)
    below = np.searchsorted(ordered, answerable, "left") + np.searchsorted(ordered, answerable, "right")
    return float(below.mean() / 2 / len(ordered))


def share(found: Iterable[bool]) -> float:
    """In per cent."""
    return 100 * float(np.mean(list(found)))


def strengths(asked: Sequence[Asked]) -> list[float]:
    return [a.evidence.strength for a in asked]


def report(direction: str, asked: Sequence[Asked], gone: Mapping[str, Sequence[Asked]]) -> Iterator[str]:
    """Lines of what is measured of one direction; `gone` has the questions whose paragraph, and article, are out."""
    articles = list(dict.fromkeys(a.article for a in asked))
    early = set(articles[: len(articles) // 2])
    first, second = (share(a.first for a in asked if (a.article in early) == half) for half in (True, False))
    yield f"{direction}, {len(asked)} questions"
    yield f"  first quotation holds the answer  {share(a.first and a.evidence.enough for a in asked):5.1f}"
    yield f"    nothing refused                 {share(a.first for a in asked):5.1f}  halves {first:.0f} / {second:.0f}"
    yield f"  some quotation does               {share(a.some and a.evidence.enough for a in asked):5.1f}"
    yield f"    nothing refused                 {share(a.some for a in asked):5.1f}"
    limit = float(np.quantile(strengths(asked), REFUSED))
    yield f"  refused, answerable               {share(not a.evidence.enough for a in asked):5.1f}  at 8 %: {limit:.3f}"
    for what, silent in gone.items():
        refused, apart = share(not a.evidence.enough for a in silent), auc(strengths(asked), strengths(silent))
        yield f"  refused, {what + ' gone':<25}{refused:5.1f}  AUC {apart:.3f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.bench_answers", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("xquad", type=Path, help="a file of XQuAD's form")
    given = parser.parse_args(arguments)
    for question, language in DIRECTIONS:
        found: dict[str | None, list[Asked]] = {}
        for without in (None, "paragraph", "article"):
            with tempfile.TemporaryDirectory() as scratch:
                folders = converted(given.xquad, question, language, without, Path(scratch) / "cases")
                found[without] = list(ask(folders, Path(scratch) / "data"))
        gone = {what: found[what] for what in ("paragraph", "article")}
        print("\n".join(report(f"{question}→{language}", found[None], gone)), flush=True)


if __name__ == "__main__":
    main()
