"""Numbers and dates of a sentence that its quotes do not have.

A number must be the same: "about 700 million" is not 698. It may be written otherwise, by digits, by words, inside a
word («двухлетний»), as a Roman numeral, or by a word that means it (both, dozen, half). A date may be vaguer than its
source's, never more exact or another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from rag.text.values import Value, find_values
from rag.text.words import STOP, Word, fold, words

FAR = 60  # characters between a number and a word from which on they are not taken to belong together
BESIDE = 25  # and up to which they are

_ROMAN = re.compile(r"\b(?=[IVXLCХ])(?:X{0,3}(?:IX|IV|V?I{0,3})|XL(?:IX|IV|V?I{0,3})|L(?:IX|IV|V?I{0,3}))\b")
_LOOKS_ALIKE = str.maketrans("ХІ", "XI")  # Cyrillic letters that stand for Roman ones
# «три» begins «тридцать» too.
_LARGER = r"[а-яё]{0,2}(?:надцат|дцат|десят|ст[аи]\b|сот)|t?(?:een|y\b|ies\b|ieth)|\s?hundred"
# What a number is also said by; only these are lenient, and only as evidence.
_SAID_BY: dict[str, re.Pattern[str]] = {
    key: re.compile(rf"\b(?:{pattern})(?!{_LARGER})", re.I)
    for key, pattern in {
        "0.5": r"half\b|halv|половин|полу|пол(?:года|часа|века|дня)|50\s?%",
        "50": r"half\b|halv|половин|полвека",
        "1.5": r"полтор",
        "1": r"one\b|first\b|single|once\b|один|одн(?:а|о|и|у|ого|ой|ому|им|ом)\b|перв|единственн|однажды",
        "2": r"two|both|pair|couple|second|twice|doubl|дв[ае]\b|дво[ей]|двух|двум|дважды|об[ае]\b|об[ое]и|втор|[ву]дво",
        "3": r"three|third|triple|thrice|три\b|трижды|тр[её]х|тр[её]м|трой|трое|троих|трет|втрое|утрои",
        "4": r"four|quadr|четыр|четвер(?!г)|вчетверо",
        "5": r"five|fifth|пят(?:[ьи]|ью|ый|ая|ое|ого|ой|ую|ым|ом|еро)",
        "6": r"six|шест(?:ь|и|ью|ой|ая|ое|ого|ую|ым|ом|еро)",
        "7": r"seven|week|семь\b|семью\b|семи(?!нар)|седьм|недел",
        "8": r"eight|вос[еь]м",
        "9": r"nine|ninth|девят",
        "10": r"ten\b|tenth|decade|десят",
        "12": r"twelve|twelfth|dozen|двенадцат|дюжин",
        "20": r"twenty|twentie|score\b|two decades|двадцат",
        "30": r"thirty|thirtie|тридцат",
        "40": r"fort(?:y|ie)|сорок",
        "60": r"sixt(?:y|ie)|шест(?:ь|и)десят",
        "70": r"sevent(?:y|ie)|сем(?:ь|и)десят",
        "80": r"eight(?:y|ie)|вос[еь]м(?:ь|и)десят",
        "90": r"ninet(?:y|ie)|девяност",
        "100": r"hundred|centur|сто\b|ста\b|сот(?:ен|ни|ня|ый|ая|ой)\b|столет|век(?:а|е|у|ом|ов)?\b",
        "200": r"two hundred|two centuries|двести|двухсот|две сотни|двух сотен|два столетия|два века",
        "300": r"three hundred|three centuries|триста|тр[её]хсот|три сотни|тр[её]х сотен|три столетия|три века",
        "400": r"four hundred|четыреста|четыр[её]хсот",
        "500": r"five hundred|пятьсот|пятисот",
        "1000": r"thousand|millenni|тысяч|тысячелет",
        "25": r"quarter|четверт",
    }.items()
}
# Not numbers, or not of what is counted: «семью» is a family, «вторая половина» a half, «Сент-Луис» no September.
_NO_VALUE = re.compile(r"семью\b(?! [а-я]+(?:ами|ями|ьми)\b)|втор(?:ая|ой|ую) половин|сент-[а-я]", re.I)
_DAYS = frozenset(map(str, range(1, 32)))
_BEFORE_MONTH = re.compile(r"(?:\s?(?:st|nd|rd|th|-го|-е))?\s(?:(?:day\s)?of\s)?")
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
    there = [(quote, value) for quote in quotes for value in _values(quote)]
    said = fold(" ".join(quotes))
    wanted = [v for v in _values(sentence) if not _NO_VALUE.match(sentence, v.start)]
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
    """Values of `text`, Roman numerals and days in words too («двадцать пятого декабря», "19th day of March")."""
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
        else:
            found.append(value)
    return found + _roman(text)


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
    if sentence[value.start : value.end].lower() in ("third", "треть", "quarter") and _SAID_BY["3"].search(said):
        return True
    pattern = _SAID_BY.get(value.key[1:])
    return bool(pattern and pattern.search(said))


def readings(value: Value, text: str) -> set[str]:
    """The numbers that a value may be; none for a date with more to it than a year.

    A comma before three digits parts thousands or begins a fraction, whatever the language of the text; the scale of a
    range's end may be its beginning's too; 2000 may be a year or not.
    """
    bare = value.key[1:]
    if value.kind == "date":
        return {bare} if bare.isdigit() else set()
    found = {bare}
    written = text[value.start : value.end]
    after = text[value.end : value.end + 24]
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


def _roman(text: str) -> list[Value]:
    """Roman numerals from II on: of centuries, popes and finals."""
    found = []
    for m in _ROMAN.finditer(text.translate(_LOOKS_ALIKE)):
        if len(m.group()) > 1 or (m.group() in "VX" and re.match(r"\s?(?:век|вв?\.|стол|centur)", text[m.end() :])):
            found.append(Value("number", f"#{_roman_value(m.group())}", "", m.start(), m.end()))
    return found


def _roman_value(numeral: str) -> int:
    worth = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[c] for c in numeral]
    return sum(-a if a < b else a for a, b in zip(worth, [*worth[1:], 0], strict=True))


def _plain(value: Decimal) -> str:
    return str(int(value)) if value == value.to_integral_value() else format(value.normalize(), "f")
