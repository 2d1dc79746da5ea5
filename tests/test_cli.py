"""The suroo command, as a person or a script meets it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from rag.cli import main
from rag.database import writer_lock
from tests.conftest import SEEDS

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SUROO_DATA", str(tmp_path / "data"))

    def run_suroo(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == code, result.output
        return result

    return run_suroo


@pytest.fixture
def filled(run: Run) -> Run:
    run("add", str(SEEDS))
    return run


def test_add_says_what_became_of_each(run: Run, tmp_path: Path) -> None:
    first = run("add", str(SEEDS))
    assert f"Library: {tmp_path / 'data'}" in first.stderr
    assert first.stdout.count("added ") == 5
    assert run("add", str(SEEDS)).stdout.count("unchanged ") == 5
    (tmp_path / "bad.txt").write_bytes(b"\x00\x01\x02")
    failed = run("add", str(tmp_path / "bad.txt"), str(tmp_path / "gone.txt"), code=1)
    assert "bad.txt — it is not text" in failed.stderr
    assert "gone.txt — there is no such file" in failed.stderr


def test_json(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("The bridge opened in 2019.")
    [line] = filled("add", "--json", str(tmp_path / "new.txt")).stdout.splitlines()
    added = json.loads(line)
    assert added.keys() == {"document_id", "path", "status", "reason"}
    assert added["status"] == "added"
    listed = json.loads(filled("list", "--json").stdout)
    assert len(listed) == 6
    assert all("text" not in entry and entry["passages"] > 0 for entry in listed)
    shown = json.loads(filled("show", "--json", "new.txt").stdout)
    answer = json.loads(filled("ask", "--json", "When did the bridge open?").stdout)
    [citation] = answer["citations"]
    assert shown["text"][citation["start"] : citation["end"]] == citation["quote"] == "The bridge opened in 2019."
    found = json.loads(filled("search", "--json", "-k", "2", "мост").stdout)
    assert (found["language"], len(found["hits"])) == ("ru", 2)
    assert json.loads(filled("remove", "--json", "new.txt").stdout)["status"] == "removed"


def test_ask_prints_the_answer_and_where_it_stands(filled: Run) -> None:
    out = filled("ask", "What capacity will the power plants have?").stdout
    assert "300 MW" in out
    assert re.search(r"\[1\] Kyrgyzstan and China deepen .* · 2025-02-07 · Retold from a report by nCa", out)
    assert "Sources" in out
    assert "В документах этого нет." in filled("ask", "Сколько жителей в Ташкенте?").stdout


def test_options_of_asking(filled: Run) -> None:
    question = "How many new enterprises opened in 2025?"
    assert "119" in filled("ask", question).stdout
    assert "119" not in filled("ask", question, "--source-language", "en").stdout
    assert "119" not in filled("ask", question, "--document", "china-state-visit.md").stdout
    assert "119" not in filled("ask", question, "--since", "2025-01-01", "--until", "2025-12-31").stdout
    assert "В документах" in filled("ask", question, "--language", "ru").stdout
    assert "usage" in filled("ask", question, "--since", "yesterday", code=2).output.lower()


def test_show_and_list_and_remove(filled: Run) -> None:
    assert "Shenzhen Energy Group" in filled("show", "china-state-visit.md").stdout
    assert "5 documents" in filled("list").stdout
    assert "No document is called" in filled("show", "nothing", code=1).stderr
    assert filled("remove", "china-state-visit.md", "vizit-v-pekin.md").stdout.count("removed ") == 2
    assert "3 documents" in filled("list").stdout
    filled("remove", code=2)
    filled("add", code=2)


def test_samples(run: Run, tmp_path: Path) -> None:
    assert "To remove them" not in run("add", "--samples").stdout
    (tmp_path / "own.txt").write_text("A text of one's own.")
    assert "To remove them: suroo remove --samples" in run("add", str(tmp_path / "own.txt")).stdout
    assert run("list").stdout.count(" · sample ·") == 5
    assert run("remove", "--samples").stdout.count("removed ") == 5
    assert "1 document\n" in run("list").stdout


def test_an_empty_library_says_what_to_do(run: Run) -> None:
    assert "suroo add FOLDER" in run("list").stdout
    assert "Nothing found." in run("search", "trade").stdout


def test_a_busy_library(filled: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.database.LOCK_WAIT_S", 0.1)
    with writer_lock(tmp_path / "data"):
        assert "is writing to the library" in filled("remove", "--samples", code=4).stderr
        assert "300 MW" in filled("ask", "What capacity will the power plants have?").stdout


def test_bad_settings_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUROO_K", "many")
    assert "SUROO_K is 'many'" in run("list", code=1).stderr


def test_it_speaks_russian(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    assert "добавлен" in run("add", str(SEEDS)).stdout
    assert "5 документов" in run("list").stdout
    assert "в библиотеке нет" in run("show", "nothing", code=1).stderr


def test_help_names_every_command_and_option() -> None:
    for name, command in main.commands.items():
        text = CliRunner().invoke(main, [name, "--help"]).stdout
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[0] in text, f"{name} {parameter.name}"
    assert "suroo, version" in CliRunner().invoke(main, ["--version"]).stdout


def test_it_runs_as_a_process_and_is_quiet(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rag.cli", "list", "--data", str(tmp_path / "d")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=SEEDS.parent)
    assert done.stderr == f"Library: {tmp_path / 'd'}\n"
