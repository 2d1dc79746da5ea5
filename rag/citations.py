"""Citations: the markers of a sentence, the exact words that carry it, and whether they do.

Everything here works on text alone, whoever wrote the sentence, and across the two languages by the translation table.
It sees numbers, dates, names, negations (rag/checks) and how much of the sentence's content its source covers. It does
not understand: a sentence that turns the meaning round in the same words passes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rag.bilingual.concepts import Concept, concepts, index_terms
from rag.bilingual.table import TranslationTable
from rag.checks.names import named
from rag.checks.negation import negated_otherwise
from rag.checks.values import misplaced_number, missing_values
from rag.messages import say
from rag.text.sentences import sentences

_RANGE = r"\d{1,3}(?:[-–]\d{1,3})?"
_NUMBERS = rf"\s?{_RANGE}(?:\s?[,;]\s?{_RANGE})*\s?"
_MARKER = re.compile(rf"\s*(?:\[\[({_NUMBERS})]]|\[({_NUMBERS})](?!\()|【({_NUMBERS})(?:†[^】]*)?】)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.S)

SUPPORTED = 0.5  # least share of a sentence's content that its citations must cover to be supported
WEAK = 0.25  # and to be weak rather than unsupported
LEAST_MATCH = 0.15  # a translation of less weight is not a match


def parse_markers(sentence: str, known: Collection[int]) -> tuple[str, list[int]]:
    """A sentence without its markers, and the numbers in them that are `known`, in order, each once.

    `[1, 2]`, `[1-3]`, `[1][2]`, `[[1]]` and `【1】` are markers; unknown numbers are dropped with their marker; what is
    inside code, and the brackets of a Markdown link, are left alone.

    >>> parse_markers("Trade grew [1, 7][[2]].", {1, 2})
    ('Trade grew.', [1, 2])
    """
    numbers: list[int] = []
    code = [m.span() for m in _CODE.finditer(sentence)]

    def take(m: re.Match[str]) -> str:
        if any(start <= m.start() < end for start, end in code):
            return m.group()
        written = next(g for g in m.groups() if g)
        ranges = [(int(a), int(b or a)) for a, b in re.findall(r"(\d+)(?:[-–](\d+))?", written)]
        if any(first > last for first, last in ranges):
            return m.group()
        found = (n for first, last in ranges for n in range(first, last + 1))
        numbers.extend(n for n in found if n in known and n not in numbers)
        return ""

    return _MARKER.sub(take, sentence).strip(), numbers


@dataclass(frozen=True, slots=True)
class Verdict:
    """`support`: "supported", "weak" or "unsupported"; `why` in words where it is not "supported"."""

    support: str
    why: str | None


def matched(concept: Concept, terms: Collection[str]) -> float:
    """The best weight with which any of the concept's terms is among `terms`, 0 for none."""
    return max((weight for term, weight in concept.terms.items() if term in terms), default=0.0)


def coverage(wanted: Sequence[Concept], terms: Collection[str], there: Collection[str] = ()) -> float:
    """The share of the concepts, by rarity, that are among `terms`; 1 where nothing is wanted.

    Words in `there` are known to stand there, by more than their terms.
    """
    total = sum(c.rarity for c in wanted)
    if not total:
        return 1.0
    return sum(c.rarity for c in wanted if c.surface in there or matched(c, terms) >= LEAST_MATCH) / total


def tightest_span(sentence: str, passage: str, table: TranslationTable) -> tuple[int, int]:
    """The shortest run of whole sentences of `passage` that carries `sentence` best, as offsets into `passage`.

    Starting from the sentence of the passage that covers most, a neighbour is taken in only where it brings a number, a
    date or a name that was missing, or clearly more of the content.
    """
    spans = sentences(passage) or [(0, len(passage))]
    wanted = concepts(sentence, table)
    terms = [set(index_terms(passage[a:b])) for a, b in spans]
    first = last = max(range(len(spans)), key=lambda i: (_worth(wanted, terms[i], of_few=True), -i))
    have = terms[first]
    while True:
        around = [i for i in (first - 1, last + 1) if 0 <= i < len(spans)]
        gains = {i: _worth(wanted, have | terms[i]) - _worth(wanted, have) for i in around}
        best = max(gains, key=lambda i: gains[i], default=None)
        if best is None or gains[best] < 0.2:
            return spans[first][0], spans[last][1]
        first, last, have = min(first, best), max(last, best), have | terms[best]


def check(
    sentence: str, quotes: Sequence[str], table: TranslationTable, language: str, around: Sequence[str] = ()
) -> Verdict:
    """Whether `quotes` carry `sentence`; `language` is that of the words in `why`.

    `around`: the titles and dates of what is quoted. What stands only there makes a sentence weak and no more: a name
    of the title is what the quote speaks of, or of something else.
    """
    verdict = _carried(sentence, quotes, table, language)
    if verdict.support == "unsupported" and quotes and around:
        again = _carried(sentence, [*quotes, *around], table, language)
        if again.support != "unsupported":
            return Verdict("weak", say("why.around", language))
    return verdict


def _carried(sentence: str, quotes: Sequence[str], table: TranslationTable, language: str) -> Verdict:
    if not quotes:
        return Verdict("unsupported", say("why.no_citation", language))
    if missing := missing_values(sentence, quotes):
        code = "why.date" if all(v.kind == "date" for v in missing) else "why.value"
        shown = ", ".join(dict.fromkeys(sentence[v.start : v.end] for v in missing))
        return Verdict("unsupported", say(code, language, what=shown))
    quoted_terms = {term for quote in quotes for term in index_terms(quote)}
    wanted = concepts(sentence, table)
    words = [c for c in wanted if not next(iter(c.terms)).startswith(("#", "@"))]
    names = named(sentence, words, quotes, quoted_terms)
    lost = [name for name in names if not name.there]
    beside = {name.surface for name in lost}
    covered = coverage(
        [c for c in words if c.surface not in beside], quoted_terms, {name.surface for name in names if name.there}
    )
    if len(words) < len(wanted):  # the values all stand there: a sentence that is little but a date is carried by it
        values = sum(c.rarity for c in wanted) - sum(c.rarity for c in words)
        rest = sum(c.rarity for c in words)
        covered = (covered * rest + values) / (rest + values)
    if lost:
        sure = any(name.sure for name in lost) or covered < WEAK
        why = say("why.name", language, what=", ".join(dict.fromkeys(name.surface for name in lost)))
        return Verdict("unsupported" if sure else "weak", why)
    if covered < SUPPORTED:
        why = say("why.content", language, percent=round(covered * 100))
        return Verdict("weak" if covered >= WEAK else "unsupported", why)
    turned = _turned(sentence, quotes, table, language)
    return Verdict("weak" if turned else "supported", turned)


def _turned(sentence: str, quotes: Sequence[str], table: TranslationTable, language: str) -> str | None:
    """What the sentence says otherwise in the quotes' own words: a number of something else, a negation."""

    def met(one: str, other: str) -> bool:
        return _mean_the_same(one, other, table)

    if moved := misplaced_number(sentence, quotes, met):
        return say("why.moved", language, what=moved)
    if negated := negated_otherwise(sentence, quotes, met):
        return say("why.negation", language, what=negated)
    return None


def _mean_the_same(one: str, other: str, table: TranslationTable) -> bool:
    terms = set(index_terms(other))
    return any(matched(concept, terms) >= LEAST_MATCH for concept in concepts(one, table))


def _worth(wanted: Sequence[Concept], terms: Collection[str], of_few: bool = False) -> float:
    """Coverage of the content, plus that of names and values, which a citation must not miss.

    With `of_few` it matters how many there are: one name of a long sentence should not outweigh the rest of it.
    """
    hard = [c for c in wanted if c.name and len(c.surface) > 1]
    if not hard:
        return coverage(wanted, terms)
    share = min(1.0, 2 * len(hard) / len(wanted)) if of_few else 1.0
    return coverage(wanted, terms) + share * coverage(hard, terms)
