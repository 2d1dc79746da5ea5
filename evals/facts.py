"""Whether a text states a fact: compared by value, stem and name, so that language, inflection and format do not count.

"19" is not in "119"; «700 млн долларов» is "$700 million"; «с Жапаровым» names Japarov. A fact stands whole in one
sentence. This does not understand: a sentence that denies a fact states it here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rag.text.names import name_keys
from rag.text.sentences import sentences
from rag.text.values import Value, find_values
from rag.text.words import STOP, possible_stems, stem, words


def states(text: str, fact: str) -> bool:
    """Whether a sentence of `text` has all values, content words and names of `fact`.

    >>> states("Открылось 119 предприятий.", "19"), states("Договоры на 700 млн долларов.", "$700 million")
    (False, True)
    """
    return any(_in_sentence(text[a:b], fact) for a, b in sentences(text))


def stated(text: str, facts: Sequence[Sequence[str]]) -> list[bool]:
    """For each fact, given by its alternatives, whether `text` states one of them."""
    return [any(states(text, alternative) for alternative in fact) for fact in facts]


def terms(text: str) -> Counter[str]:
    """A text as a bag of stems and values, for comparing wording: dates and amounts count once, as what they mean."""
    values = find_values(text)
    bag = Counter(value.key for value in values)
    bag.update(stem(w.lower) for w in words(text) if w.lower not in STOP and not _inside(w.start, values))
    return bag


def _in_sentence(sentence: str, fact: str) -> bool:
    values = find_values(fact)
    there = find_values(sentence)
    if not all(any(_same(value, other) for other in there) for value in values):
        return False
    wanted = [w for w in words(fact) if not _inside(w.start, values)]
    telling = [w for w in wanted if w.lower not in STOP]
    if not telling:
        return bool(values) or _verbatim(sentence, fact)
    found = words(sentence)
    stems = {form for w in found for form in possible_stems(w.lower)}
    keys = {key for w in found if w.capitalised for key in name_keys(w.surface)}
    by_key = [w for w in telling if w.capitalised and keys & set(name_keys(w.surface))]
    for word in telling:
        if possible_stems(word.lower) & stems or word in by_key:
            continue
        # A part of a name that is too short for a phonetic key (Xi, Си) is taken on trust beside one that is not.
        if not (word.capitalised and not name_keys(word.surface) and by_key):
            return False
    return True


def _same(fact: Value, there: Value) -> bool:
    """Whether `there` is the value of the fact, or a date that is more exact."""
    if fact.kind != there.kind:
        return False
    if fact.kind == "date":
        return fact.key in there.terms()
    return fact.key == there.key and (fact.unit in ("", there.unit) or not there.unit)


def _verbatim(text: str, fact: str) -> bool:
    wanted = [w.lower for w in words(fact)]
    found = [w.lower for w in words(text)]
    return bool(wanted) and any(found[i : i + len(wanted)] == wanted for i in range(len(found)))


def _inside(at: int, values: Sequence[Value]) -> bool:
    return any(value.start <= at < value.end for value in values)
