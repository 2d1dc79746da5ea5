"""`suroo eval`: run, report, compare, gate. A part of the shell of `rag/cli.py`, which loads it when asked for it."""

from __future__ import annotations

import contextlib
import datetime
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evals.words import count, word
from rag.messages import system_language

if TYPE_CHECKING:
    from evals.runs import Run

EXIT_GATE = 3
FOLDER = click.Path(file_okay=False, path_type=Path)
ANY = click.Path(exists=True, path_type=Path)
RUN = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


evaluation = click.Group("eval")


@evaluation.command()
@click.option("--gold", multiple=True, type=ANY, help="A file of cases, or a folder of a converter; repeatable.")
@click.option(
    "--documents", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The documents of --gold; without it the library is asked.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1), help="Only the first so many cases of each file.")
@click.option("--judge", metavar="MODEL", help="Also let a model on the server of the settings judge the answers.")
@click.option("--out", type=FOLDER, help="The run's folder; one that was interrupted is gone on with.")
@click.option("--data", type=FOLDER, help="The library's folder (default: data).")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def run(
    gold: tuple[Path, ...],
    documents: tuple[Path, ...],
    limit: int | None,
    judge: str | None,
    out: Path | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Ask gold questions, those that come with Suroo by default, and measure the answers."""
    from evals import runner
    from evals.cases import suites
    from evals.judge import Judge
    from rag.settings import Settings

    if documents and not gold:
        raise click.UsageError("--documents needs the --gold that is about them.")
    settings = Settings(data=data) if data is not None else Settings()
    folder = out or settings.data / "runs" / datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    with contextlib.ExitStack() as held:
        judging = held.enter_context(contextlib.closing(Judge(judge, settings))) if judge else None
        if judge and judge == settings.chat_model:
            click.secho(word("judge.same", system_language()), fg="yellow", err=True)
        done = runner.run(suites(gold, documents), settings, folder, limit=limit, judge=judging)
    if as_json:
        _print_json(done.summary)
    else:
        _print_run(done)


@evaluation.command()
@click.argument("folder", metavar="RUN", type=RUN)
@click.option("--markdown", is_flag=True, help="Markdown instead of a page.")
@click.option("--language", type=click.Choice(["en", "ru"]), help="Of the report's words (default: the terminal's).")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file (default: in the run's folder).")
def report(folder: Path, markdown: bool, language: str | None, out: Path | None) -> None:
    """Write a page to read a run by: failures first, question, answer, gold and evidence side by side."""
    from evals.report import report_html
    from evals.report_markdown import report_markdown
    from evals.runs import read_run
    from rag.disk import write_atomically

    done = read_run(folder)
    path = out or folder / f"report.{'md' if markdown else 'html'}"
    written = (report_markdown if markdown else report_html)(done, language or system_language())
    write_atomically(path, written.encode())
    click.echo(word("report.written", system_language(), path=path))


@evaluation.command()
@click.argument("a", metavar="A", type=RUN)
@click.argument("b", metavar="B", type=RUN)
@click.option("--measure", default="correct", show_default=True, help="Whose flips and slices are shown.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare(a: Path, b: Path, measure: str, as_json: bool) -> None:
    """What run B changed against run A: cases that flipped, every measure, by kind and language pair."""
    from evals import compare as comparing
    from evals import tables
    from evals.metrics import METRICS
    from evals.runs import read_run

    if measure not in METRICS:
        raise click.BadParameter(f"one of {', '.join(METRICS)}", param_hint="--measure")
    found = comparing.compare(read_run(a), read_run(b), measure)
    if as_json:
        _print_json({**asdict(found), "same_gold": found.same_gold})
    else:
        _print(tables.comparison(found, system_language()))


@evaluation.command()
@click.argument("folder", metavar="RUN", type=RUN)
@click.option("--floor", required=True, type=FILE, help="A TOML file: a table a suite, a line a measure.")
@click.option("--baseline", type=RUN, help="A run that this one may not be significantly worse than.")
@click.option("--renew", is_flag=True, help="Set the floors of the file a little under what the run measured.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def gate(folder: Path, floor: Path, baseline: Path | None, renew: bool, as_json: bool) -> None:
    """Exit with 3, and say why, where a run misses a floor or is significantly worse than a baseline."""
    from evals import gate as gating
    from evals import tables
    from evals.runs import read_run

    floors = gating.read_floors(floor)
    done = read_run(folder)
    if renew:
        gating.write_floors(floor, gating.renewed(floors, done))
        return click.echo(word("gate.renewed", system_language(), path=floor))
    found = gating.gate(done, floors, read_run(baseline) if baseline else None)
    if as_json:
        _print_json({**asdict(found), "holds": found.holds})
    else:
        _print(tables.ruling(found, system_language()), err=not found.holds)
    sys.exit(0 if found.holds else EXIT_GATE)


def _print_run(done: Run) -> None:
    from evals import tables

    language = system_language()
    _print(tables.measures(done, language))
    if crashed := len(done.summary["crashed"]):
        click.secho(count("crashed", crashed, language), fg="red", err=True)
    click.echo(f"{count('cases', len(done.rows), language)}: {done.folder}")


def _print(lines: Iterable[str], err: bool = False) -> None:
    for line in lines:
        click.echo(line, err=err)


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
