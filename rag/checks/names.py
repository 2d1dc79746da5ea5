"""Names of a sentence that its quotes do not have, in either script.

A capitalised word counts as a name unless the dictionary knows it as a common word. It stands in a quote by its stem,
by a translation, as the beginning of a longer word (China, Chinese; Китай, китайский), by how it sounds («Уорд», Ward),
or in an abbreviation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.bilingual.concepts import Concept, index_terms
from rag.checks.abbreviations import abbreviated, is_abbreviation
from rag.checks.given_names import same_given_name
from rag.checks.sounds import NEARLY, root, same_name, sounds_alike
from rag.text.words import Word, fold, is_cyrillic, is_known, is_proper, words

RARE = 0.77  # a capitalised word that tells so much is a name, whatever a dictionary says
RARE_IF_ALIKE = 0.7  # the same where it sounds alike in the other language
KNOWN_WORD = 0.78  # and one that is known for the word itself, not for one that begins like it
LIKELY = 0.7  # least weight, as a share of the best, of a translation that is not one by the way
SURE_WORD = 0.4  # least weight of a translation that tells whether a word is a name (the root of a probability)
_ROMAN = re.compile(r"[IVXLC]+$")
_COMMON_ENDING = re.compile(
    r"(?:[^aeiou]ed|tion|sion|ally|ment|ness|ity|ive|ous|ful|less|ic|ные|ный|ная|ное|шие|щие|ый)$"
)
_COMMON_ENDING_RARE = re.compile(r"(?:[^aeiou]ed|tion|al|ly|ment|ness|[io]us|ful|less|ive|able|ible|ism|gy|ity)$")
_OF_A_NATION = re.compile(r"(?:ese|ish|ian|ean|[rt]an|ican|French|Dutch|Greek|Swiss|Czech|Thai|Arab)s?$")
_RUSSIAN_ADJECTIVE = re.compile(r"ск(?:ий|ого|ому|им|ом|ая|ой|ую|ое|ие|их|ими|о)$")
_COMPOUND = re.compile(r"\b([А-ЯЁ][а-яё]{2,})-([А-ЯЁ][а-яё]{2,})")  # «Шри-Ланка»: nothing but a name is written so
_CONTRACTED = re.compile(r"['’ʼ](?:t|re|ve|ll|d|m)$|^(?:let|it|that|there|here|what|who)['’ʼ]s$")
_PARTICLES = frozenset("du de da di del della la le van von der den al el ibn bin".split())


@dataclass(frozen=True, slots=True)
class Named:
    """A name of a sentence and whether a quote has it.

    `sure` is False where none has it, and another spelling or word for it is likely.
    """

    surface: str
    there: bool
    sure: bool


def named(sentence: str, wanted: Sequence[Concept], quotes: Sequence[str], terms: set[str]) -> list[Named]:
    """The names among the concepts `wanted` of `sentence`, and whether they stand in a quote.

    `terms` are the index terms of the quotes.
    """
    there = [w for quote in quotes for w in words(quote)]
    scripts = {_is_russian(quote) for quote in quotes}
    own = words(sentence)
    compounds = {start for m in _COMPOUND.finditer(sentence) for start in (m.start(1), m.start(2))}
    at = {w.start: i for i, w in enumerate(own)}
    sure = {
        c.start: c.start in compounds or _is_name(c, at[c.start] == 0, is_cyrillic(c.surface) in scripts)
        for c in wanted
        if c.start in at
    }
    names = [c for c in wanted if sure.get(c.start) is not None]
    lost = [c for c in names if not any(term in terms for term in c.terms) and not _stands(c, there)]
    initials = {fold(c.surface): "".join(t[0] for t, w in c.terms.items() if w >= SURE_WORD) for c in wanted}
    lost = [
        c for c in lost if not _joined(at[c.start], own, there) and not abbreviated(at[c.start], own, there, initials)
    ]
    strange = _unmatched(wanted, own, there) if lost else []
    found = {c.start for c in names} - {c.start for c in lost}
    return [
        Named(
            c.surface,
            c.start in found,
            c.start in found
            or (
                sure[c.start] is True
                and not _amiss(c, strange)
                and not _beside(at[c.start], own, found, there)
                and (is_cyrillic(c.surface) in scripts or not _is_formed_anew(c))
            ),
        )
        for c in names
    ]


def _amiss(concept: Concept, strange: Sequence[str]) -> bool:
    """Whether one of the unmatched names may be this one, written another way: none is known for it."""
    word = fold(concept.surface)
    known = [t for t, w in concept.terms.items() if w > KNOWN_WORD and _is_word_of_other(t, word)]
    if any(sounds_alike(word, t) for t in known):
        return False
    return any(sounds_alike(word, other, NEARLY) for other in strange)


def _unmatched(wanted: Sequence[Concept], own: Sequence[Word], there: Sequence[Word]) -> list[str]:
    """The capitalised words of the other script that nothing in the sentence says."""
    terms = {term for c in wanted for term in c.terms}
    names = [w.lower for w in own if w.capitalised]
    russian = any(is_cyrillic(name) for name in names)
    return [
        w.lower
        for w in there
        if w.capitalised
        and is_cyrillic(w.lower) != russian
        and not terms & set(index_terms(w.surface))
        and not any(same_name(name, w.lower, True) for name in names)
    ]


def _is_name(concept: Concept, first: bool, same_script: bool) -> bool | None:
    """Whether a capitalised word is surely a name (True), or may be one (False); None where it is none."""
    surface = concept.surface
    if (
        not surface[0].isupper()
        or len(surface) < (2 if same_script else 3)
        or _ROMAN.match(surface)
        or not (concept.name or first)
    ):
        return None
    if _CONTRACTED.search(fold(surface)) or (first and _COMMON_ENDING.search(surface)):
        return None
    if (same_script and not first) or _OF_A_NATION.search(surface):
        return True  # in one script it would stand there as it is
    return _means_a_name(concept, first)


def _means_a_name(concept: Concept, first: bool) -> bool | None:
    """The same by what the dictionary and the translations know of the word.

    A rare word that the other language took over by its sound may be a name, though it is known as a common one
    («Хонда», Honda).
    """
    word = fold(concept.surface)
    rare, likely = concept.rarity > RARE, concept.rarity > RARE_IF_ALIKE
    others = sorted(
        ((w, t) for t, w in concept.terms.items() if w >= SURE_WORD and _is_word_of_other(t, word)), reverse=True
    )
    best = others[0][0] if others else 0.0
    taken = any(w >= LIKELY * best and same_name(word, t, capitalised=True) for w, t in others)
    maybe = True if likely and taken else False if rare and not others else None
    if is_cyrillic(word):
        if not is_known(word):
            return True if rare or taken else None
        if is_proper(word):
            return True
        return maybe if not first else False if maybe else None  # any word that opens a sentence has a capital
    if any(w >= (0.9 if first else 0.8) * best and is_known(t) and is_proper(t) for w, t in others):
        return True
    unknown = likely and not is_known(others[0][1]) if others else rare
    return (not _COMMON_ENDING_RARE.search(word)) if unknown else maybe


def _is_word_of_other(term: str, word: str) -> bool:
    return term[0] not in "~#@" and is_cyrillic(term) != is_cyrillic(word)


def _is_russian(text: str) -> bool:
    """Whether most words of `text` are: a Russian text may quote a title in Latin letters."""
    all_ = words(text)
    small = [w for w in all_ if len(w.lower) > 3 and not w.capitalised] or all_
    return 2 * sum(is_cyrillic(w.lower) for w in small) > len(small)


def _is_formed_anew(concept: Concept) -> bool:
    """Abbreviations and adjectives of nations, which each language forms in its own way; Iran is a country."""
    surface = concept.surface
    if is_abbreviation(surface) and len(surface) <= 6:
        return True
    if _OF_A_NATION.search(surface):
        return not any(w >= KNOWN_WORD and is_known(t) and is_proper(t) for t, w in concept.terms.items())
    return _RUSSIAN_ADJECTIVE.search(surface) is not None


def _stands(concept: Concept, there: Sequence[Word]) -> bool:
    """Whether a name stands there, or a word that it or its translation is the root of (Byzantines, византийцы)."""
    name = fold(concept.surface)
    if any(is_abbreviation(other.surface) and other.lower in concept.terms for other in there):
        return True
    if any(same_name(name, other.lower, other.capitalised) for other in there):
        return True
    if any(other.capitalised and _are_given_name(name, other.lower) for other in there):
        return True
    russian = {t for t, w in concept.terms.items() if w >= SURE_WORD and is_cyrillic(t) and is_proper(t)}
    russian |= {name} if is_cyrillic(name) else set()
    roots = {root(t) for t in russian}
    whole = tuple(t for t in russian if len(t) >= 4)
    long = [other.lower for other in there if is_cyrillic(other.lower) and len(other.lower) > 4]
    return any(root(other) in roots or other.startswith(whole) for other in long)


def _are_given_name(one: str, other: str) -> bool:
    """Whether two words, of either script each, are forms of one given name."""
    if is_cyrillic(one) == is_cyrillic(other):
        return False
    return same_given_name(other, one) if is_cyrillic(one) else same_given_name(one, other)


def _joined(i: int, own: Sequence[Word], there: Sequence[Word]) -> bool:
    """Whether a word and its neighbour are one word there («Пробоул», Pro Bowl), or it is two there."""
    pairs = [own[a].lower + own[b].lower for a, b in ((i - 1, i), (i, i + 1)) if a >= 0 and b < len(own)]
    if any(_sounds(p, w) for p in pairs for w in there if w.capitalised and len(w.lower) >= 5):
        return True
    two = [
        (a, b)
        for a, b in pairwise(there)
        if (a.capitalised or (b.capitalised and a.lower in _PARTICLES)) and len(a.lower + b.lower) > 5
    ]
    return any(
        is_cyrillic(own[i].lower) != is_cyrillic(a.lower) and sounds_alike(own[i].lower, a.lower + b.lower)
        for a, b in two
    )


def _sounds(joined: str, word: Word) -> bool:
    return is_cyrillic(joined) != is_cyrillic(word.lower) and sounds_alike(joined, word.lower)


def _beside(i: int, own: Sequence[Word], found: set[int], there: Sequence[Word]) -> bool:
    """Whether it stands beside a name that was found and that stands alone there: a first name left out.

    Across the scripts the name may stand beside another one: William Farel is «Гийом Фарель».
    """
    for j in (i - 1, i + 1):
        if 0 <= j < len(own) and own[j].start in found:
            for k, word in enumerate(there):
                if same_name(own[j].lower, word.lower, word.capitalised):
                    if is_cyrillic(own[j].lower) != is_cyrillic(word.lower):
                        return True
                    around = [there[n] for n in (k + (i - j),) if 0 <= n < len(there)]
                    if not any(w.capitalised and is_proper(w.lower) for w in around):
                        return True
    return False
