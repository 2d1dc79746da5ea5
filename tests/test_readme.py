"""What the README and CONTRIBUTING say is so: their commands run, their files exist."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from rag.cli import main
from rag.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@pytest.fixture
def in_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder with `seeds` in it and no data yet."""
    os.symlink(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


@pytest.mark.usefixtures("in_a_copy")
def test_the_commands_run() -> None:
    commands = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("suroo ")]
    assert len(commands) >= 7
    out = ""
    for command in commands:
        result = CliRunner().invoke(main, shlex.split(command)[1:])
        assert result.exit_code == 0, f"{command}\n{result.output}"
        out += result.output
    assert "300 MW" in out
    assert "119 новых предприятий" in out


@pytest.mark.usefixtures("in_a_copy")
def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    [example] = blocks("python")
    exec(compile(example, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    promised = re.findall(r"print\(.*?\)\s+# (.*)", example)
    assert len(promised) == 2
    assert all(line in printed for line in promised)
    assert "300 MW" in printed


def test_every_setting_is_in_the_table() -> None:
    named = set(re.findall(r"^\| `([A-Z0-9_]+)`", README, re.M))
    fields = {name.upper() if name.startswith("openai") else f"SUROO_{name.upper()}" for name in Settings.model_fields}
    assert named == fields


def test_every_target_and_file_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for text in (README, CONTRIBUTING):
        for target in re.findall(r"`?make ([a-z-]+)", text):
            assert re.search(rf"^{target}:", makefile, re.M), target
        for path in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / path).exists(), path
        for path in re.findall(r"`((?:rag|ui|evals|tests|prompts)/[\w/.]+)`", text):
            assert (ROOT / path).exists(), path
