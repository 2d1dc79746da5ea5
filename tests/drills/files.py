"""Awkward files among a hundred good ones: `make drill-files` prints what became of each, and what it cost.

A real `suroo add` runs as a process of its own; its memory is the peak that the system counted (VmHWM).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from rag.documents import printable
from rag.messages import catalogue
from tests.drills.awkward import FILES, write
from tests.make_files import PARAGRAPH, RUSSIAN, docx, html, pdf, rtf

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = 100
MOST_MEMORY_MB = 1000
MOST_SECONDS = 30.0


@dataclass(frozen=True)
class Seen:
    """What a run showed: the outcome and the seconds of each file by its name, and the peak memory of the parent."""

    outcomes: dict[str, dict[str, str | None]]
    seconds: dict[str, float]
    memory_mb: float
    exit_code: int


def write_good(folder: Path) -> None:
    """A hundred good documents in every format."""
    folder.mkdir(parents=True)
    for n in range(GOOD):
        english, russian = f"{PARAGRAPH} It was meeting {n}.", f"{RUSSIAN} Это была встреча {n}."
        contents = {
            "txt": russian.encode(),
            "md": f"# Meeting\n\n{english}".encode(),
            "html": html([english * 3]).encode(),
            "pdf": pdf([[russian]]),
            "docx": docx([english]),
            "rtf": rtf(russian),
        }
        kind = list(contents)[n % len(contents)]
        (folder / f"good-{n:03d}.{kind}").write_bytes(contents[kind])


def run(root: Path, *, cases: Container[str] | None = None) -> Seen:
    """Add a folder with good and awkward files by the command line, and watch."""
    folder, data, peak = root / "in", root / "data", root / "status"
    write_good(folder / "good")
    write(folder / "awkward", cases)
    program = (
        f"import atexit, pathlib, sys; sys.argv = {['suroo', 'add', '--json', '--data', str(data), str(folder)]!r}\n"
        "status = pathlib.Path('/proc/self/status')\n"
        f"atexit.register(lambda: pathlib.Path({str(peak)!r}).write_text(status.read_text()))\n"
        "from rag.cli import main; main()"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout is not None
    outcomes: dict[str, dict[str, str | None]] = {}
    seconds: dict[str, float] = {}
    last = time.monotonic()
    with child.stdout as lines:
        for line in lines:
            outcome = json.loads(line)
            name = str(outcome["path"]).rsplit("/", 1)[-1]
            outcomes[name] = outcome
            now = time.monotonic()
            seconds[name], last = now - last, now
    exit_code = child.wait()
    high_water = re.search(r"VmHWM:\s+(\d+) kB", peak.read_text())
    return Seen(outcomes, seconds, int(high_water.group(1)) / 1024 if high_water else 0.0, exit_code)


def wrong(seen: Seen, cases: Container[str] | None = None) -> list[str]:
    """What is not as the table says, in words."""
    complaints = []
    for name, (_, status, reason) in FILES.items():
        if cases is not None and name not in cases:
            continue
        shown = printable(Path(name)) if name != "folder.txt" else "inside.txt"
        outcome = seen.outcomes.get(shown)
        if outcome is None:
            complaints.append(f"{shown}: no outcome")
        elif outcome["status"] != status:
            complaints.append(f"{shown}: {outcome['status']} ({outcome['reason']}), not {status}")
        elif reason and not _says(reason, str(outcome["reason"])):
            complaints.append(f"{shown}: “{outcome['reason']}”, not {reason}")
    good = [o for n, o in seen.outcomes.items() if n.startswith("good-")]
    if len(good) != GOOD or any(o["status"] != "added" for o in good):
        complaints.append(f"of {GOOD} good files {sum(o['status'] == 'added' for o in good)} were added")
    complaints += [f"{name}: took {s:.1f} s" for name, s in seen.seconds.items() if s > MOST_SECONDS]
    if seen.memory_mb > MOST_MEMORY_MB:
        complaints.append(f"peak memory {seen.memory_mb:.0f} MB")
    if seen.exit_code != 1:
        complaints.append(f"exit code {seen.exit_code}, not 1")
    return complaints


def _says(reason: str, words: str) -> bool:
    """Whether `words` are the message of `reason`, whatever fills it in."""
    message = re.escape(catalogue("en")[f"reason.{reason}"])
    return re.fullmatch(re.sub(r"\\{\w+\\}", ".*", message), words) is not None


def main() -> int:
    with tempfile.TemporaryDirectory() as root:
        seen = run(Path(root))
    for name, outcome in sorted(seen.outcomes.items()):
        if not name.startswith("good-"):
            print(f"{outcome['status']:<8} {seen.seconds[name]:5.1f} s  {name[:60]:<62} {outcome['reason'] or ''}")
    slowest = max(seen.seconds, key=lambda n: seen.seconds[n])
    print(f"\n{GOOD} good and {len(FILES)} awkward files; slowest {slowest[:40]}: {seen.seconds[slowest]:.1f} s")
    print(f"peak memory of the parent: {seen.memory_mb:.0f} MB")
    complaints = wrong(seen)
    print("\n".join(complaints) or "each as the table says")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
