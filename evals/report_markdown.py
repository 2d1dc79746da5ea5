"""A run as Markdown, for a pull request or a wiki: figures, then the failures, crashed ones first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evals.escaping import escape_markdown as plain
from evals.faults import PASSED, failures_first
from evals.metrics import METRICS
from evals.runs import Row, Run
from evals.words import count, word, words

EVIDENCE = 3  # passages shown of a failure
EXCERPT = 280  # characters shown of each
Figures = Mapping[str, Mapping[str, float]]


def report_markdown(run: Run, language: str) -> str:
    """The report in "en" or "ru"."""
    failed = [(fault, row) for fault, row in failures_first(run.rows) if fault != PASSED]
    lines = [
        f"# {word('report.title', language)}: {plain(run.folder.resolve().name)}",
        "",
        f"{count('cases', len(run.rows), language)}, {word('report.config', language)} `{run.config['hash']}`.",
        *_measures(run.summary, language),
        *_slices(run.summary["kinds"], "report.by_kind", language),
        *_slices(run.summary["languages"], "report.by_languages", language),
        "",
        f"## {word('report.failed', language)}: {len(failed)}",
        *(line for fault, row in failed for line in _case(fault, row, language)),
    ]
    return "\n".join(lines) + "\n"


def _measures(summary: Mapping[str, Any], language: str) -> Iterator[str]:
    figures: Figures = summary["measures"]
    yield from ("", *_head("measure", language))
    for name, m in figures.items():
        notes = [] if METRICS[name].higher_is_better else [word("report.lower", language)]
        notes += [] if METRICS[name].gated else [word("report.ungated", language)]
        note = f" ({', '.join(notes)})" if notes else ""
        yield f"| `{name}`: {plain(word(f'measure.{name}', language))}{note} {_cells(m)}"
    for name, n in summary["unscored"].items():
        yield f"| `{name}` | {word('report.unscored', language, n=n)} | | |"


def _slices(slices: Mapping[str, Figures], title: str, language: str) -> Iterator[str]:
    yield from ("", f"## {word(title, language)}", "", *_head("measure", language))
    for name, figures in slices.items():
        if "correct" in figures:
            yield f"| {plain(words(language).get(f'kind.{name}', name))} {_cells(figures['correct'])}"


def _head(first: str, language: str) -> Sequence[str]:
    columns = [word(first, language), word("mean", language), word("report.interval", language), "n"]
    return [f"| {' | '.join(columns)} |", "|---|---|---|---|"]


def _cells(m: Mapping[str, float]) -> str:
    return f"| {m['mean']:.3f} | {m['low']:.3f} – {m['high']:.3f} | {m['n']} |"


def _case(fault: str, row: Row, language: str) -> Iterator[str]:
    case, answer = row.case, row.answer
    yield from ("", f"### {word(f'fault.{fault}', language)}: {plain(case.question)}", "")
    yield f"{plain(row.id)} · {plain(case.kind)} · {plain(row.languages)}"
    for turn in case.history:
        yield f"- {plain(turn.role)}: {plain(turn.text)}"
    wanted = case.gold_answer or word("report.refusal", language)
    yield from _part("report.answer", [row.error or (answer.text if answer else "")], language)
    yield from _part("report.wanted", [wanted, *(f"{s.document}: {s.quote}" for s in case.gold_sources)], language)
    found = [f"{hit.title or hit.path}: {hit.text[:EXCERPT]} …" for hit in row.hits[:EVIDENCE]]
    yield from _part("report.evidence", found, language)


def _part(title: str, texts: Sequence[str], language: str) -> Iterator[str]:
    yield from ("", f"**{word(title, language)}**")
    for text in texts:
        yield from ("", f"> {plain(text)}")
