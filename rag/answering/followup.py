"""A follow-up made to stand alone, without a model: it inherits what it leans on from the turns before.

A question leans where it has a pronoun that nothing in it explains, opens with a conjunction, or says too little («А в
2024?», "Why?"). It then takes over the names and the topic of the last question, itself made whole first; with a
pronoun also the names of the last answer. What the new question names anew replaces its like: a year a year, a country
a country. A complete question is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.bilingual.concepts import Concept, concepts
from rag.bilingual.table import TranslationTable
from rag.citations import parse_markers
from rag.text.values import find_values
from rag.text.words import STOP, WORD, Word, fold, words
from rag.types import Turn

LOOK_BACK = 3  # questions
FROM_ANSWER = 3  # names of the last answer
TOPIC = 5  # words of the last question, beside its names
LONG_ANSWER = 300  # characters of an answer that are looked at

_OPENING = re.compile(
    r"^(?:and|but|or|also|what about|how about|what of|а|и|но|ну а|ну и|тогда|а что|как насчет|что насчет)\b"
)
_PRONOUN = re.compile(
    r"\b(?:he|him|his|she|her|hers|they|them|their|theirs|it|its|himself|itself|themselves"
    r"|он|его|него|ему|нему|им|ним|нем|она|ее|нее|ей|ней|ею|нею|оно|они|их|них|ими|ними"
    r"|(?:this|these)(?! (?:year|month|week|day|summer|winter|spring|autumn|season)s?\b)"
    r"|those(?! (?:who|at|in|of|from|with|\w+ed)\b)|former|latter"
    r"|(?:about|after|before|of|for|in|on|with|to|by|from|like|do|did|is|was) that(?=\W*$| \w+\W*$)|that(?=\W*$)"
    r"|(?:этот|эта|это|эти|этого|этой|этих|этому|этим|этими|эту|этом)\b(?! (?:год|месяц|недел|лет|сезон|раз))"
    r"|(?:тот|та|те|того|той|тех|тому|тем|теми|ту|том)(?! же\b)(?!\s*,)(?= \w)"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )(?<!be )there(?! (?:is|are|was|were|will|be)\b)|then(?=\W*$)"
    r"|там|туда|оттуда|тогда|последн(?:ий|яя|ее) из)\b"
)
_EMPTY = re.compile(  # "it", «это» and "there" that stand for nothing
    r"\b(?:is|was|will|would|does|did) it (?:true|possible|known|necessary|clear|likely|take|cost to)\b"
    r"|\bit (?:is|was) (?:true|possible|known|clear|said)\b|\bwhat time is it\b|\b(?:кто|что) это так\w+"
    r"|\bпри этом\b|\bкроме того\b|\bболее того\b|\bтем не менее\b|\bв том числе\b|\bо том\b|\bдля того\b|\bтого же\b"
)
_CLAUSE = re.compile(r"[,;:—–-]|\b(?:and|but|which|who|that|when|if|и|а|но|который\w*|когда|если|чтобы)\b")
_ASKS = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|кто|кого|кому|кем|чей|чья|чье|чьи|что|чего|чем|как\w*|когда"
    r"|где|куда|откуда|почему|зачем|сколько|насколько)\b"
)
_DEFINES = re.compile(r"\b(?:what (?:is|are|does)|who (?:is|are|was)|что такое|кто так\w+|where (?:is|are)|где)\b")
_COUNTRY = re.compile(
    r"\w+stan|china|russia|mongolia|turkey|iran|india|japan|korea|usa|america|germany|france|britain|georgia|belarus"
    r"|ukraine|azerbaijan|armenia|europe|\w+стан\w{0,2}|кита[йяюею]\w?|росси[яиюей]\w?|монголи\w+|турци\w+|иран\w{0,2}"
    r"|инди[яиюей]\w?|япони\w+|коре[яиюей]\w?|сша|америк\w+|германи\w+|франци\w+|британи\w+|грузи[яиюей]\w?|беларус\w+"
    r"|украин\w+|азербайджан\w*|армени\w+|киргизи\w+|европ\w+"
)


def leans(question: str) -> bool:
    """Whether a question may not stand alone.

    >>> leans("А в 2024?"), leans("When did he visit Beijing?"), leans("What did Japarov say of his visit?")
    (True, True, False)
    """
    folded = fold(question)
    return _OPENING.search(folded) is not None or _pronoun(question) or _says_little(question)


def stand_alone(question: str, history: Sequence[Turn], table: TranslationTable) -> str:
    """`question` with what it leans on in the turns before; a complete one is untouched."""
    before = [n for n, turn in enumerate(history) if turn.role == "user"][-LOOK_BACK:]
    if not before or not leans(question):
        return question
    last = before[-1]
    base = stand_alone(history[last].text, history[max(0, before[0]) : last], table)
    new = concepts(question, table)
    had = concepts(base, table)
    kept = [c for c in had if not _replaced(c, base, question, new)]
    if not _ASKS.search(_OPENING.sub("", fold(question))) and not _pronoun(question):
        return _substituted(question, base, [c for c in had if c not in kept])
    have = {term for c in new for term in c.terms}
    topic = [c for c in kept if next(iter(c.terms)) not in have]
    common = sorted((c for c in topic if not c.name), key=lambda c: -c.rarity)[:TOPIC]
    inherited = _phrases(base, [c for c in topic if c.name or c in common])
    if _pronoun(question):
        known = have | {term for c in topic for term in c.terms}
        inherited += _names(history[last + 1 :], known, table)
    inherited = list(dict.fromkeys(inherited))
    return f"{question} ({', '.join(inherited)})" if inherited else question


def _pronoun(question: str) -> bool:
    """Whether a pronoun refers to something outside of the question.

    One in a later clause, and one that says whose, refer to what stands before it in the question.
    """
    folded = _EMPTY.sub(lambda m: " " * len(m.group()), fold(question))
    opening = WORD.match(folded)
    for m in _PRONOUN.finditer(folded):
        earlier = [w for w in words(question[: m.start()]) if w.lower not in STOP]
        if len(earlier) >= 2 and (
            m.group() in _WHOSE or _CLAUSE.search(folded, opening.end() if opening else 0, m.start())
        ):
            continue
        is_object = _VERB.match(folded, m.end()) or not WORD.search(folded, m.end())
        if any(map(_is_name, earlier)) and m.group() in _OF_NAMES and (m.group() in _SUBJECT or not is_object):
            continue
        return True
    return False


_WHOSE = frozenset("his her hers its their".split())
_SUBJECT = frozenset("he she they он она они".split())
_OF_NAMES = _WHOSE | _SUBJECT | frozenset("его ее их himself itself themselves".split())
_VERB = re.compile(r"\s\w+(?:л|ла|ло|ли|ет|ит|ут|ют|ат|ят|ть)(?:ся|сь)?\b")


def _is_name(word: Word) -> bool:
    return word.capitalised and word.start > 0


def _says_little(question: str) -> bool:
    """Whether a question has fewer than two words of its own, and asks neither who or what something is nor where."""
    content = [w for w in words(question) if w.lower not in STOP and w.lower not in _LITTLE]
    if len(content) > 1:
        return False
    if len(content) == 1:
        folded = fold(question)
        complete = _DEFINES.search(folded) or (_is_name(content[0]) and len(words(question)) > 2)
        return not complete
    return bool(words(question) or find_values(question))


_LITTLE = frozenset(
    """
    else happen happened exactly example details detail tell explain mean means more come say said
    именно подробнее конкретно пример примеру расскажи расскажите объясни случилось произошло значит сказал сказала еще
    """.split()
)


def _replaced(old: Concept, base: str, question: str, new: Sequence[Concept]) -> bool:
    """Whether the new question names something in the place of `old`."""
    own = next(iter(old.terms))
    if any(own in c.terms for c in new):
        return True
    if own[0] == "@":
        return any(next(iter(c.terms))[0] == "@" for c in new)
    if not old.name or own[0] == "#":
        return False
    names = [c for c in new if c.name and next(iter(c.terms))[0] not in "#@"]
    if _COUNTRY.fullmatch(fold(old.surface)):
        return any(_COUNTRY.fullmatch(fold(c.surface)) for c in names)
    if _pronoun(question) or any(_COUNTRY.fullmatch(fold(c.surface)) for c in names):
        return False
    frame = _frame(base, old.start)
    return any(_frame(question, c.start) == frame for c in names) and frame != ""


def _frame(text: str, start: int) -> str:
    """The little word before a name: what stands after the same one stands in the same place."""
    before = words(text[:start])
    return before[-1].lower if before and before[-1].lower in STOP and before[-1].lower not in ("а", "and", "и") else ""


def _substituted(question: str, base: str, replaced: Sequence[Concept]) -> str:
    """The last question with what the new one replaces taken out, and the new one's words put after it."""
    text = base
    for c in sorted(replaced, key=lambda c: -c.start):
        text = text[: c.start] + text[c.end :]
    asked = _OPENING_WORDS.sub("", question).strip(" ?!.,")
    return f"{' '.join(text.split()).rstrip(' ?!.')}, {asked}?" if asked else base


_OPENING_WORDS = re.compile(
    r"^\W*(?:and|but|or|also|what about|how about|what of|ну а|ну и|а что|а как насчет|как насчет|что насчет|а|и|но)\b",
    re.I,
)


def _names(turns: Sequence[Turn], known: set[str], table: TranslationTable) -> list[str]:
    """The first names of the answer among `turns` that are not yet known; its numbers and dates are no names."""
    said = next((turn.text for turn in turns if turn.role == "assistant"), "")[:LONG_ANSWER]
    text, _ = parse_markers(said, range(1, 1000))
    named = [c for c in concepts(text, table) if c.name and next(iter(c.terms)) not in known and c.surface[0].isupper()]
    return [phrase for phrase in _phrases(text, named) if len(phrase) > 1][:FROM_ANSWER]


def _phrases(text: str, found: Sequence[Concept]) -> list[str]:
    """The surfaces of concepts of `text`, those that stand side by side as one."""
    spans: list[tuple[int, int]] = []
    for c in sorted(found, key=lambda c: c.start):
        if spans and text[spans[-1][1] : c.start] in (" ", "-"):
            spans[-1] = (spans[-1][0], c.end)
        else:
            spans.append((c.start, c.end))
    return [text[a:b] for a, b in spans]
