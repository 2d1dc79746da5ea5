"""The walls: which folder may import which, what is loaded when, and which names are public."""

from __future__ import annotations

import ast
import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

import rag

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {"prompts": set(), "rag": {"prompts"}, "ui": {"prompts", "rag"}, "evals": {"prompts", "rag"}}
EXCEPTIONS = {("rag/cli.py", "ui"), ("rag/cli.py", "evals")}  # inside the two commands that are theirs
OWNERS = {
    "chromadb": {"rag/chroma.py"},
    "openai": {"rag/models.py"},
    "sqlalchemy": {"rag/database.py", "rag/library.py"},
    "argon2": {"ui/users.py"},
}
HEAVY = ["pydantic_settings", "sqlalchemy", "chromadb", "llama_index", "gradio", "openai", "numpy"]


def imports(path: Path) -> set[str]:
    """Top-level names of every import of a file, wherever in it they stand."""
    found = set()
    gc.disable()  # Python 3.11 loses count of its recursion where garbage is collected while it parses
    try:
        tree = ast.parse(path.read_text("utf-8"))
    finally:
        gc.enable()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_run_one_way(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        for other in imports(path) & (MAY_IMPORT.keys() - {folder}):
            assert other in MAY_IMPORT[folder] or (name, other) in EXCEPTIONS, f"{name} imports {other}"


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_has_one_owner(library: str) -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for folder in MAY_IMPORT
        for path in (ROOT / folder).rglob("*.py")
        if library in imports(path)
    }
    assert users == OWNERS[library]


@pytest.mark.parametrize("code", ["import rag", "from rag.cli import main; main(['--help'], standalone_mode=False)"])
def test_light_until_used(code: str) -> None:
    program = f"import sys, json\n{code}\nprint(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert not set(loaded) & set(HEAVY)


def test_public_names() -> None:
    assert rag.__all__ == [
        "Answer", "Assistant", "Case", "Citation", "Document", "Entry", "Filter", "GoldSource", "Hit", "Notice",
        "Outcome", "Passage", "Sentence", "Settings", "Stage", "Stream", "SurooError", "Turn",
    ]  # fmt: skip
    assert all(getattr(rag, name).__name__ == name for name in rag.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = rag.nonsense
