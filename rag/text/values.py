"""Numbers, amounts, percentages and dates of a text, as values that do not depend on the language they are written in.

"$700 million", «700 млн долларов» and "0.7 billion dollars" have one key; so have "February 7, 2025", «7 февраля 2025
года» and "2025-02-07". Keys serve three uses: as index terms (rag/lexical.py), to check a sentence against its source
(rag/citations.py), and to see what kind of answer a sentence offers.

Not done here: arithmetic, conversion of units, relative dates ("last year"), spelled numbers of more than two words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from rag.text.words import CYRILLIC, fold

MONTHS_EN = "january february march april may june july august september october november december".split()
_MONTH_SHORT_EN = "jan feb mar apr may jun jul aug sep oct nov dec".split()
# Nominative, genitive, prepositional of each month: the forms that dates take.
MONTHS_RU = [
    ("январь", "января", "январе", "январю", "январем", "янв"),
    ("февраль", "февраля", "феврале", "февралю", "февралем", "февр", "фев"),
    ("март", "марта", "марте", "марту", "мартом"),
    ("апрель", "апреля", "апреле", "апрелю", "апрелем", "апр"),
    ("май", "мая", "мае", "маю", "маем"),
    ("июнь", "июня", "июне", "июню", "июнем"),
    ("июль", "июля", "июле", "июлю", "июлем"),
    ("август", "августа", "августе", "августу", "августом", "авг"),
    ("сентябрь", "сентября", "сентябре", "сентябрю", "сентябрем", "сент", "сен"),
    ("октябрь", "октября", "октябре", "октябрю", "октябрем", "окт"),
    ("ноябрь", "ноября", "ноябре", "ноябрю", "ноябрем", "нояб"),
    ("декабрь", "декабря", "декабре", "декабрю", "декабрем", "дек"),
]
MONTH: dict[str, int] = {name: i + 1 for i, name in enumerate(MONTHS_EN)}
MONTH |= {name: i + 1 for i, name in enumerate(_MONTH_SHORT_EN)} | {"sept": 9}
MONTH |= {form: i + 1 for i, forms in enumerate(MONTHS_RU) for form in forms}

_SMALL: dict[str, int] = {}
for _value, _forms in {
    1: "one один одна одно одного одной одному одним одном first первый первая первое первого первой первом",
    2: "two два две двух двум двумя second второй вторая второе второго втором twice дважды",
    3: "three три трех трем тремя third третий третья третье третьего третьей третьем",
    4: "four четыре четырех четырем четырьмя fourth четвертый четвертая четвертое четвертого четвертой",
    5: "five пять пяти пятью fifth пятый пятая пятое пятого пятой",
    6: "six шесть шести шестью sixth шестой шестая шестое шестого",
    7: "seven семь семи семью seventh седьмой седьмая седьмое седьмого",
    8: "eight восемь восьми восемью восьмью eighth восьмой восьмая восьмое восьмого",
    9: "nine девять девяти девятью ninth девятый девятая девятое девятого девятой",
    10: "ten десять десяти десятью tenth десятый десятая десятое десятого десятой",
    11: "eleven одиннадцать одиннадцати eleventh одиннадцатый одиннадцатого",
    12: "twelve двенадцать двенадцати twelfth двенадцатый двенадцатого",
    13: "thirteen тринадцать тринадцати thirteenth тринадцатый тринадцатого",
    14: "fourteen четырнадцать четырнадцати fourteenth четырнадцатый четырнадцатого",
    15: "fifteen пятнадцать пятнадцати fifteenth пятнадцатый пятнадцатого",
    16: "sixteen шестнадцать шестнадцати sixteenth шестнадцатый шестнадцатого",
    17: "seventeen семнадцать семнадцати seventeenth семнадцатый семнадцатого",
    18: "eighteen восемнадцать восемнадцати eighteenth восемнадцатый восемнадцатого",
    19: "nineteen девятнадцать девятнадцати nineteenth девятнадцатый девятнадцатого",
    20: "twenty двадцать двадцати twentieth двадцатый двадцатого двадцатой",
    30: "thirty тридцать тридцати thirtieth тридцатый тридцатого тридцатой",
    40: "forty сорок сорока fortieth",
    50: "fifty пятьдесят пятидесяти fiftieth",
    60: "sixty шестьдесят шестидесяти",
    70: "seventy семьдесят семидесяти",
    80: "eighty восемьдесят восьмидесяти",
    90: "ninety девяносто девяноста",
    100: "hundred сто ста сотня",
}.items():
    for _form in _forms.split():
        _SMALL[_form] = _value
# "one" and "first" are articles and adverbs more often than numbers, and "second" is a unit.
_SPELLED = {form: value for form, value in _SMALL.items() if value > 1 and form != "second"}

_SCALES: list[tuple[str, int]] = [
    (r"thousand|тысяч\w*|тыс\b\.?", 10**3),
    (r"million|mln\b|mn\b|миллион\w*|млн\b\.?", 10**6),
    (r"billion|bln\b|bn\b|миллиард\w*|млрд\b\.?", 10**9),
    (r"trillion|trn\b|триллион\w*|трлн\b\.?", 10**12),
]
_A_SCALE = "|".join(pattern for pattern, _ in _SCALES)
_SCALE = re.compile("|".join(f"(?P<s{power}>{pattern})" for pattern, power in _SCALES), re.I)
_UNITS: list[tuple[str, str]] = [
    ("%", r"%|per\s?cent\b|percent\b|процент\w*"),
    ("usd", r"\$|us\$|usd\b|(?:us |american )?dollars?\b|доллар\w*(?: сша)?|долл\b\.?"),
    ("eur", r"€|eur\b|euros?\b|евро\b"),
    ("rub", r"₽|rub\b|(?:russian )?rubles?\b|(?:russian )?roubles?\b|(?:российск\w+ )?рубл\w*|руб\b\.?"),
    ("kgs", r"kgs\b|(?:kyrgyz )?soms?\b|сом(?:ов|а|ы|у|ами|ах)?\b"),
    ("kzt", r"₸|kzt\b|tenges?\b|тенге\b"),
    ("cny", r"¥|cny\b|rmb\b|yuan\b|юан\w+"),
    ("uzs", r"uzs\b|сум(?:ов|а|ы)?\b"),
    ("mw", r"mw\b|megawatts?\b|мвт\b|мегаватт\w*"),
    ("gw", r"gw\b|gigawatts?\b|гвт\b|гигаватт\w*"),
    ("kwh", r"kwh\b|kilowatt[- ]hours?\b|квт[·⋅*-]?\s?ч\b\.?|киловатт-час\w*"),
    ("km2", r"km²|km2\b|square kilomet(?:er|re)s?\b|sq\.? ?km\b|кв\.? ?км\b|квадратн\w+ километр\w*"),
    ("km", r"km\b|kilomet(?:er|re)s?\b|км\b|километр\w*"),
    ("t", r"tons?\b|tonnes?\b|тонн\w*"),
    ("ha", r"ha\b|hectares?\b|га\b|гектар\w*"),
    ("kg", r"kg\b|kilograms?\b|кг\b|килограмм\w*"),
]
_UNIT = re.compile("|".join(f"(?P<u{i}>{pattern})" for i, (_, pattern) in enumerate(_UNITS)), re.I)
_PREFIX = re.compile(r"(?:(?P<usd>us\$|\$|usd)|(?P<eur>€|eur)|(?P<cny>¥|rmb|cny)|(?P<rub>₽)|(?P<kzt>₸))\s?$", re.I)

# Thousands are grouped by a comma (English), a space or a no-break space (Russian), an apostrophe.
_NUMBER = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:[,\u00a0\u202f '’]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)(?![\d])")
_SPELLED_NUMBER = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")
_YEAR = re.compile(r"(?:1[5-9]|20|21)\d\d$")

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_NTH = rf"{_DAY}(?:\s?(?:st|nd|rd|th|-го|-е)\b)?"
_DAYS = rf"(?P<days>{_NTH}(?:\s?(?:[-–—,/]|and|to|и|по)\s?{_NTH})*)"
# The letters that months begin with come first: most words are passed over at once.
_MONTH_NAME = "(?=[jfmasondяфмаисонд])(?P<month>" + "|".join(sorted(MONTH, key=len, reverse=True)) + r")\b\.?"
_YEAR_PART = r"(?P<year>(?:1[5-9]|20|21)\d\d)(?!\d)"
_IN_DIGITS = [
    re.compile(rf"(?<!\d)(?P<year>(?:1[5-9]|20|21)\d\d)-(?P<m>0[1-9]|1[0-2])-(?P<d>{_DAY})(?!\d)"),
    re.compile(rf"(?<![\d.])(?P<d>{_DAY})\.(?P<m>0?[1-9]|1[0-2])\.{_YEAR_PART}"),
]
_BY_NAME = [
    re.compile(rf"(?<![\w.,]){_DAYS}(?:\s|\s?of\s)\s?{_MONTH_NAME},?(?:\s{_YEAR_PART})?", re.I),
    re.compile(rf"\b{_MONTH_NAME}\s{_DAYS}(?!\d|\s(?:{_A_SCALE}))(?:,?\s{_YEAR_PART})?", re.I),
    re.compile(rf"\b{_MONTH_NAME},?\s(?:of\s)?{_YEAR_PART}", re.I),
]
_MONTH_ALONE = re.compile(rf"\b{_MONTH_NAME}", re.I)
_BEFORE_MONTH = re.compile(
    r"\b(?:in|of|for|during|from|since|until|till|by|early|late|mid|last|next|this|every)[\s-]$", re.I
)
_LETTERS = re.compile(r"[^\W\d_]+")
_INT = re.compile(r"\d+")
_JOINED = re.compile(r"\d[-.]\d")  # without it there is no date in digits, and it is looked for ten times as fast


@dataclass(frozen=True, slots=True)
class Value:
    """One number or date: `kind` is "number" or "date", `key` the same in every language.

    A number's key is "#" and the number with its scale ("#700000000"); `unit` is "%", a currency, or a measure, or "".
    A date's key is "@" and as much of YYYY-MM-DD as is known, with "-" for an unknown year ("@-02-07", "@2025-02").
    """

    kind: str
    key: str
    unit: str
    start: int
    end: int

    def terms(self) -> list[str]:
        """The index terms of this value: a full date is also findable by its month and by its year."""
        if self.kind == "number":
            return [self.key] if not self.unit else [self.key, f"{self.key}{self.unit}"]
        year, _, rest = self.key[1:].partition("-")
        terms = [self.key]
        if year and rest:
            terms.append(f"@{year}")
            if len(rest) == 5:
                terms += [f"@{year}-{rest[:2]}", f"@-{rest}"]
        if rest and self.key != f"@-{rest[:2]}":
            terms.append(f"@-{rest[:2]}")
        return terms


def find_values(text: str) -> list[Value]:
    """All numbers and dates of `text`, in order of their start; where two readings overlap, the date wins."""
    return list(_found(text)) if text else []


@lru_cache(maxsize=8_000)  # a question looks at the same sentences several times, and at those of the last questions
def _found(text: str) -> tuple[Value, ...]:
    runs = set(_LETTERS.findall(fold(text)))  # most texts name no month, or no number, and this tells at once
    found = _dates(text, named=not runs.isdisjoint(MONTH))
    taken = [(v.start, v.end) for v in found]
    found += _numbers(text, taken)
    if not runs.isdisjoint(_SPELLED):
        found += _spelled(text)
    return tuple(sorted(found, key=lambda v: (v.start, v.end, v.key)))


def value_terms(text: str) -> list[str]:
    """Index terms of all values of `text`."""
    return [term for value in find_values(text) for term in value.terms()]


def _dates(text: str, named: bool) -> list[Value]:
    """Dates of `text`; `named`: whether the name of a month stands in it."""
    found: list[Value] = []
    taken: list[tuple[int, int]] = []
    patterns = (_IN_DIGITS if _JOINED.search(text) else []) + (_BY_NAME if named and _INT.search(text) else [])
    for pattern in patterns:
        for m in pattern.finditer(text):
            if any(m.start() < end and start < m.end() for start, end in taken):
                continue
            groups = m.groupdict()
            month = int(groups["m"]) if groups.get("m") else MONTH.get(fold(groups["month"]))
            if month is None:
                continue  # "aprıl": to a pattern that takes either case, ı is i
            if groups.get("month") and not _is_month(m.group("month"), groups):
                continue
            days = [int(groups["d"])] if groups.get("d") else [int(d) for d in _INT.findall(groups.get("days") or "")]
            year = groups.get("year") or ""
            taken.append((m.start(), m.end()))
            for day in days or [0]:
                key = f"@{year}-{month:02d}" + (f"-{day:02d}" if day else "")
                found.append(Value("date", key, "", m.start(), m.end()))
    for m in _MONTH_ALONE.finditer(text) if named else ():
        if any(m.start() < end and start < m.end() for start, end in taken):
            continue
        name = m.group("month")
        # "may", "march", "mar", "дек" alone are words; a whole month's name with a capital, or in Russian, is a month.
        # "In May" and "last March" are months too.
        is_word = len(name) < 4 or (name.isascii() and (not name[0].isupper() or name.lower() in ("may", "march")))
        if is_word and name in ("May", "March") and _BEFORE_MONTH.search(text, max(0, m.start() - 10), m.start()):
            is_word = False
        if (is_word and fold(name) not in ("май", "мая", "мае")) or fold(name) not in MONTH:
            continue
        found.append(Value("date", f"@-{MONTH[fold(name)]:02d}", "", m.start(), m.end()))
    return found


def _is_month(name: str, groups: dict[str, str | None]) -> bool:
    """False for "5 may", "20 mar" where the word is not a month: lower-case English names need a year beside them."""
    return not name.isascii() or name[0].isupper() or bool(groups.get("year"))


def _numbers(text: str, taken: list[tuple[int, int]]) -> list[Value]:
    found: list[Value] = []
    for m in _NUMBER.finditer(text):
        if any(m.start() < end and start < m.end() for start, end in taken):
            continue
        value = _decimal(m.group(), "," in m.group() and _comma_is_decimal(text))
        if _YEAR.match(m.group()) and not _SCALE.match(text, m.end() + 1):
            unit, end = _unit_after(text, m.end())
            if not unit and not _PREFIX.search(text, max(0, m.start() - 4), m.start()):
                found.append(Value("date", f"@{m.group()}", "", m.start(), m.end()))
                continue
        end = m.end()
        scale = _SCALE.match(text, end + 1) if text[end : end + 1] in (" ", "\u00a0", "-") else _SCALE.match(text, end)
        if scale and scale.lastgroup:
            value *= int(scale.lastgroup[1:])
            end = scale.end()
        unit, end = _unit_after(text, end)
        start = m.start()
        prefix = _PREFIX.search(text, max(0, start - 4), start)
        if prefix and prefix.lastgroup:
            unit, start = prefix.lastgroup, prefix.start()
        found.append(Value("number", f"#{_plain(value)}", unit, start, end))
    return found


def _unit_after(text: str, end: int) -> tuple[str, int]:
    at = end
    while text[at : at + 1] in (" ", "\u00a0", "\u202f", "-") and at - end < 2:
        at += 1
    unit = _UNIT.match(text, at)
    if unit and unit.lastgroup:
        return _UNITS[int(unit.lastgroup[1:])][0], unit.end()
    return "", end


def _spelled(text: str) -> list[Value]:
    """Numbers in words: "three", "thirty-seven", «тридцать семь», "two hundred", «пять миллионов»."""
    found: list[Value] = []
    for m in _SPELLED_NUMBER.finditer(text):
        if found and m.start() < found[-1].end:
            continue
        parts = fold(m.group()).split("-")
        value = _SPELLED.get(parts[0])
        if value is None or (value == 100 and parts[0] in ("hundred", "сотня")):
            continue  # "several hundred" is no number
        if len(parts) == 2:
            ones = _SMALL.get(parts[1])
            if ones is None or ones > 9 or value % 10:
                continue
            value += ones
        end = m.end()
        following = _SPELLED_NUMBER.match(text, end + 1) if text[end : end + 1] == " " else None
        after = fold(following.group()) if following else ""
        if following and 20 <= value < 100 and value % 10 == 0 and 0 < _SMALL.get(after, 0) < 10:
            value, end = value + _SMALL[after], following.end()
        elif following and after == "hundred" and value < 10:
            value, end = value * 100, following.end()
        elif following and value < 1000 and (scale := _SCALE.match(text, end + 1)) and scale.lastgroup:
            value, end = value * int(scale.lastgroup[1:]), scale.end()
        unit, end = _unit_after(text, end)
        found.append(Value("number", f"#{value}", unit, m.start(), end))
    return found


def _comma_is_decimal(text: str) -> bool:
    """Russian writes 3,5 and 1 234; English writes 3.5 and 1,234. Judged by the script of the text."""
    return len(CYRILLIC.findall(text, 0, 400)) * 2 > sum(map(str.isalpha, text[:400]))


def _decimal(digits: str, comma_is_decimal: bool) -> Decimal:
    digits = re.sub(r"[\u00a0\u202f '’]", "", digits)
    if "," in digits and "." in digits:
        digits = digits.replace(",", "")
    elif digits.count(",") > 1 or ("," in digits and not comma_is_decimal and re.fullmatch(r"\d{1,3},\d{3}", digits)):
        digits = digits.replace(",", "")
    return Decimal(digits.replace(",", "."))


def _plain(value: Decimal) -> str:
    if value == value.to_integral_value():
        return str(int(value))
    return format(value.normalize(), "f")
