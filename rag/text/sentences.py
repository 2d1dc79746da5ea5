"""Sentences of a text, with offsets: razdel's, kept from breaking after abbreviations and at wrapped lines.

A sentence never crosses a blank line. A single line break ends a sentence too, unless the lines of a paragraph were
wrapped to a width. An item of a list is a sentence of its own.
"""

from __future__ import annotations

import re

from razdel import sentenize

_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
_BULLET = re.compile(r"[^\S\n]*(?:[•‣▪◦*·]|[-–—](?=\s)|\(?\d{1,2}[.)](?=\s))")
# razdel knows many; these were seen to split in news and official texts.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(«\"“])(?:[A-ZА-ЯЁ]\.){0,3}(?:Dr|Mr|Mrs|Ms|Prof|Gen|Col|Lt|Sen|Rep|Gov|St|No|Nos|Co|Ltd|Inc|Corp|vs|approx|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|"
    r"тыс|млн|млрд|трлн|руб|долл|им|ул|пр|просп|обл|р-н|г|гг|в|вв|т\.\s?[нкде]|т|см|стр|рис|табл|ст|п|пп|др|проч|"
    r"акад|проф|доц|чел|кв|куб|ок|ред|экз|шт|[A-ZА-ЯЁ])\.$"
)
_OPENS_SENTENCE = re.compile(r"[\s«\"“(]*[A-ZА-ЯЁ]")
_ENDS_PHRASE = re.compile(r"(?:тыс|млн|млрд|трлн|руб|долл|гг?|вв?|др|проч|чел|шт|т\.\s?[дп]|Co|Ltd|Inc|Corp)\.$")
_TERMINAL = re.compile(r"[.!?…:;][»\"”’)\]]*$")


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans (start, end) of the sentences of `text`, without the white space around them.

    >>> text = "Dr. Li came. «Объем — 5 тыс. тонн», — сказал он."
    >>> [text[a:b] for a, b in sentences(text)]
    ['Dr. Li came.', '«Объем — 5 тыс. тонн», — сказал он.']
    """
    spans: list[tuple[int, int]] = []
    for start, end in _blocks(text):
        spans += _split(text, start, end)
    return spans


def _blocks(text: str) -> list[tuple[int, int]]:
    """Spans that no sentence crosses: paragraphs, the items of a list, and lines that were not wrapped."""
    blocks: list[tuple[int, int]] = []
    at = 0
    for m in [*_BLANK.finditer(text), None]:
        end = m.start() if m else len(text)
        if text[at:end].strip():
            blocks += _lines(text, at, end)
        at = m.end() if m else end
    return blocks


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    at = start
    for part in text[start:end].split("\n"):
        if part.strip():
            lines.append((at, at + len(part)))
        at += len(part) + 1
    wrapped = _is_wrapped([text[a:b] for a, b in lines])
    joined: list[tuple[int, int]] = []
    for a, b in lines:
        if joined and wrapped and not _BULLET.match(text, a, b):
            joined[-1] = (joined[-1][0], b)
        else:
            joined.append((a, b))
    return joined


def _is_wrapped(lines: list[str]) -> bool:
    """True when each line was broken because its next word no longer fitted, as in a text file of fixed width.

    The first word of the next line must not have fitted in at least four of five places, the width being the longest
    line's; lines over 120 characters are paragraphs, not wrapped ones.
    """
    if len(lines) < 2:
        return False
    lengths = [len(line.rstrip()) for line in lines]
    width = max(lengths)
    if width > 120 or width < 40:
        return False
    breaks = [
        length + 1 + len(following.split(maxsplit=1)[0]) > width or not _TERMINAL.search(line.rstrip())
        for length, line, following in zip(lengths, lines, lines[1:], strict=False)
        if not _BULLET.match(following)
    ]
    return not breaks or sum(breaks) >= 0.8 * len(breaks)


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    block = text[start:end]
    for part in sentenize(block):
        a, b = _trim(text, start + part.start, start + part.stop)
        if a >= b:
            continue
        if spans and _continues(text[spans[-1][0] : spans[-1][1]], text[a:b]):
            spans[-1] = (spans[-1][0], b)
        else:
            spans.append((a, b))
    return spans


def _continues(before: str, after: str) -> bool:
    """True when the break between the two was made by an abbreviation or inside a quotation."""
    if before.count("«") > before.count("»") and len(before) < 600 and "»" in after:
        return True
    tail = before[-24:]
    if _ENDS_PHRASE.search(tail):
        return not _OPENS_SENTENCE.match(after)
    return bool(_ABBREVIATION.search(tail))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
