"""Throws broken files at every reader: `make fuzz-readers` runs 10,000 examples each.

An example is a valid file that was cut, patched, doubled or flipped, or bytes of no kind. A reader must give a
`Content`, whatever comes; an exception is a fault. Each reader runs in a process of its own, since a library in C may
take the interpreter with it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import warnings
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rag.documents.content import Content
from rag.documents.readers import READERS
from tests.make_files import PARAGRAPH, RUSSIAN, docx, html, pdf, rtf

ROOT = Path(__file__).resolve().parent.parent.parent


def samples(format: str) -> list[bytes]:
    """Valid files of a format, to break."""
    made: dict[str, list[bytes]] = {
        ".txt": [PARAGRAPH.encode(), RUSSIAN.encode("cp1251"), RUSSIAN.encode("utf-16")],
        ".md": [f"---\ntitle: A\ndate: 2025-02-07\n---\n# A\n\n- b\n\n| c | d |\n|---|---|\n\n{PARAGRAPH}".encode()],
        ".html": [html([PARAGRAPH, RUSSIAN]).encode()],
        ".pdf": [pdf([[PARAGRAPH]]), pdf([[RUSSIAN]])],
        ".docx": [docx([PARAGRAPH, RUSSIAN])],
        ".rtf": [rtf(RUSSIAN), rtf(PARAGRAPH)],
    }
    return made[format]


@st.composite
def broken(draw: st.DrawFn, format: str) -> bytes:
    """A file of `format` with up to five things done to it, or bytes of no kind."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=400))
    data = bytearray(draw(st.sampled_from(samples(format))))
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.integers(1, 40))
        match draw(st.sampled_from(["cut", "patch", "double", "drop", "flip"])):
            case "cut":
                del data[at:]
            case "patch":
                data[at : at + length] = draw(st.binary(max_size=length))
            case "double":
                data[at:at] = data[at : at + length] * draw(st.integers(1, 30))
            case "drop":
                del data[at : at + length]
            case "flip" if data:
                data[at] ^= 1 << draw(st.integers(0, 7))
    return bytes(data)


def fuzz(format: str, examples: int) -> None:
    """Raises what a reader raises, with the example that makes it do so."""
    reader = READERS[format]

    @given(broken(format))
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    def survives(data: bytes) -> None:
        assert isinstance(reader(data), Content)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        survives()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--format", choices=sorted(READERS))
    options = parser.parse_args()
    if options.format:
        fuzz(options.format, options.examples)
        return 0
    failed = 0
    for format in READERS:
        began = time.monotonic()
        command = [sys.executable, "-m", "tests.drills.fuzz", "--format", format, "--examples", str(options.examples)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        failed += done.returncode != 0
        end = "no exception" if done.returncode == 0 else f"ended with {done.returncode}:\n{done.stderr[-3000:]}"
        print(f"{format:<6} {options.examples} examples in {time.monotonic() - began:.0f} s: {end}", flush=True)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
