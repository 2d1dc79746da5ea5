"""How well the check of a sentence tells true from false: `python -m evals.bench_support [XQUAD]`.

Every pair goes the way that a written sentence goes in rag/engine.py: the tightest span of each cited passage, then the
check. support_pairs says how the pairs are made. For each direction (sentence → passage) and class:

- false classes: n; the share called unsupported (recall), and the share not called supported, either as a percentage
  with its 95 % interval; precision, the share of false pairs among those called unsupported were true and false equally
  frequent; AUC of the three verdicts (Mann–Whitney, ties half) against the true pairs of the direction;
- true: n; the share called unsupported (false alarms), and the share called weak.

Intervals are bootstrapped over paragraphs (or questions); those of precision and AUC take the true pairs as they are.
The two halves of XQuAD's articles are reported apart: the rules were chosen on the first.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from evals.statistics import Estimate, estimate
from evals.support_pairs import CLASSES, TRUE, Pair, drawn, of_gold, of_xquad, spoilt
from rag.bilingual.table import TranslationTable, shipped
from rag.citations import Verdict, check, tightest_span

SEED = 7
MOST = 250  # pairs of a direction, class and half
GRADE = {"supported": 1.0, "weak": 0.5, "unsupported": 0.0}
Judged = tuple[Pair, Verdict]


def verdict(pair: Pair, table: TranslationTable) -> Verdict:
    """What rag/engine.py would say of the sentence of a pair."""
    quotes = []
    for passage in pair.passages:
        a, b = tightest_span(pair.sentence, passage, table)
        quotes.append(passage[a:b])
    return check(pair.sentence, quotes, table, pair.direction[:2])


def share(judged: Sequence[Judged], test: Callable[[Verdict], bool]) -> Estimate:
    return estimate([float(test(v)) for _, v in judged], [p.group for p, _ in judged])


def auc(false: Sequence[Judged], true: Sequence[Judged]) -> Estimate:
    """The chance that a true pair is graded above a false one, ties counted half."""
    grades = [GRADE[v.support] for _, v in true]

    def place(grade: float) -> float:
        return sum(1.0 if g > grade else 0.5 if g == grade else 0.0 for g in grades) / len(grades)

    return estimate([place(GRADE[v.support]) for _, v in false], [p.group for p, _ in false])


def precision(false: Sequence[Judged], true: Sequence[Judged]) -> float:
    """The share of false among the pairs called unsupported, were a pair true or false with equal chance."""
    found = sum(v.support == "unsupported" for _, v in false) / len(false)
    alarms = sum(v.support == "unsupported" for _, v in true) / len(true)
    return found / (found + alarms) if found + alarms else float("nan")


def pairs(true: Sequence[Pair], most: int, seed: int) -> list[Pair]:
    """The true pairs and all that is made of them, at most `most` of a direction, class and half."""
    made = [*true, *spoilt(true, seed)]
    return [p for half in (0, 1, 2) for p in drawn((p for p in made if p.half == half), most, seed)]


def table_of(judged: Sequence[Judged]) -> list[str]:
    """Lines of a Markdown table: a line for each direction and class."""
    lines = [
        "| sentence → passage | class | n | unsupported % | not supported % | precision % | AUC |",
        "|---|---|---|---|---|---|---|",
    ]
    for direction in ("en→en", "ru→ru", "en→ru", "ru→en"):
        cell = {k: [j for j in judged if j[0].direction == direction and j[0].kind == k] for k in (TRUE, *CLASSES)}
        true = cell[TRUE]
        for kind, found in cell.items():
            if not found:
                continue
            unsupported = share(found, lambda v: v.support == "unsupported")
            less = share(found, lambda v: v.support != "supported")
            line = f"| {direction} | {kind} | {len(found)} | {_percent(unsupported)} | {_percent(less)} |"
            if kind == TRUE:
                lines.append(f"{line} | |")
            else:
                lines.append(f"{line} {100 * precision(found, true):.1f} | {_interval(auc(found, true), 1, 3)} |")
    return lines


def _percent(e: Estimate) -> str:
    return _interval(e, 100, 1)


def _interval(e: Estimate, times: int, digits: int) -> str:
    return f"{times * e.mean:.{digits}f} ({times * e.low:.{digits}f}–{times * e.high:.{digits}f})"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.bench_support", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("xquad", type=Path, nargs="?", help="a file of XQuAD's form; none: the shipped gold alone")
    parser.add_argument("--most", type=int, default=MOST, help=f"pairs of a direction, class and half ({MOST})")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", help="one of: first, second, seeds, region")
    parser.add_argument("--show", type=Path, help="write every pair and its verdict there, a line of JSON each")
    given = parser.parse_args(arguments)
    table = shipped()
    sets: dict[str, list[Pair]] = {}
    if given.xquad:
        lines = given.xquad.read_text("utf-8").split("\n")
        made = pairs(of_xquad([json.loads(line) for line in lines if line.strip()], given.seed), given.most, given.seed)
        sets["first"] = [p for p in made if p.half == 1]
        sets["second"] = [p for p in made if p.half == 2]
    for name in ("seeds", "region"):
        sets[name] = pairs(of_gold(name), given.most, given.seed)
    titles = {"first": "XQuAD, first half of the articles", "second": "XQuAD, second half"}
    shown: list[str] = []
    for name, made in sets.items():
        if given.only not in (None, name):
            continue
        judged = [(pair, verdict(pair, table)) for pair in made]
        print(f"\n{titles.get(name, f'Gold answers, {name}')}\n")
        print("\n".join(table_of(judged)), flush=True)
        for p, v in judged:
            row = {"set": name, "direction": p.direction, "kind": p.kind, "support": v.support, "why": v.why}
            shown.append(json.dumps(row | {"sentence": p.sentence, "passages": p.passages}, ensure_ascii=False))
    if given.show:
        given.show.write_text("\n".join(shown) + "\n", "utf-8")


if __name__ == "__main__":
    main()
