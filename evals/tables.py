"""What `suroo eval` prints for a person: lines of text, nothing of them hostile to a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evals.compare import Comparison, Differences, Flip, better
from evals.gate import Reason, Ruling
from evals.runs import Run
from evals.statistics import Difference
from evals.words import count, one_line, word

FLIPS = 20  # shown in each direction
_FIGURES = ("value", "before", "after", "low", "high", "limit")


def measures(run: Run, language: str) -> Iterator[str]:
    """Every measure of a run with its interval and n."""
    yield f"{word('measure', language):<20} {word('mean', language):>8}  95 %            n"
    for name, m in run.summary["measures"].items():
        yield f"{name:<20} {m['mean']:>8.3f}  {m['low']:.3f}–{m['high']:.3f}  {m['n']:>5}"
    for name, n in run.summary["unscored"].items():
        yield f"{name:<20} {word('report.unscored', language, n=n)}"


def comparison(found: Comparison, language: str) -> Iterator[str]:
    """Flipped cases first, then every measure, then one measure by kind and language pair."""
    cases = count("cases", found.shared, language)
    yield word("compare.shared", language, cases=cases, a=found.a, b=found.b)
    if not found.same_gold:
        only = {"only_a": found.only_a, "only_b": found.only_b, "changed": found.changed}
        yield word("compare.other_gold", language, **only)
    if not found.shared:
        yield word("compare.nothing", language)
        return
    gained = [flip for flip in found.flipped if flip.better]
    lost = [flip for flip in found.flipped if not flip.better]
    yield ""
    yield word("compare.flipped", language, measure=found.measure, worse=len(lost), better=len(gained))
    for flips in (lost, gained):
        yield from map(_flip, flips[:FLIPS])
        if len(flips) > FLIPS:
            yield "  " + word("compare.more", language, n=len(flips) - FLIPS)
    yield ""
    yield from _differences(found.measures, word("measure", language), language)
    for slices, title in ((found.kinds, "compare.kinds"), (found.languages, "compare.languages")):
        yield ""
        yield from _differences(
            {name: d[found.measure] for name, d in slices.items() if found.measure in d},
            word(title, language, measure=found.measure),
            language,
            dict.fromkeys(slices, found.measure),
        )
    yield ""
    yield word("compare.legend", language)


def ruling(found: Ruling, language: str) -> Iterator[str]:
    """Whether the gate holds, and if not why, a line a reason."""
    if found.holds:
        yield count("gate.holds", found.floors, language)
        return
    yield word("gate.fails", language)
    for reason in found.reasons:
        yield f"  {_reason(reason, language)}"


def _flip(flip: Flip) -> str:
    why = f" — {one_line(flip.why)[:160]}" if flip.why else ""
    sign = "+" if flip.better else "−"
    about = f"{flip.id} ({flip.kind}, {flip.languages})"
    return f"  {sign} {flip.before:.2f} → {flip.after:.2f}  {one_line(about)}: {one_line(flip.question)[:120]}{why}"


def _differences(
    rows: Differences, title: str, language: str, measure: Mapping[str, str] | None = None
) -> Iterator[str]:
    head = [word(f"compare.{name}", language) for name in ("before", "after", "change")]
    width = max([len(title), *map(len, rows)])
    yield f"{title:<{width}} {head[0]:>7} {head[1]:>7} {head[2]:>8}   95 %                n"
    for name, d in rows.items():
        yield f"{one_line(name):<{width}} {_figures(d, (measure or {}).get(name, name))}"


def _figures(d: Difference, measure: str) -> str:
    mark = " " if not d.significant else "*"
    arrow = "" if not d.significant else " ↑" if better(measure, d.change) else " ↓"
    interval = f"{d.low:+.3f} … {d.high:+.3f}"
    return f"{d.before:>7.3f} {d.after:>7.3f} {d.change:>+8.3f}{mark}  {interval} {d.n:>5}{arrow}"


def _reason(reason: Reason, language: str) -> str:
    if reason.code == "crashed":
        ids: Sequence[str] = list(map(str, reason.values["ids"]))  # type: ignore[call-overload]
        return one_line(f"{count('crashed', len(ids), language)}: {', '.join(ids[:FLIPS])}")
    told = {k: f"{v:.3f}" if k in _FIGURES else one_line(str(v)) for k, v in reason.values.items()}
    return word(f"gate.{reason.code}", language, **told)
