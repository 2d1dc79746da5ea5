"""The drills in their short forms. The long ones are commands: see docs/reliability.md."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rag.documents.readers import READERS
from tests.drills import files, fuzz, writers
from tests.drills.awkward import FILES

ROOT = Path(__file__).resolve().parent.parent


def drill(name: str, *arguments: str) -> str:
    """Run a drill as a process of its own: it forks, which a process with threads should not."""
    command = [sys.executable, "-m", f"tests.drills.{name}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_kills() -> None:
    assert "nothing lost, nothing mixed" in drill("kill", "--kills", "6", "--seed", "11")


def test_a_full_disk() -> None:
    said = drill("disk", "--levels", "2", "--limit")
    assert "the old state answered 2 times" in said
    assert "recovered 2 times" in said


def test_two_writers(tmp_path: Path) -> None:
    report = writers.drill(tmp_path, 2)
    assert report.wrong == []
    assert report.ends.total() == 4


def test_awkward_files(tmp_path: Path) -> None:
    chosen = [name for name in FILES if "bomb" not in name][::8]
    assert len(chosen) >= 6
    assert files.wrong(files.run(tmp_path, cases=chosen), chosen) == []


@pytest.mark.parametrize("format", READERS)
def test_broken_files(format: str) -> None:
    fuzz.fuzz(format, 40)
