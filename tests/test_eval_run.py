"""`suroo eval run`: a run over small gold of our own, from a folder of documents to a summary."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from evals import convert_xquad, runner
from evals.runs import read_run
from rag import Case, GoldSource
from rag.cli import main
from rag.errors import BadRun
from tests.conftest import SEEDS

Run = Callable[..., Result]
QUOTE = "a solar one and a wind one, each with a capacity of 300 MW"
POWER = Case(
    "power-en", "en", "What capacity will each of the power plants have?", gold_answer="300 MW each",
    must_include=[["300 MW"]], must_not_include=["400 MW"],
    gold_sources=[GoldSource("china-state-visit.md", QUOTE)], kind="number", pair="power",
)  # fmt: skip
CASES = [
    POWER,
    replace(POWER, id="power-ru", language="ru", question="Какая мощность у каждой из электростанций?"),
    Case("tashkent", "ru", "Сколько жителей в Ташкенте?", answerable=False, kind="unanswerable"),
]


def write_cases(path: Path, cases: list[Case]) -> Path:
    path.write_text("".join(json.dumps(asdict(c), ensure_ascii=False) + "\n" for c in cases), "utf-8")
    return path


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return write_cases(tmp_path / "gold.jsonl", CASES)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run_eval(*arguments: str | Path, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["eval", *map(str, arguments)])
        assert result.exit_code == code, result.output
        return result

    return run_eval


def untimed(folder: Path) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in (folder / "cases.jsonl").read_text("utf-8").split("\n") if line]
    for row in rows:
        row["timings"] = row["started"] = row["answer"]["timings"] = None
    return rows


def test_a_run_and_the_same_again(run: Run, gold: Path, tmp_path: Path) -> None:
    printed = run("run", "--gold", gold, "--documents", SEEDS, "--out", tmp_path / "a").stdout
    assert "3 cases" in printed
    run("run", "--gold", gold, "--documents", SEEDS, "--out", tmp_path / "b")
    assert untimed(tmp_path / "a") == untimed(tmp_path / "b")
    done = read_run(tmp_path / "a")
    assert [row.id for row in done.rows] == ["power-en", "power-ru", "tashkent"]
    assert [row.languages for row in done.rows] == ["en→en", "ru→en", "ru"]
    assert done.summary["measures"]["key_facts"]["n"] == 2
    assert done.summary["measures"]["parity"]["n"] == 1
    assert done.rows[0].scores["correct"] == 1.0
    assert done.rows[2].scores["refusal_recall"] == 1.0
    assert done.config["suites"][0]["library"]["documents"] == 5


def test_a_killed_run_is_gone_on_with(run: Run, gold: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run("run", "--gold", gold, "--documents", SEEDS, "--out", out)
    whole = untimed(out)
    path = out / "cases.jsonl"
    lines = path.read_bytes().split(b"\n")
    started = json.loads(lines[0])["started"]
    path.write_bytes(lines[0].replace(started.encode(), b"before") + b"\n" + lines[1][:40])
    (out / "summary.json").unlink()
    with pytest.raises(BadRun, match="did not finish"):
        read_run(out)
    run("run", "--gold", gold, "--documents", SEEDS, "--out", out)
    assert untimed(out) == whole
    assert [row.started == "before" for row in read_run(out).rows] == [True, False, False]


def test_a_folder_of_another_run_is_left_alone(run: Run, gold: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run("run", "--gold", gold, "--documents", SEEDS, "--out", out)
    before = (out / "cases.jsonl").read_bytes()
    result = run("run", "--gold", gold, "--documents", SEEDS, "--limit", "1", "--out", out, code=1)
    assert "other cases, documents, settings or code" in result.stderr
    assert (out / "cases.jsonl").read_bytes() == before


def test_answers_of_other_code_are_not_gone_on_with(
    run: Run, gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert runner.code() == runner.code()
    copy = tmp_path / "rag"
    copy.mkdir()
    (copy / "__init__.py").write_text("")
    (copy / "engine.py").write_text("K = 8")
    monkeypatch.setattr("rag.__file__", str(copy / "__init__.py"))
    before = runner.code()
    out = tmp_path / "run"
    run("run", "--gold", gold, "--documents", SEEDS, "--out", out)
    (copy / "engine.py").write_text("K = 9")
    assert runner.code() != before
    result = run("run", "--gold", gold, "--documents", SEEDS, "--out", out, code=1)
    assert "settings or code" in result.stderr


def test_a_scratch_library_leaves_the_servers_of_the_settings_alone(
    run: Run, gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUROO_DATABASE_URL", "postgresql://me:hidden-1@127.0.0.1:9/suroo")
    monkeypatch.setenv("SUROO_CHROMA_URL", "http://me:hidden-2@127.0.0.1:9")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://me:hidden-3@127.0.0.1:9/v1")
    run("run", "--gold", gold, "--documents", SEEDS, "--out", tmp_path / "run")
    assert read_run(tmp_path / "run").summary["measures"]["correct"]["n"] == 3
    assert "hidden" not in (tmp_path / "run" / "config.json").read_text("utf-8")


def test_the_library_of_data_is_asked(run: Run, gold: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert CliRunner().invoke(main, ["add", str(SEEDS), "--data", str(data)]).exit_code == 0
    summary = json.loads(run("run", "--gold", gold, "--data", data, "--json").stdout)
    assert summary["measures"]["correct"]["n"] == 3
    assert len(list((data / "runs").iterdir())) == 1


def test_a_quote_must_stand_in_its_document(run: Run, tmp_path: Path) -> None:
    bad = replace(POWER, gold_sources=[GoldSource("china-state-visit.md", "301 MW")])
    gold = write_cases(tmp_path / "gold.jsonl", [CASES[2], bad])
    result = run("run", "--gold", gold, "--documents", SEEDS, code=1)
    assert "line 2, field “gold_sources[0].quote”: these words do not stand in china-state-visit.md" in result.stderr
    unknown = replace(POWER, gold_sources=[GoldSource("nowhere.md", "x")])
    result = run("run", "--gold", write_cases(tmp_path / "g.jsonl", [unknown]), "--documents", SEEDS, code=1)
    assert "field “gold_sources[0].document”" in result.stderr


PARAGRAPHS = [
    {
        "id": f"{title}-{n}",
        "title": title,
        "en": f"{name} was built on a hill. It has {n + 3} towers.",
        "ru": f"\ufeff{name_ru} построен на холме. В нём {n + 3} башни.",
        "questions": [
            {
                "id": f"q-{title}-{n}",
                "en": {"question": f"How many towers has {name}?", "answer": str(n + 3), "start": len(name) + 32},
                "ru": {"question": f"Сколько башен в {name_ru}?", "answer": str(n + 3), "start": len(name_ru) + 30},
            }
        ],
    }
    for title, name, name_ru in [("castle", "The castle of Osh", "Замок Ош"), ("palace", "The Naryn palace", "Дворец")]
    for n in range(2)
]


def test_xquad_becomes_documents_and_cases(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "x.jsonl"
    source.write_text("\n".join(json.dumps(p, ensure_ascii=False) for p in PARAGRAPHS), "utf-8")
    convert_xquad.main([str(source), "ru", "--language", "ru", "--questions", "en", "ru"])
    convert_xquad.main([str(source), "gone", "--language", "en", "--without", "article", "--folds", "2"])
    run("run", "--gold", "ru", "--gold", "gone", "--out", "run")
    done = read_run(Path("run"))
    assert [row.suite for row in done.rows] == ["ru"] * 8 + ["without-article-1"] * 2 + ["without-article-2"] * 2
    assert done.rows[0].case.gold_sources == [GoldSource("castle-0.txt", "В нём 3 башни.")]
    assert done.rows[0].languages == "en→ru"
    assert {s["library"]["documents"] for s in done.config["suites"]} == {4, 2}
    assert not any(row.case.answerable for row in done.rows[8:])


def test_folds() -> None:
    by_article = convert_xquad.folds(PARAGRAPHS, "article", 2)
    assert [[p["id"] for p in fold] for fold in by_article] == [["castle-0", "castle-1"], ["palace-0", "palace-1"]]
    by_paragraph = convert_xquad.folds(PARAGRAPHS, "paragraph", 2)
    assert [[p["id"] for p in fold] for fold in by_paragraph] == [["castle-0", "palace-1"], ["castle-1", "palace-0"]]
