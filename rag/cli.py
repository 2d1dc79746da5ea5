"""The `suroo` command. What it says follows the locale; what it prints with --json does not change with it.

Heavy imports wait inside the commands, so that --help is instant.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rag import __version__
from rag.errors import LibraryBusy, SurooError
from rag.messages import plural, say, system_language

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.doctor import Examination
    from rag.explain import Match
    from rag.settings import Settings
    from rag.types import Answer, Filter, Outcome
    from ui.users import Users

EXIT_FAILED = 1
EXIT_BUSY = 4
SAMPLES = Path(__file__).resolve().parent.parent / "seeds"
F = TypeVar("F", bound=Callable[..., Any])


class _Command(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SurooError as error:
            click.echo(error.text(system_language()), err=True)
            ctx.exit(EXIT_BUSY if isinstance(error, LibraryBusy) else EXIT_FAILED)


def _everywhere(command: F) -> F:
    command = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)
    return click.option(
        "--data", type=click.Path(file_okay=False, path_type=Path), help="The library's folder (default: data)."
    )(command)


def _asking(command: F) -> F:
    for option in reversed(
        [
            click.option("-k", type=click.IntRange(1, 100), help="How many passages to read."),
            click.option("--source-language", multiple=True, type=click.Choice(["en", "ru", "other"])),
            click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only documents of this day or later."),
            click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Only documents of this day or earlier."),
            click.option(
                "--document", "documents", multiple=True, metavar="DOC", help="Only this document; repeatable."
            ),
        ]
    ):
        command = option(command)
    return command


@click.group(cls=_Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="suroo")
def main() -> None:
    """Questions in English or Russian over your documents, answered with the words that carry them."""


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--samples", is_flag=True, help="Add the sample documents that come with Suroo.")
@_everywhere
def add(paths: tuple[Path, ...], samples: bool, data: Path | None, as_json: bool) -> None:
    """Add files or folders."""
    if not paths and not samples:
        raise click.UsageError("Name files or folders to add, or --samples.")
    with _open(data) as suroo:
        failed = _report(suroo.adding(paths), as_json)
        if samples:
            failed |= _report(suroo.adding([SAMPLES], sample=True), as_json)
        if not as_json:
            _say_samples(suroo)
    sys.exit(EXIT_FAILED if failed else 0)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@_everywhere
def sync(folder: Path, data: Path | None, as_json: bool) -> None:
    """Make the library hold just what a folder holds: new, changed, gone."""
    with _open(data) as suroo:
        failed = _report(suroo.syncing(folder), as_json)
        if not as_json:
            _say_samples(suroo)
    sys.exit(EXIT_FAILED if failed else 0)


@main.command("list")
@_everywhere
def list_(data: Path | None, as_json: bool) -> None:
    """List the documents."""
    with _open(data, quiet=as_json) as suroo:
        entries = suroo.list()
        if as_json:
            return _print_json([asdict(e) for e in entries])
        language = system_language()
        for e in entries:
            marks = [e.date or "—", e.language or "?", plural("cli.passages", e.passages, language)]
            if e.sample:
                marks.append(say("cli.sample", language))
            click.echo(f"{e.id}  {e.title or e.path}\n{' ' * 18}{' · '.join(marks)} · {e.path}")
        if entries:
            click.echo(plural("cli.documents", len(entries), language))
        _say_samples(suroo)


@main.command()
@click.argument("document", metavar="DOC")
@_everywhere
def show(document: str, data: Path | None, as_json: bool) -> None:
    """Print a document's text; citations count characters of it."""
    with _open(data, quiet=as_json) as suroo:
        found = suroo.show(document)
        if as_json:
            _print_json(asdict(found))
        else:
            click.echo(found.text)


@main.command()
@click.argument("documents", nargs=-1, metavar="[DOC]...")
@click.option("--samples", is_flag=True, help="Remove the sample documents.")
@_everywhere
def remove(documents: tuple[str, ...], samples: bool, data: Path | None, as_json: bool) -> None:
    """Remove documents, by id or by the end of a path."""
    if not documents and not samples:
        raise click.UsageError("Name documents to remove, or --samples.")
    with _open(data) as suroo:
        outcomes = suroo.remove(documents) if documents else []
        if samples:
            outcomes += suroo.remove_samples()
        _report(iter(outcomes), as_json)


@main.command()
@click.argument("question")
@click.option("--explain", is_flag=True, help="Show which words met which, through what, with what weight.")
@_asking
@_everywhere
def search(
    question: str,
    explain: bool,
    k: int | None,
    source_language: tuple[str, ...],
    since: Any,
    until: Any,
    documents: tuple[str, ...],
    data: Path | None,
    as_json: bool,
) -> None:
    """Print the passages nearest to a question."""
    from rag.text.language import question_language

    with _open(data, quiet=as_json) as suroo:
        hits = suroo.search(question, k, _filter(source_language, since, until, documents))
        if as_json:
            found = [asdict(h) for h in hits]
            for known, hit in zip(found, hits, strict=True) if explain else ():
                known["matches"] = [asdict(m) for m in suroo.explain(question, hit)]
            return _print_json({"question": question, "language": question_language(question), "hits": found})
        for n, hit in enumerate(hits, 1):
            click.secho(f"{n}. {hit.title or hit.path}  {hit.date or ''}  {hit.score:.3f}", bold=True)
            click.echo(f"{hit.text}\n")
            if explain:
                _print_matches(suroo.explain(question, hit), hit.parts)
        if not hits:
            click.echo(say("cli.nothing_found", system_language()))


@main.command()
@click.argument("question")
@_asking
@click.option("--language", type=click.Choice(["en", "ru"]), help="Answer in this language.")
@_everywhere
def ask(
    question: str,
    k: int | None,
    source_language: tuple[str, ...],
    since: Any,
    until: Any,
    documents: tuple[str, ...],
    language: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Answer a question from the documents."""
    with _open(data, quiet=as_json) as suroo:
        chosen = _filter(source_language, since, until, documents)
        answer = suroo.ask(question, filter=chosen, language=language, k=k)
        if as_json:
            _print_json(asdict(answer))
        else:
            _print_answer(answer)
    sys.exit(EXIT_FAILED if answer.status in ("failed", "incomplete") else 0)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=7860, show_default=True, type=click.IntRange(1, 65535))
@click.option("--samples", is_flag=True, help="Add the sample documents when the library is empty.")
@_everywhere
def chat(host: str, port: int, samples: bool, data: Path | None, as_json: bool) -> None:
    """Serve the chat in the browser."""
    with _open(data) as suroo:
        if samples and suroo.empty:
            click.echo(say("cli.first_run", system_language()))
            _report(suroo.adding([SAMPLES], sample=True), as_json)
        from ui.app import serve
        from ui.guard import LOOPBACK

        def ready(url: str) -> None:
            click.echo(say("cli.serving", system_language(), url=url))
            if host not in LOOPBACK:
                click.secho(say("cli.plain_http", system_language(), url=url), fg="yellow", err=True)

        serve(suroo, host, port, ready)


@main.group()
def user() -> None:
    """Who may sign in to the page: where there are users, everybody signs in."""


@user.command("add")
@click.argument("name")
@_everywhere
def user_add(name: str, data: Path | None, as_json: bool) -> None:
    """Add a user, or give one another password. It is asked for, or read from stdin where that is no terminal."""
    users, language = _users(data), system_language()
    if sys.stdin.isatty():
        password = click.prompt(say("cli.password", language), hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    users.add(name, password)
    click.echo(json.dumps(users.names(), ensure_ascii=False) if as_json else say("cli.user_added", language, name=name))


@user.command("remove")
@click.argument("name")
@_everywhere
def user_remove(name: str, data: Path | None, as_json: bool) -> None:
    """Remove a user, who is signed out at once."""
    users = _users(data)
    users.remove(name)
    removed = say("cli.user_removed", system_language(), name=name)
    click.echo(json.dumps(users.names(), ensure_ascii=False) if as_json else removed)


@user.command("list")
@_everywhere
def user_list(data: Path | None, as_json: bool) -> None:
    """List the users."""
    names = _users(data).names()
    click.echo(json.dumps(names, ensure_ascii=False) if as_json else "\n".join(names))


def _users(data: Path | None) -> Users:
    from ui.users import Users

    return Users(_settings(data).data)


class _Evaluation(click.Group):
    """The commands of evals/cli.py, loaded when one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from evals.cli import evaluation

        return evaluation.list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from evals.cli import evaluation

        return evaluation.get_command(ctx, cmd_name)


@main.group("eval", cls=_Evaluation)
def eval_() -> None:
    """Measure: ask gold questions, report, compare, guard."""


@main.command()
@click.option("--rebuild", is_flag=True, help="Make the word index and the vectors anew from the documents.")
@_everywhere
def doctor(rebuild: bool, data: Path | None, as_json: bool) -> None:
    """Check documents, word index and vectors against each other."""
    from rag import doctor as surgery

    settings = _settings(data)
    if rebuild:
        surgery.rebuild(settings)
    found = surgery.examine(settings)
    if as_json:
        _print_json(asdict(found))
    else:
        _print_examination(found)
    sys.exit(EXIT_FAILED if found.problems else 0)


def _print_matches(matches: list[Match], parts: dict[str, float]) -> None:
    language = system_language()
    rows = [(m.word, " / ".join(m.met) or "—", f"{m.weight:.2f}", say(f"explain.{m.how}", language)) for m in matches]
    widths = [max(len(row[i]) for row in rows) if rows else 0 for i in (0, 1)]
    for word, met, weight, how in rows:
        click.echo(f"   {word:<{widths[0]}}  {met:<{widths[1]}}  {weight}  {how}")
    click.echo("   " + "  ".join(f"{name} {score:.3f}" for name, score in parts.items()) + "\n")


@contextlib.contextmanager
def _open(data: Path | None, quiet: bool = False) -> Iterator[Assistant]:
    from rag.assistant import Assistant

    with Assistant.open(_settings(data), language=system_language()) as suroo:
        if suroo.empty and not quiet:
            click.echo(say("cli.library", system_language(), path=suroo.folder), err=True)
        yield suroo


def _settings(data: Path | None) -> Settings:
    from rag.settings import Settings

    return Settings(data=data) if data is not None else Settings()


def _print_examination(found: Examination) -> None:
    language = system_language()
    for code, values in found.problems:
        click.echo(say(f"doctor.{code}", language, **values), err=True)
    if found.problems:
        click.echo(say("doctor.rebuild", language), err=True)
    else:
        documents = plural("cli.documents", found.documents, language)
        click.echo(
            say("doctor.well", language, documents=documents, passages=plural("cli.passages", found.passages, language))
        )


def _filter(languages: tuple[str, ...], since: Any, until: Any, documents: tuple[str, ...]) -> Filter:
    from rag.types import Filter

    return Filter(
        languages=list(languages) or None,
        since=since.date().isoformat() if since else None,
        until=until.date().isoformat() if until else None,
        documents=list(documents) or None,
    )


def _report(outcomes: Iterator[Outcome], as_json: bool) -> bool:
    """Print a line a document as each is done; give whether one failed."""
    failed = False
    for outcome in outcomes:
        failed |= outcome.status == "failed"
        if as_json:
            click.echo(json.dumps(asdict(outcome), ensure_ascii=False))
            sys.stdout.flush()
            continue
        status = say(f"cli.status.{outcome.status}", system_language())
        reason = f" — {outcome.reason}" if outcome.reason else ""
        click.echo(f"{status:<14} {outcome.path}{reason}", err=outcome.status == "failed")
    return failed


def _print_answer(answer: Answer) -> None:
    from rag.answering.answer import with_markers

    language = answer.language
    for sentence in answer.sentences:
        doubt = {"weak": "cli.weak", "unsupported": "cli.unsupported"}.get(sentence.support or "")
        mark = f"  ({say(doubt, language)}: {sentence.why})" if doubt else ""
        click.echo(with_markers(sentence) + click.style(mark, fg="yellow"))
    for notice in answer.notices:
        click.secho(notice.text, fg="yellow", err=notice.code == "model_fault")
    if answer.citations:
        click.secho(f"\n{say('cli.sources', language)}", bold=True)
    for c in answer.citations:
        about = " · ".join(part for part in (c.title, c.date, c.source or c.path) if part)
        click.echo(f"[{c.number}] {about}\n    {c.document_id} {c.start}–{c.end}")


def _say_samples(suroo: Assistant) -> None:
    entries = suroo.list()
    if not entries:
        click.echo(say("cli.empty", system_language()))
    elif any(e.sample for e in entries) and not all(e.sample for e in entries):
        click.echo(say("cli.samples", system_language()))


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
