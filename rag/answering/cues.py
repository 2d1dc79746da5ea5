"""What kind of answer a question asks for, and how well a sentence holds one that the question did not name itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.text.values import Value, find_values
from rag.text.words import fold, stem, words

MONEY = frozenset("usd eur rub kgs kzt cny uzs".split())

# What is asked, by the words that ask it, in English and Russian; `_` is up to three words between, `…` up to ten.
_ASKED: dict[str, str] = {
    "reason": r"why|what (?:is|was|are|were) the (?:reason|cause)s?|what caused|for what reason|how come"
    r"|почему|зачем|отчего|из-за чего|по какой причине|в чем причина|чем (?:объясн|вызван)\w*",
    "percent": r"what (?:percent\w*|share|proportion|fraction)|how many percent|what _interest|at what _rate"
    r"|какой процент|сколько процентов|как(?:ую|ая|ова) дол[юя]|под какой процент|под какую ставку",
    "money": r"how much money|how much (?:do(?:es)?|did|will|would|is|are|was|were) …(?:costs?|paid|pay|spend|spent|"
    r"allocated|invest\w*|ticket|fare|loan|grant|price|salary|fine|contract|rent|fee)"
    r"|what (?:is|was|are|were) the (?:cost|price|sum|budget|salary|fee)|what (?:sum|price|cost|salary|budget)"
    r"|(?:на |в )?какую _сумму|какая _(?:сумма|цена|стоимость|зарплата)|какова (?:цена|стоимость|сумма)|почем"
    r"|(?:во )?сколько _(?:стоит|стоил\w*|стоят|стоить|обош\w+|обойд\w+|денег|заплат\w+|потрат\w+|выдел\w+|плат\w+)",
    "date": r"when|(?:what|which) (?:year|date|days?|month|century|time)|(?:since|until|till|by) when|how soon"
    r"|когда|с каких пор|к какому сроку|дата|в какие дни|по каким дням|како(?:м|го|й|е|му) _(?:год|месяц|числ|день|дат|"
    r"век|срок)\w*",
    "number": r"how (?:many|much|long|old|far|big|large|tall|high|deep|heavy|often|fast|wide|thick)"
    r"|what (?:(?:is|was|are|were) the _)?(?:number|capacity|size|length|height|area|depth|weight|speed|distance|"
    r"population|volume|amount|turnover)|(?:на |во )?сколько|насколько|как (?:долго|часто)"
    r"|как(?:ой|ое|ова|ов|ого|ая) _(?:количеств|числ|объем|мощност|размер|товарооборот|длин|высот|площад|глубин|вес|"
    r"скорост|расстоян|населен|протяженн|вместимост)\w*",
    "person": r"who|whom|whose|кто|кого|кому|кем|чей|чья|чье|чьи|о ком|с кем|у кого",
    "place": r"where|(?:what|which) _(?:city|country|place|town|village|district|region|province|river|lake|state)"
    r"|где|куда|откуда|как(?:ой|ом|ая|ое) _(?:город|стран|мест|сел|район|област|регион|провинц|деревн|рек|озер)\w*",
    "name": r"(?:what|which) (?:company|firm|organi[sz]ation|bank|party|team|university|agency|ministry|body|fund)"
    r"|what (?:is|was|are|were) _(?:name|called|named)|как(?:ая|ой|ое) _(?:компани|фирм|организаци|банк|парти|команд|"
    r"университет|ведомств|министерств|орган|фонд)\w*|как(?:ое|ово) название|как называ\w+|как зовут",
    "list": r"(?:what|which) _\w+s (?:are|were|did|do|have|had|will)|(?:list|name) _\w+s"
    r"|какие|каких|перечисл\w+|назови\w*",
}
_BETWEEN = {"_": r"(?:[\w-]+ ){0,3}", "…": r"(?:[\w-]+ ){0,10}"}
_ASKS = [
    (kind, re.compile(rf"(?<!\w)(?:{re.sub('[_…]', lambda m: _BETWEEN[m[0]], pattern)})(?!\w)"))
    for kind, pattern in _ASKED.items()
]
_REASON = re.compile(
    r"(?<!\w)(?:because|since|due to|owing to|thanks to|as a result|in order to|so that|for fear|therefore|reason\w*|"
    r"explain\w*|caused by|из-за|потому|поскольку|так как|ввиду|вследствие|благодаря|чтобы|поэтому|причин\w+|объясн\w+|"
    r"в связи с|ибо|ведь|иначе)(?!\w)"
)
_LATEST = re.compile(
    r"(?<!\w)(?:latest|final|now|currently|current|turned out|actually|in (?:the end|reality|fact)|теперь|сейчас|"
    r"нынешн\w*|окончательн\w*|последн\w+ (?:данн|сведени|план|решени|расчет|подсчет)\w*|в итоге|на самом деле|"
    r"в действительности|оказалось|уточненн\w*)(?!\w)"
)
_SEPARATOR = re.compile(r"[,;]\s")
_WEEKDAY = re.compile(
    r"(?<!\w)(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|понедельник\w*|вторник\w*|сред[ауы]м?|четверг\w*|"
    r"пятниц\w*|суббот\w*|воскресень\w*)(?!\w)"
)
_PERIOD = re.compile(
    r"(?<!\w)\w+[ -](?:years?|months?|weeks?|days?|hours?|centur(?:y|ies)|лет|год[ау]?|месяц\w*|недел\w*|дн\w+|час\w*|"
    r"век\w*)(?!\w)"
)
_NAME_INSIDE = re.compile(r"(?<=[\w,;:—–)»”] )[«“\"(]?([A-ZА-ЯЁ][\w’'-]+)")
_COUNTED = re.compile(r"how (?:many|much)|сколько|what (?:number|percent\w*|share)|какой процент|какую долю")
_WHETHER = re.compile(r"\b(?:is it (?:true|correct|right) that|(?:правда|верно|так) ли,? что)\b")
_WH = re.compile(
    r"(?<!\w)(?:what|which|who|whom|whose|when|where|why|how|tell|list|name|describe|explain|кто|кого|кому|кем|чей|чья|чье|чьи|"
    r"что|чего|чему|чем|о чем|как|какой|какая|какое|какие|каких|какого|каком|какую|каков|какова|сколько|когда|где|куда|"
    r"откуда|почему|зачем|назови\w*|перечисли\w*|расскажи\w*)(?!\w)"
)
_NEAR = 30  # characters between a number and what it counts


@dataclass(frozen=True)
class Cue:
    """What a question asks for: `kind` is "date", "number", "percent", "money", "person", "place", "name", "list",
    "reason", or None where its words do not tell. What it names itself is no answer to it.
    """

    kind: str | None
    stems: frozenset[str]
    values: frozenset[str]
    measured: bool = False  # a length, a height, a weight: not so many of something

    @classmethod
    def of(cls, question: str) -> Cue:
        """
        >>> Cue.of("When did the minister visit?").kind, Cue.of("На какую сумму подписаны договоры?").kind
        ('date', 'money')
        """
        found = find_values(question)
        named = {term for value in found for term in (value.key, *value.terms())}
        kind, stems = asks_for(question), frozenset(stem(w.lower) for w in words(question))
        return cls(kind, stems, frozenset(named), kind == "number" and counted_from(question) is None)

    def values_in(self, sentence: str) -> list[Value]:
        """The numbers and dates of a sentence that the question does not name."""
        return [value for value in find_values(sentence) if value.key not in self.values]

    def held(self, sentence: str) -> float:
        """How well `sentence` holds what is asked for, in [0, 1]; 0 where the kind is None."""
        match self.kind:
            case None:
                degree = 0.0
            case "list":
                opens = sentence.rstrip().endswith(":")
                degree = 1.0 if opens else 0.5 * (len(_SEPARATOR.findall(sentence)) >= 3)
            case "reason":
                degree = float(_REASON.search(fold(sentence)) is not None)
            case "date":
                degree = self._date(sentence)
            case "number" | "percent" | "money":
                degree = self._amount(sentence)
            case kind:
                degree = self._name(sentence, person=kind == "person")
        return degree

    def _date(self, sentence: str) -> float:
        if any(value.kind == "date" for value in self.values_in(sentence)):
            return 1.0
        folded = fold(sentence)
        days = len({day[:3] for day in _WEEKDAY.findall(folded)})  # whatever form each is in
        return 1.0 if days > 1 else 0.6 if days else 0.4 if _PERIOD.search(folded) else 0.0

    def _amount(self, sentence: str) -> float:
        numbers = [value for value in self.values_in(sentence) if value.kind == "number"]
        wanted = {"percent": frozenset("%"), "money": MONEY}.get(self.kind or "")
        if self.measured:  # "the two countries" is no length
            return float(any(re.search(r"\d", sentence[value.start : value.end]) for value in numbers))
        if wanted is None:
            return float(bool(numbers))
        return 1.0 if any(value.unit in wanted for value in numbers) else 0.3 * bool(numbers)

    def _name(self, sentence: str, person: bool) -> float:
        new = [m for m in _NAME_INSIDE.finditer(sentence) if stem(fold(m[1])) not in self.stems]
        if not new:
            return 0.0
        full = any(re.match(r"\s(?:[A-ZА-ЯЁ]\.\s?)?[A-ZА-ЯЁ]\w", sentence[m.end() :]) for m in new)
        return 1.0 if full or not person else 0.6


def asks_for(question: str) -> str | None:
    """The kind of answer that a question asks for, by the first words in it that tell; see `Cue`."""
    folded = fold(question)
    found = [(m.start(), order, kind) for order, (kind, p) in enumerate(_ASKS) if (m := p.search(folded))]
    if not found:
        return None
    first = min(start for start, _, _ in found)
    # "At what date" begins before "what date": of patterns that begin within a word or two, the more telling wins.
    return min((order, kind) for start, order, kind in found if start <= first + 12)[1]


def asks_whether(question: str) -> bool:
    """Whether a question wants a yes or a no: it has no word that asks for anything else.

    >>> asks_whether("Is it true that 190 plants opened?"), asks_whether("Сколько их открылось?")
    (True, False)
    """
    bare = _WHETHER.sub("", fold(question))
    return _WH.search(bare) is None


def asks_for_latest(question: str) -> bool:
    """Whether a question wants what was said last, where documents of several dates say different things.

    >>> asks_for_latest("How many came by the final count?"), asks_for_latest("Кто приезжал за последний год?")
    (True, False)
    """
    return _LATEST.search(fold(question)) is not None


def counted_from(question: str) -> int | None:
    """Where the words that name what is counted begin ("how many |documents"), or None where nothing is."""
    m = _COUNTED.search(fold(question))
    return m.end() if m else None


def near_number(places: list[int], numbers: list[Value]) -> bool:
    """Whether something at one of `places` of a sentence stands beside one of its numbers."""
    return any(abs(at - v.start) <= _NEAR or 0 <= at - v.end <= _NEAR for at in places for v in numbers)
