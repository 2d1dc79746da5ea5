"""Numbers that the search for values passes over: Roman numerals, and words that are only taken as evidence.

"Dozen" proves a 12 that a sentence states; it does not make a sentence state one.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.text.values import Value

_ROMAN = re.compile(r"\b(?=[IVXLCХ])(?:X{0,3}(?:IX|IV|V?I{0,3})|XL(?:IX|IV|V?I{0,3})|L(?:IX|IV|V?I{0,3}))\b")
_CENTURY = re.compile(r"\s?(?:век|вв?\.|стол|centur)")
_BEHIND_A_WORD = re.compile(r"[^\W\d_]{3}[\s\u00a0-]$")
_LOOKS_ALIKE = str.maketrans("ХІ", "XI")  # Cyrillic letters that stand for Roman ones
_ABOUT = r"(?:в|на|до|около|почти|чем|более|свыше|порядка|один|целый)"
# «три» begins «тридцать» too.
_LARGER = r"[а-яё]{0,2}(?:надцат|дцат|десят|ст[аи]\b|сот)|t?(?:een|y\b|ies\b|ieth)|\s?hundred"
# What a number is also said by; only these are lenient, and only as evidence.
_SAID_BY: dict[str, re.Pattern[str]] = {
    key: re.compile(rf"\b(?:{pattern})(?!{_LARGER})", re.I)
    for key, pattern in {
        "0.5": r"half\b|halv|половин|полу|пол(?:года|часа|века|дня)|50\s?%",
        "50": r"half\b|halv|половин|полвека|fift(?:y|ie)|пят(?:ь|и)десят",
        "1.5": r"полтор",
        "1": r"one\b|first\b|single|once\b|один|одн(?:а|о|и|у|ого|ой|ому|им|ом)\b|перв|единственн|однажды",
        "2": r"two|both|pair|couple|second|twice|doubl|дв[ае]\b|дво[ей]|двух|двум|дважды|об[ае]\b|об[ое]и|втор|[ву]дво",
        "3": r"three|third|triple|thrice|три\b|трижды|тр[её]х|тр[её]м|трой|трое|троих|трет|втрое|утрои",
        "4": r"four|quadr|четыр|четвер(?!г)|вчетверо",
        "5": r"five|fifth|пят(?:[ьи]|ью|ый|ая|ое|ого|ой|ую|ым|ом|еро)",
        "6": r"six|шест(?:ь|и|ью|ой|ая|ое|ого|ую|ым|ом|еро)",
        "7": r"seven|семь\b|семью\b|семи(?!нар)|седьм",
        "8": r"eight|вос[еь]м",
        "9": r"nine|ninth|девят",
        "10": r"ten\b|tenth|decade|десят",
        "11": r"eleven|одиннадцат",
        "12": r"twelve|twelfth|dozen|двенадцат|дюжин",
        "13": r"thirteen|тринадцат",
        "14": r"fourteen|четырнадцат",
        "15": r"fifteen|пятнадцат",
        "16": r"sixteen|шестнадцат",
        "17": r"seventeen|семнадцат",
        "18": r"eighteen|восемнадцат",
        "19": r"nineteen|девятнадцат",
        "20": r"twenty|twentie|score\b|two decades|двадцат",
        "30": r"thirty|thirtie|тридцат",
        "40": r"fort(?:y|ie)|сорок",
        "60": r"sixt(?:y|ie)|шест(?:ь|и)десят",
        "70": r"sevent(?:y|ie)|сем(?:ь|и)десят",
        "80": r"eight(?:y|ie)|вос[еь]м(?:ь|и)десят",
        "90": r"ninet(?:y|ie)|девяност",
        "100": r"hundred|centur|сто\b|ста\b|сот(?:ен|ни|ня|ый|ая|ой)\b|столет|век(?:а|е|у|ом|ов)?\b",
        "200": r"two (?:hundred|centuries)|двести|двухсот|дв(?:е|ух) сот|дв(?:а|ух) (?:век|столети)",
        "300": r"three (?:hundred|centuries)|триста|тр[её]хсот|тр(?:и|ех) сот|тр(?:и|ех) (?:век|столети)",
        "400": r"four (?:hundred|centuries)|четыреста|четырехсот|четыр(?:е|ех) (?:век|столети)",
        "500": r"five hundred|пятьсот|пятисот",
        "600": r"six hundred|шестьсот|шестисот",
        "700": r"seven hundred|семьсот|семисот",
        "800": r"eight hundred|восемьсот|восьмисот",
        "900": r"nine hundred|девятьсот|девятисот",
        "1500": r"полторы тысячи",
        "150": r"полтораста",
        "500000": r"half a million|half-million|полмиллиона",
        "1500000": r"one and a half million|полтора миллиона",
        "1000000": rf"(?:a|one) million|{_ABOUT} миллион",
        "1000000000": rf"(?:a|one) billion|{_ABOUT} миллиард",
        "1000": r"thousand|millenni|тысяч|тысячелет",
        "25": r"quarter|четверт",
    }.items()
}


@lru_cache(maxsize=4_000)
def said_by(number: str) -> re.Pattern[str] | None:
    """What a number in plain digits is said by, in folded text; None where nothing is known.

    >>> bool(said_by("27").search("двадцать седьмой")), bool(said_by("180").search("a hundred and eighty"))
    (True, True)
    """
    if number in _SAID_BY or not number.isdigit() or not 20 < int(number) < 1000:
        return _SAID_BY.get(number)
    large = 100 if int(number) > 100 else 10
    first = _SAID_BY.get(str(int(number) // large * large))
    rest = said_by(str(int(number) % large))
    return re.compile(rf"(?:{first.pattern})\w*[\s-](?:and )?(?:{rest.pattern})") if first and rest else None


def spelled_on(text: str, start: int, number: int) -> tuple[int, int]:
    """A round `number` of `text` with what follows at `start` («двадцать | седьмой»), and where that ends."""
    for ones in range(1, 10) if number in range(20, 100, 10) else ():
        if m := re.compile(rf"[\s-](?:{_SAID_BY[str(ones)].pattern})\w*", re.I).match(text, start):
            return number + ones, m.end()
    return number, start


def roman_numerals(text: str, alone: bool = False) -> list[Value]:
    """Roman numerals from II on: of centuries, popes and finals; `alone`: I, V and X behind a name too (Saturn V)."""
    found = []
    for m in _ROMAN.finditer(text.translate(_LOOKS_ALIKE)):
        before, after = text[max(0, m.start() - 4) : m.start()], text[m.end() : m.end() + 8]
        known = len(m.group()) > 1 or (m.group() in "VX" and _CENTURY.match(after))
        if known or (alone and m.group() in tuple("IVX") and _BEHIND_A_WORD.search(before)):
            found.append(Value("number", f"#{_roman_value(m.group())}", "", m.start(), m.end()))
    return found


def _roman_value(numeral: str) -> int:
    worth = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[c] for c in numeral]
    return sum(-a if a < b else a for a, b in zip(worth, [*worth[1:], 0], strict=True))
