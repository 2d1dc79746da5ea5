"""Fills the disk under a library at ten levels, and looks at what is left: `make drill-disk`.

At each level a child adds documents until there is no more room. Then, with the disk still full, another opens the
library and asks it; then room is made, and the next start must have everything that was acknowledged, agree with
itself, and take a new document. The disk is a small tmpfs where mounting is allowed (as root); else, or with --limit,
no file may grow beyond a size, which reaches the same errors by another way.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rag import Assistant, Document, Settings
from rag.doctor import examine
from rag.errors import SurooError
from tests.drills.kill import child, preload

SIZE_MB = 48
KIB = 1024
NAMED = ("disk_full", "store_failed")  # Chroma does not always say why a write failed
LEVELS = tuple(n * KIB for n in (0, 4, 32, 128, 256, 512, 1024, 1536, 2048, 3072))  # bytes that are left
DOCUMENTS = 60
Wanted = dict[str, str]


def word(name: str) -> str:
    """A word of its own for each name, of letters alone."""
    return "word" + name.translate(str.maketrans("0123456789", "bcdfghjklm"))


def document(name: str) -> Document:
    """A document of about 90 KB that names itself in each of its passages."""
    return Document(id=name, text=f"The {word(name)} reports on the water of the valley and on its bridge. " * 1300)


def prepare(data: Path, _: int, __: int, names: list[str]) -> None:
    with Assistant.open(Settings(data=data)) as suroo:
        suroo.add([document(name) for name in names])


def fill(data: Path, level: int, say: int, limit: int | None) -> None:
    """Add documents until there is no room; say what was acknowledged, and the error."""
    try:
        with Assistant.open(Settings(data=data)) as suroo:
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            for n in range(DOCUMENTS):
                name = f"level{level}n{n}"
                for outcome in suroo.adding(document(name)):
                    if outcome.status == "added":
                        os.write(say, (json.dumps(["done", name]) + "\n").encode())
    except SurooError as error:
        os.write(say, (json.dumps([error.code, error.text("en")]) + "\n").encode())


def ask(data: Path, _: int, say: int, names: list[str]) -> None:
    """Open the library and look for `names`; say which of them are not found."""
    with Assistant.open(Settings(data=data)) as suroo:
        lost = [n for n in names if not any(word(n) in h.text for h in suroo.search(word(n), k=3))]
    os.write(say, (json.dumps(lost) + "\n").encode())


def recover(data: Path, level: int, say: int, names: list[str]) -> None:
    """The next start with room again: all is there, agrees, and grows; what was added goes again, to make room."""
    settings = Settings(data=data)
    with Assistant.open(settings) as suroo:
        suroo.add(document(f"after{level}"))
        there = {entry.path for entry in suroo.list()}
        wrong = [f"{name} is lost" for name in names if name not in there]
    wrong += [f"doctor: {problem}" for problem in examine(settings).problems]
    with Assistant.open(settings) as suroo:
        suroo.remove([str(p) for p in there if p and p.startswith(("level", "after"))])
    os.write(say, (json.dumps(wrong) + "\n").encode())


@dataclass
class Report:
    """What a drill saw."""

    errors: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    recovered: int = 0
    wrong: list[str] = field(default_factory=list)


def drill(disk: Path, levels: int, *, mounted: bool) -> Report:
    """Run on `disk`: a small file system where `mounted`, else any folder, with a limit on the size of a file."""
    report, data, ballast = Report(), disk / "data", disk / "ballast"
    old = [f"old{n}" for n in range(3)]
    child(prepare, data, 0, old)  # in a child, since a process that has opened Chroma has threads and must not fork
    for level, free in enumerate(LEVELS[:levels]):
        limit = None
        if mounted:
            room = os.statvfs(disk)
            with ballast.open("wb") as file:
                file.write(b"\0" * max(0, room.f_bavail * room.f_frsize - free))
        else:
            limit = (data / "library.db").stat().st_size + free
        lines, code = child(fill, data, level, limit)
        said = [json.loads(line) for line in lines]
        kept = [name for kind, name in said if kind == "done"]
        errors = [kind for kind, _ in said if kind != "done"]
        report.errors.update(errors or ["none"])
        if code or any(error not in NAMED for error in errors) or (not errors and len(kept) < DOCUMENTS):
            report.wrong.append(f"level {level}: ended with {code}, {errors}")
        for when, target in (("asked while full", ask), ("after", recover)):
            if target is recover:
                ballast.unlink(missing_ok=True)
            lines, code = child(target, data, level, old + kept)
            if code or not lines or json.loads(lines[-1]):
                report.wrong.append(f"level {level}, {when}: ended with {code}, {lines[-1:]}")
            elif target is ask:
                report.answered += 1
            else:
                report.recovered += 1
    return report


def mount(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--levels", type=int, default=len(LEVELS))
    parser.add_argument("--limit", action="store_true", help="limit the size of files instead of mounting a disk")
    options = parser.parse_args()
    preload()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as root:
        mounted = not options.limit and mount(Path(root))
        try:
            report = drill(Path(root), options.levels, mounted=mounted)
        finally:
            if mounted:
                subprocess.run(["umount", root], check=True)
    kind = f"a disk of {SIZE_MB} MB" if mounted else "a limit on the size of files"
    print(f"{options.levels} levels, {kind}, {time.monotonic() - began:.0f} s:")
    print("  errors: " + ", ".join(f"{name} {n}" for name, n in report.errors.items()))
    print(f"  the old state answered {report.answered} times; recovered {report.recovered} times")
    print("\n".join(report.wrong) or "each error named, nothing acknowledged lost")
    return bool(report.wrong)


if __name__ == "__main__":
    sys.exit(main())
