"""Numbers and dates of a sentence that its quotes do not have.

A number must be the same: "about 700 million" is not 698. It may be written otherwise, by digits, by words, inside a
word («двухлетний»), as a Roman numeral, or by a word that means it (both, dozen, half). A date may be vaguer than its
source's, never more exact or another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from rag.checks.numerals import roman_numerals, said_by, spelled_on
from rag.text.values import Value, find_values
from rag.text.words import STOP, Word, fold, words

FAR = 60  # characters between a number and a word from which on they are not taken to belong together
BESIDE = 25  # and up to which they are

# Not numbers, or not of what is counted: «семью» is a family, «вторая половина» a half, «Сент-Луис» no September.
_NO_VALUE = re.compile(r"семью\b(?! [а-я]+(?:ами|ями|ьми)\b)|втор(?:ая|ой|ую) половин|сент-[а-я]", re.I)
_NAMED_AS_A_MONTH = re.compile(r"Август\w{0,2}|Март|Ма[йея]")  # amid a sentence, where Russian writes a month small
_DAYS = frozenset(map(str, range(1, 32)))
_BEFORE_MONTH = re.compile(r"(?:\s?(?:st|nd|rd|th|-го|-е))?\s(?:(?:day\s)?of\s)?")
_SPELLED = re.compile(r"[^\W\d]+(?:[\s-][^\W\d]+)?")
_HUNDREDS = frozenset(f"#{n}" for n in range(100, 1000, 100))
_JOINS = (" ", " and ")
_DECADE = re.compile(r"['’]?s\b|-?[хе]\b|-?ы[хе]\b")
_AND_A_HALF = re.compile(r"(?:\sand\sa\shalf|\sс\sполовиной)\b")
_AFTERNOON = re.compile(r"(?:[:.]\d\d)?\s?(?:p\.?\s?m\b|час\w*\s(?:дня|вечера))", re.I)
_END_OF_YEARS = re.compile(r"(?P<century>1\d|20)\d\d[-–—/]$")
_BEGINS_YEARS = re.compile(r"\d{4}[-–—/]\d\d\b")
_SUFFIX = re.compile(r"(?<=\d)(?P<scale>m|mn|bn|b|k|м)\b")
_SUFFIX_SCALE = {"m": 10**6, "mn": 10**6, "м": 10**6, "bn": 10**9, "b": 10**9, "k": 10**3}
_SCALE_OF = re.compile(r"thousand|тыс|million|млн|миллион|billion|млрд|миллиард|trillion|трлн|триллион", re.I)
_POWER = {
    "thousand": 10**3,
    "тыс": 10**3,
    "million": 10**6,
    "млн": 10**6,
    "миллион": 10**6,
    "billion": 10**9,
    "млрд": 10**9,
    "миллиард": 10**9,
    "trillion": 10**12,
    "трлн": 10**12,
    "триллион": 10**12,
}
_TO_PERCENT = re.compile(r"\s?(?:[-–—]|to|and|or|до|и|или)\s?[\d.,]+\s?(?:%|per|проц)")
_RANGE = re.compile(
    r"\s?(?:[-–—]|to|and|or|до|и|или)\s?(?=[\d.,  ]*\d\s?(?:thousand|million|billion|trillion|[тм][ыилр]))"
)


def missing_values(sentence: str, quotes: Sequence[str]) -> list[Value]:
    """Values of `sentence` that stand in none of `quotes`, in order."""
    there = [(quote, value) for quote in quotes for value in [*_values(quote), *roman_numerals(quote, alone=True)]]
    said = fold(" ".join(quotes))
    wanted = [*_values(sentence), *roman_numerals(sentence)]
    wanted = [v for v in wanted if not (v.start and _NAMED_AS_A_MONTH.fullmatch(sentence, v.start, v.end))]
    wanted = [v for v in wanted if not _NO_VALUE.match(sentence, v.start) and sentence[v.start - 1 : v.end] != ":00"]
    return [
        v
        for v in wanted
        if not _stands(v, sentence, there) and not _said(v, sentence, said) and not _dated_apart(v, there)
    ]


def misplaced_number(sentence: str, quotes: Sequence[str], met: Callable[[str, str], bool]) -> str | None:
    """A number of `sentence` that its quotes give of something else, with the word it stands at; None for none.

    The word is the one that follows. Its quote has it far from that number, and right behind another. `met` says
    whether a word of the sentence and one of a quote mean the same.
    """
    for value in find_values(sentence):
        head = _counted(value, sentence)
        if value.kind != "number" or value.unit or head is None:
            continue
        for quote in quotes:
            values = [v for v in find_values(quote) if v.kind == "number"]
            own = [v for v in values if _stands(value, sentence, [(quote, v)])]
            places = [w.start for w in words(quote) if w.lower not in STOP and met(head.surface, w.surface)]
            if not own or not places or any(abs(v.start - at) < FAR for v in own for at in places):
                continue
            if any(0 < at - v.end < BESIDE for v in values if v not in own for at in places):
                return sentence[value.start : head.end]
    return None


def _values(text: str) -> list[Value]:
    """Values of `text`, more of them in words («двадцать пятого декабря», "19th day of March", «сто восемьдесят»)."""
    found: list[Value] = []
    for value in find_values(text):
        day, month = found[-1] if found else None, value.key[1:].split("-")
        if (
            day is not None
            and day.kind == "number"
            and day.key[1:] in _DAYS
            and value.kind == "date"
            and len(month) == 2
            and _BEFORE_MONTH.fullmatch(text, day.end, value.start)
        ):
            found[-1] = Value("date", f"{value.key}-{int(day.key[1:]):02d}", "", day.start, value.end)
        elif value.kind == "number" and _SPELLED.fullmatch(text, value.start, value.end):
            number, end = spelled_on(text, value.end, int(value.key[1:]))
            start = value.start
            if day is not None and day.key in _HUNDREDS and number < 100 and text[day.end : start] in _JOINS:
                number, start = number + int(day.key[1:]), found.pop().start
            found.append(Value("number", f"#{number}", "", start, end))
        else:
            found.append(value)
    return found


def _counted(value: Value, sentence: str) -> Word | None:
    """The word right behind a number: what it counts."""
    after = words(sentence[value.end : value.end + 40])
    if not after or after[0].lower in STOP or sentence[value.end : value.end + after[0].start].strip(" \u00a0-"):
        return None
    first = after[0]
    return Word(first.surface, first.lower, first.start + value.end, first.end + value.end)


def _stands(value: Value, sentence: str, there: Iterable[tuple[str, Value]]) -> bool:
    own = readings(value, sentence)
    begins = _BEGINS_YEARS.match(sentence, value.start) is not None  # 1576–77 has 1577, and not "1577–78"
    for quote, other in there:
        if value.kind == other.kind == "date" and value.key in other.terms():
            return True
        if begins and _END_OF_YEARS.search(quote, max(0, other.start - 5), other.start):
            continue
        if own & readings(other, quote) and _fits(value, other, quote):
            return True
    return False


def _fits(value: Value, other: Value, quote: str) -> bool:
    """Whether the units agree; a per cent must be one there, other units may be left out."""
    if value.unit == "%":
        return other.unit == "%" or _TO_PERCENT.match(quote, other.end) is not None
    return value.unit in ("", other.unit) or not other.unit


def _dated_apart(value: Value, there: Sequence[tuple[str, Value]]) -> bool:
    """Whether one quote has the day and month of a date without a year, and its year elsewhere ("June 5 in 1970")."""
    year, _, day = value.key[1:].partition("-")
    if value.kind != "date" or not year or len(day) < 5:
        return False
    return any(q == r and v.key == f"@-{day}" and w.key == f"@{year}" for q, v in there for r, w in there)


def _said(value: Value, sentence: str, said: str) -> bool:
    """Whether a small number is said by a word that the search for values passes over."""
    if value.kind == "date" and value.key == "@-05":
        return re.search(r"\b(?:in|of|for|from|since|until|by|and|or) may\b|\bmay[,/]|\bма[йяею]\b", said) is not None
    if value.kind != "number" or (value.unit not in ("", "%") and len(value.key) < 4):
        return False
    pattern = said_by("3" if sentence[value.start : value.end].lower() in ("third", "треть") else value.key[1:])
    return bool(pattern and pattern.search(said))


def readings(value: Value, text: str) -> set[str]:
    """The numbers that a value may be; none for a date with more to it than a year.

    A comma before three digits parts thousands or begins a fraction, whatever the language of the text; the scale of a
    range's end may be its beginning's too; 2000 may be a year or not.
    """
    bare = value.key[1:]
    after = text[value.end : value.end + 24]
    decade = {f"{bare[-2:]}s"} if bare[-1] == "0" and _DECADE.match(after) else set()
    if value.kind == "date":
        return {bare} | decade if bare.isdigit() else set()
    if _AND_A_HALF.match(after):
        return {f"{bare}.5"}
    found = {bare} | decade
    written = text[value.start : value.end]
    if _AFTERNOON.match(after) and bare.isdigit() and int(bare) < 12:
        found.add(str(int(bare) + 12))
    if _SPELLED.fullmatch(written) and (scale := _SCALE_OF.match(after.lstrip())):
        found.add(_plain(Decimal(bare) * _POWER[fold(scale.group())]))
    digits = re.search(r"(\d+)[,.](\d{3})(?![\d,.])", written)
    if digits and not _SCALE_OF.search(written):
        whole, part = digits.groups()
        found |= {whole + part, _plain(Decimal(f"{whole}.{part}"))}
    if (m := _END_OF_YEARS.search(text, max(0, value.start - 5), value.start)) and re.fullmatch(r"\d\d", written):
        found.add(m.group("century") + written)
    if m := _SUFFIX.match(text, value.end):
        found.add(_plain(Decimal(bare) * _SUFFIX_SCALE[m.group("scale")]))
    if (m := _RANGE.match(after)) and (scale := _SCALE_OF.search(after)) and not _SCALE_OF.search(written):
        found.add(_plain(Decimal(bare) * _POWER[fold(scale.group())]))
    return found


def _plain(value: Decimal) -> str:
    return str(int(value)) if value == value.to_integral_value() else format(value.normalize(), "f")
