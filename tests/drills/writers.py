"""Two writers at once on one library, again and again, with a reader open beside them: `make drill-writers`.

Each round starts two `suroo add` at the same moment. Each must end well, or say that the other one is writing (exit
code 4) and lose nothing by being called again; the reader, opened before the first round, must see both documents at
its next question; at the end record, words and vectors agree.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rag import Assistant, Settings
from rag.cli import EXIT_BUSY
from rag.doctor import examine
from tests.drills.disk import word

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Report:
    """What a drill saw: how the writers ended, and what was wrong."""

    ends: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def add(path: Path, data: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "rag.cli", "add", str(path), "--data", str(data)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def drill(root: Path, rounds: int) -> Report:
    """Run `rounds` rounds in `root`."""
    report, data = Report(), root / "data"
    with Assistant.open(Settings(data=data)) as reader:
        for n in range(rounds):
            paths = [root / f"{side}{n}.txt" for side in ("left", "right")]
            for path in paths:
                path.write_text(f"{word(path.stem)} was said of the bridge in Osh in round {n}.", "utf-8")
            for path, writer in [(path, add(path, data)) for path in paths]:
                _, said = writer.communicate()
                report.ends[writer.returncode] += 1
                if writer.returncode == EXIT_BUSY:
                    again = add(path, data)
                    _, said = again.communicate()
                    if again.returncode:
                        report.wrong.append(f"round {n}, {path.stem}, called again: {said.strip()}")
                elif writer.returncode:
                    report.wrong.append(f"round {n}, {path.stem}: ended with {writer.returncode}: {said.strip()}")
            for path in paths:
                if not any(word(path.stem) in hit.text for hit in reader.search(word(path.stem), k=3)):
                    report.wrong.append(f"round {n}: the reader does not see {path.stem}")
        if len(reader.list()) != 2 * rounds:
            report.wrong.append(f"{len(reader.list())} documents, not {2 * rounds}")
    report.wrong += [f"doctor: {problem}" for problem in examine(Settings(data=data)).problems]
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as root:
        report = drill(Path(root), options.rounds)
    print(f"{options.rounds} rounds of two writers in {time.monotonic() - began:.0f} s:")
    print(f"  ended well {report.ends[0]}, told to wait {report.ends[EXIT_BUSY]}")
    print("\n".join(report.wrong) or "no harm done; the reader saw every document at its next question")
    return bool(report.wrong)


if __name__ == "__main__":
    sys.exit(main())
