"""What is logged, and above all what is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rag import Settings
from rag.errors import BadSettings
from tests.fake_openai import FakeOpenAI

ROOT = Path(__file__).resolve().parent.parent
CANARIES = ("canaryfile", "canarytitle", "canarytext", "canaryquestion", "canarykey")


def run(tmp_path: Path, level: str, *arguments: str, **environment: str) -> tuple[list[dict[str, object]], str]:
    """Run the command; give the log's lines, and all that was on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "rag.cli", *arguments, "--data", str(tmp_path / "data")],
        capture_output=True, text=True, cwd=ROOT, check=False, env={**os.environ, "SUROO_LOG": level, **environment},
    )  # fmt: skip
    lines = [line for line in done.stderr.splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines], "\n".join(lines)


@pytest.mark.parametrize("level", ["info", "debug"])
def test_no_text_and_no_key_is_logged(fake: FakeOpenAI, tmp_path: Path, level: str) -> None:
    (tmp_path / "canaryfile.md").write_text("---\ntitle: canarytitle\n---\n\nThe canarytext flew to Osh in 2019.\n")
    (tmp_path / "canaryfile.pdf").write_bytes(b"canarytext")
    added, said = run(tmp_path, level, "add", str(tmp_path / "canaryfile.md"), str(tmp_path / "canaryfile.pdf"))
    counts = next(line for line in added if line["event"] == "add")
    assert counts["counts"] == {"added": 1, "failed": 1}
    model = {"SUROO_CHAT_MODEL": "any", "OPENAI_BASE_URL": fake.url, "OPENAI_API_KEY": "canarykey"}
    for environment in ({}, model):
        asked, more = run(tmp_path, level, "ask", "When did the canarytext fly, canaryquestion?", **environment)
        said += more
        [answer] = [line for line in asked if line["event"] == "ask"]
        assert answer["hits"] == 1
        assert answer["request"]
        assert isinstance(answer["ms"], dict)
        assert ("stage" in {line["event"] for line in asked}) == (level == "debug")
    for canary in CANARIES:
        assert canary not in said


def test_nothing_is_logged_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert run(tmp_path, "", "list")[0] == []
    with pytest.raises(BadSettings, match="SUROO_LOG"):
        Settings(log="loud")
