"""`suroo eval`: run, report, compare, gate. A part of the shell of `rag/cli.py`, which loads it when asked for it."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rag.messages import plural, say, system_language

if TYPE_CHECKING:
    from evals.runs import Run

FOLDER = click.Path(file_okay=False, path_type=Path)
ANY = click.Path(exists=True, path_type=Path)


evaluation = click.Group("eval")


@evaluation.command()
@click.option("--gold", multiple=True, type=ANY, help="A file of cases, or a folder of a converter; repeatable.")
@click.option(
    "--documents", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The documents of --gold; without it the library is asked.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1), help="Only the first so many cases of each file.")
@click.option("--out", type=FOLDER, help="The run's folder; one that was interrupted is gone on with.")
@click.option("--data", type=FOLDER, help="The library's folder (default: data).")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def run(
    gold: tuple[Path, ...],
    documents: tuple[Path, ...],
    limit: int | None,
    out: Path | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Ask gold questions, those that come with Suroo by default, and measure the answers."""
    from evals import runner
    from evals.cases import suites
    from rag.settings import Settings

    if documents and not gold:
        raise click.UsageError("--documents needs the --gold that is about them.")
    settings = Settings(data=data) if data is not None else Settings()
    folder = out or settings.data / "runs" / datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    done = runner.run(suites(gold, documents), settings, folder, limit=limit)
    if as_json:
        click.echo(json.dumps(done.summary, ensure_ascii=False, indent=2))
    else:
        _print_measures(done)


def _print_measures(done: Run) -> None:
    language = system_language()
    click.echo(f"{say('cli.eval.measure', language):<20} {say('cli.eval.mean', language):>7}  95 %            n")
    for name, m in done.summary["measures"].items():
        click.echo(f"{name:<20} {m['mean']:>7.3f}  {m['low']:.3f}–{m['high']:.3f}  {m['n']:>5}")
    if done.summary["crashed"]:
        click.secho(plural("cli.eval.crashed", len(done.summary["crashed"]), language), fg="red", err=True)
    click.echo(f"{plural('cli.eval.cases', len(done.rows), language)}: {done.folder}")
