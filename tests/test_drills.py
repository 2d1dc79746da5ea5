"""The drills in their short forms. The long ones are commands: see docs/reliability.md."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from evals.cases import Suite, suites
from rag.documents.readers import READERS
from tests.drills import cluster, files, fuzz, model, overhead, writers
from tests.drills.awkward import FILES
from tests.drills.scripted import INVENTIONS, Inventor, honest
from tests.fake_openai import FakeOpenAI
from tests.servers import ChromaServer

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


def test_several_answering_processes(chroma_server: ChromaServer, postgres_url: str, tmp_path: Path) -> None:
    environment = {"SUROO_CHROMA_URL": chroma_server.url, "SUROO_DATABASE_URL": postgres_url}
    report = cluster.drill(tmp_path, environment, documents=4, size=2)
    assert report.wrong == []
    assert report.added == 4
    assert report.asked > 0


def test_awkward_files(tmp_path: Path) -> None:
    chosen = [name for name in FILES if "bomb" not in name][::8]
    assert len(chosen) >= 6
    assert files.wrong(files.run(tmp_path, cases=chosen), chosen) == []


@pytest.mark.parametrize("format", READERS)
def test_broken_files(format: str) -> None:
    fuzz.fuzz(format, 40)


def some() -> list[Suite]:
    """Every ninth question over the samples, of all kinds."""
    seeds = suites()[0]
    return [replace(seeds, cases=seeds.cases[::9])]


def test_a_model_that_answers_from_its_passages(fake: FakeOpenAI, tmp_path: Path) -> None:
    run = model.ask(fake, honest, some(), tmp_path / "run")
    measures = {name: found["mean"] for name, found in run.summary["measures"].items()}
    assert run.summary["crashed"] == []
    assert measures["quote_exactness"] == 1
    assert measures["invalid_citations"] == 0
    assert measures["self_check"] > 0.95
    assert measures["key_facts"] > 0.5


@pytest.mark.parametrize(
    ("name", "least"), [("wrong number", 0.98), ("wrong date", 0.98), ("wrong name", 0.95), ("wrong source", 0.8)]
)
def test_a_model_that_invents_is_caught(fake: FakeOpenAI, tmp_path: Path, name: str, least: float) -> None:
    inventor = Inventor(INVENTIONS[name])
    found = model.caught(model.ask(fake, inventor, some(), tmp_path / "run"), inventor)
    assert found.written >= 4
    assert found.share("unsupported") >= least


def test_the_overhead_of_an_answer() -> None:
    passages, taken = overhead.measure(200, 6)
    assert passages >= 150
    assert len(taken) >= 2
    assert all(one.overhead > 0 and one.delay > 0 for one in taken)
