"""Asks every case and keeps how it went: parallel, resumable, one bad case never stops the rest."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import platform
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, replace
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tqdm import tqdm

import rag
from evals.cases import Library, Span, Suite, gold_spans
from evals.judge import Judge
from evals.metrics import DEPTH, Trial, score, worst
from evals.runs import Row, Run, fingerprint, line_of, read_rows, summarise, write_json
from rag import Assistant, Case, Settings
from rag.disk import write_atomically
from rag.errors import BadRun, Unreadable

WORKERS = 4  # threads: two cores are kept busy, and a model's server is asked several things at once
PACKAGES = ("chromadb", "llama-index-core", "numpy", "PyStemmer", "razdel", "openai", "ir-measures")


def run(
    suites: Sequence[Suite], settings: Settings, out: Path, *, limit: int | None = None, judge: Judge | None = None
) -> Run:
    """Ask the cases of `suites` (the first `limit` of each) and write the run to the folder `out`.

    A folder that holds a part of the same run, or all of it without this `judge`, is gone on with; one of another run
    raises `BadRun`. Also raises `BadCase` for a gold quote that does not stand in its document, before anything is
    asked, and `ModelFault` where the judge can't be asked; the answers are kept.
    """
    chosen = [replace(suite, cases=suite.cases[:limit]) for suite in suites]
    with tempfile.TemporaryDirectory(prefix="suroo-eval-") as scratch, _libraries(chosen, settings, scratch) as opened:
        gold = [gold_spans(s.cases, library, s.path) for s, (_, library) in zip(chosen, opened, strict=True)]
        config = configuration(chosen, [library for _, library in opened], settings)
        if judge:
            config["judge"] = judge.configuration()
        out.mkdir(parents=True, exist_ok=True)
        done = {row.id: row for row in _begin(out, config)}
        rows = {**done, **_ask_all(chosen, opened, gold, out, done)}
        ordered = [rows[case.id] for suite in chosen for case in suite.cases]
        if judge:
            verdicts = judge.judge(ordered)
            ordered = [replace(row, verdicts=found) for row, found in zip(ordered, verdicts, strict=True)]
        scored = _scored(ordered, chosen, [library for _, library in opened], gold, judge is not None)
    write_atomically(out / "cases.jsonl", b"".join(line_of(row) for row in scored))
    summary = summarise(scored, config)
    write_json(out / "summary.json", summary)
    return Run(out, config, scored, summary)


def configuration(suites: Sequence[Suite], libraries: Sequence[Library], settings: Settings) -> dict[str, Any]:
    """Everything that the answers follow from; `hash` names it. No keys, no paths of this machine, no judge."""
    config: dict[str, Any] = {
        "suites": [
            {
                "name": suite.name,
                "cases": len(suite.cases),
                "gold": fingerprint([asdict(case) for case in suite.cases]),
                "library": {"documents": len(library.documents), "stamp": stamp(library)},
            }
            for suite, library in zip(suites, libraries, strict=True)
        ],
        "settings": shown(settings),
        "prompts": {
            f"{language}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest()[:16]
            for language in ("en", "ru")
            for file in sorted(files("prompts").joinpath(language).iterdir(), key=lambda f: f.name)
            if not file.name.startswith("judge_")
        },
        "versions": {"suroo": metadata.version("suroo"), "python": platform.python_version()}
        | {name: metadata.version(name) for name in PACKAGES},
        "code": code(),
    }
    return config | {"hash": fingerprint(config)}


def shown(settings: Settings) -> dict[str, Any]:
    """The settings as a run records them: no key, no password in an address, nothing of where they were."""
    secret = {"data", "openai_api_key", "chroma_url", "database_url"}
    found = settings.model_dump(mode="json", exclude=secret)
    if settings.openai_base_url:
        url = urlsplit(settings.openai_base_url)
        found["openai_base_url"] = url._replace(netloc=url.netloc.rpartition("@")[2], query="").geturl()
    return found


def code() -> str:
    """A hash of the files of `rag/`: answers follow from the code and the tables that stand there."""
    home = Path(rag.__file__).parent
    whole = hashlib.sha256()
    for path in sorted(path for path in home.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        whole.update(f"{path.relative_to(home).as_posix()}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


def stamp(library: Library) -> str:
    """A hash of the documents' names and texts."""
    return fingerprint(sorted((Path(d.path or d.id).name, d.text) for d in library.documents.values()))


@contextmanager
def _libraries(suites: Sequence[Suite], settings: Settings, scratch: str) -> Iterator[list[tuple[Assistant, Library]]]:
    """An open library for each suite: a scratch one of its documents, or the user's own. Suites of one folder share."""
    opened: dict[Path | None, tuple[Assistant, Library]] = {}
    try:
        for suite in suites:
            if suite.documents in opened:
                continue
            # A scratch library is on this disk alone, whatever servers hold the user's own.
            apart = {"data": Path(scratch) / str(len(opened)), "database_url": None, "chroma_url": None}
            suroo = Assistant.open(settings if suite.documents is None else settings.model_copy(update=apart))
            opened[suite.documents] = (suroo, Library(suroo))
            if suite.documents is not None:
                if not suite.documents.is_dir():
                    raise Unreadable(str(suite.documents), "no_folder")
                suroo.add(suite.documents)
                opened[suite.documents] = (suroo, Library(suroo))
        yield [opened[suite.documents] for suite in suites]
    finally:
        for suroo, _ in opened.values():
            suroo.close()


def _begin(out: Path, config: Mapping[str, Any]) -> list[Row]:
    """The rows that an earlier, interrupted or finished, run of the same configuration left."""
    path = out / "config.json"
    if path.exists():
        there = json.loads(path.read_text("utf-8"))
        if there.get("hash") != config["hash"]:
            raise BadRun(out, "other")
        write_json(path, dict(config) | {"started": there.get("started")})
        rows = read_rows(out)
        write_atomically(out / "cases.jsonl", b"".join(line_of(row) for row in rows))  # without a line cut off
        return [replace(row, verdicts={}) for row in rows if row.error is None]
    if (out / "cases.jsonl").exists():
        raise BadRun(out, "other")
    write_json(path, dict(config) | {"started": _now()})
    return []


def _ask_all(
    suites: Sequence[Suite],
    opened: Sequence[tuple[Assistant, Library]],
    gold: Sequence[Mapping[str, Sequence[Span]]],
    out: Path,
    done: Mapping[str, Row],
) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    lock = threading.Lock()
    with ThreadPoolExecutor(WORKERS) as pool, (out / "cases.jsonl").open("ab") as file:
        waiting = [
            pool.submit(_ask, suite, case, suroo, _languages(case, library, places[case.id]))
            for suite, (suroo, library), places in zip(suites, opened, gold, strict=True)
            for case in suite.cases
            if case.id not in done
        ]
        total = sum(len(suite.cases) for suite in suites)
        for future in tqdm(
            as_completed(waiting), total=total, initial=len(done), disable=not sys.stderr.isatty(), leave=False
        ):
            row = future.result()
            with lock:
                file.write(line_of(row))
                file.flush()
                os.fsync(file.fileno())
            rows[row.id] = row
    return rows


def _ask(suite: Suite, case: Case, suroo: Assistant, languages: str) -> Row:
    started = _now()
    begun = time.perf_counter()
    answer, hits, error = None, [], None
    try:
        answer = suroo.ask(case.question, case.history)
        hits = suroo.search(case.question, DEPTH, history=case.history)
        if answer.status == "failed":
            error = " ".join(notice.text for notice in answer.notices) or "failed"
    except Exception as fault:  # noqa: BLE001 (whatever goes wrong with a case is that case's result)
        error = f"{type(fault).__name__}: {fault}"
    total = round((time.perf_counter() - begun) * 1000, 1)
    timings = (dict(answer.timings) if answer else {}) | {"total": total}
    return Row(case.id, suite.name, languages, case, answer, hits, error, started, timings)


def _scored(
    rows: Sequence[Row],
    suites: Sequence[Suite],
    libraries: Sequence[Library],
    gold: Sequence[Mapping[str, Sequence[Span]]],
    judged: bool,
) -> list[Row]:
    trials: dict[str, Trial] = {}
    pairs: dict[str, list[str]] = {}
    by_id = {row.id: row for row in rows}
    for suite, library, places in zip(suites, libraries, gold, strict=True):
        for case in suite.cases:
            row = by_id[case.id]
            if case.pair:
                pairs.setdefault(case.pair, []).append(case.id)
            if row.answer and not row.error:
                trials[case.id] = Trial(
                    case, row.answer, row.hits, places[case.id], library.documents, verdicts=row.verdicts
                )
    twins = {ids[0]: ids[1] for ids in pairs.values() if len(ids) == 2}
    scored = []
    for row in rows:
        trial, twin = trials.get(row.id), trials.get(twins.get(row.id, ""))
        scores = score(replace(trial, twin=twin)) if trial else worst(row.case, row.id in twins, judged)
        if trial and row.id in twins and twin is None:  # the other of the pair crashed
            scores |= {name: s for name, s in worst(row.case, twinned=True).items() if name == "parity"}
        scored.append(
            replace(
                row,
                scores={name: round(s.value, 6) for name, s in scores.items()},
                why={name: s.why for name, s in scores.items() if s.why},
            )
        )
    return scored


def _languages(case: Case, library: Library, places: Sequence[Span]) -> str:
    """ "ru→en": the question's language and those of the documents that hold the answer."""
    found = sorted({library.documents[span.document_id].language or "other" for span in places})
    return f"{case.language}→{'+'.join(found)}" if found else case.language


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
