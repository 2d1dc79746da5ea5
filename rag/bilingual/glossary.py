"""A user's own glossary, in the form of the lexicon: English variants TAB Russian variants, each parted by semicolons.

It stands as `glossary.tsv` in the library's folder and is read when the library is opened. A line that begins with #
says nothing; what follows a second tab (the lexicon's topic) is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from pathlib import Path

from rag.errors import BadGlossary
from rag.text.words import content_stems

NAME = "glossary.tsv"


def read_glossary(path: Path) -> dict[str, dict[str, float]]:
    """Stem → its translations and synonyms with weights in (0, 1]; empty where there is no such file.

    Single words stand for each other with weight 1; between phrases each word of one leads to each word of the other,
    with 1 over the length of the longer. Raises `BadGlossary` with the number of a line that is not of the form.
    """
    found: dict[str, dict[str, float]] = {}
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return found
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8-sig").strip()
        except UnicodeDecodeError as error:
            raise BadGlossary(path=str(path), line=number) from error
        if not text or text.startswith("#"):
            continue
        sides = [[content_stems(variant) for variant in side.split(";")] for side in text.split("\t")[:2]]
        if len(sides) != 2 or not all(any(side) for side in sides):
            raise BadGlossary(path=str(path), line=number)
        english, russian = sides
        _link(found, product(english, russian))
        for side in sides:
            _link(found, ((a, b) for a, b in product(side, side) if a < b))
    return found


def _link(found: dict[str, dict[str, float]], pairs: Iterable[tuple[list[str], list[str]]]) -> None:
    for one, other in pairs:
        for a, b in product(one, other):
            if a != b:
                for x, y in ((a, b), (b, a)):
                    kept = found.setdefault(x, {})
                    kept[y] = max(kept.get(y, 0.0), 1 / max(len(one), len(other)))
