"""Names of a sentence that its quotes do not have, in either script.

A capitalised word counts as a name unless the dictionary knows it as a common word. It stands in a quote by its stem,
by a translation, as the beginning of a longer word (China, Chinese; Китай, китайский), by how it sounds («Уорд», Ward),
or in an abbreviation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rag.bilingual.concepts import Concept
from rag.text.names import name_keys, romanise
from rag.text.words import Word, fold, is_cyrillic, is_known, is_proper, stem, words

RARE = 0.77  # a capitalised word that tells so much is a name, whatever a dictionary says
SOUNDS_ALIKE = 0.3  # most that two romanised names may differ, for each consonant of the shorter
_ROMAN = re.compile(r"[IVXLC]+$")
_COMMON_ENDING = re.compile(
    r"(?:[^aeiou]ed|tion|sion|ally|ment|ness|ity|ive|ous|ful|less|ic|ные|ный|ная|ное|шие|щие|ый)$"
)
_OF_A_NATION = re.compile(r"(?:ese|ish|ian|ean|[rt]an|ican|French|Dutch|Greek|Swiss|Czech|Thai|Arab)s?$")
_ADJECTIVE = re.compile(
    r"(?:[иоеяа]?й?н?ск(?:ий|ого|ому|им|ом|ая|ой|ую|ое|ие|их|ими)|[ийяоа]*(?:ц(?:ы|ев|ам|ами|ах|ем|а)|н(?:ин|е|ам|ами|ах)))$"
)
_SILENT = re.compile(r"(?<=[a-z]{3})[tsxd]$")
_VOWELS = frozenset("aeiouy")
# Consonants that spelling confuses across the scripts: Cranach/Кранах, Kuechly/Кикли, Hugo/Гюго.
_NEAR = {
    frozenset(pair)
    for pair in "vu vb vf hg hk hC kC Ck Cc CS sz sc Ss Sj js jz jg jd td pb kg gk ck tc hS nm jC".split()
}


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that no quote has; `sure` is False where another spelling or word for it is likely."""

    surface: str
    sure: bool


def missing_names(sentence: str, wanted: Sequence[Concept], quotes: Sequence[str], terms: set[str]) -> list[Missing]:
    """The names among the concepts `wanted` of `sentence` that stand in no quote.

    `terms` are the index terms of the quotes.
    """
    there = [w for quote in quotes for w in words(quote)]
    scripts = {is_cyrillic(w.lower) for w in there if len(w.lower) > 3 and not w.capitalised}
    own = words(sentence)
    at = {w.start: i for i, w in enumerate(own)}
    names = [c for c in wanted if c.start in at and _is_name(c, at[c.start] == 0, is_cyrillic(c.surface) in scripts)]
    lost = [c for c in names if not any(term in terms for term in c.terms) and not _stands(c.surface, there)]
    lost = [c for c in lost if not _joined(at[c.start], own, there) and not _abbreviated(at[c.start], own, there)]
    found = {c.start for c in names} - {c.start for c in lost}
    return [
        Missing(
            c.surface,
            not _beside(at[c.start], own, found, there)
            and (is_cyrillic(c.surface) in scripts or not _is_formed_anew(c.surface)),
        )
        for c in lost
    ]


def _is_name(concept: Concept, first: bool, same_script: bool) -> bool:
    surface = concept.surface
    rare = concept.rarity > RARE
    if (
        not surface[0].isupper()
        or len(surface) < (2 if same_script else 3)
        or _ROMAN.match(surface)
        or not (concept.name or first)
    ):
        return False
    if _COMMON_ENDING.search(surface) and (first or (rare and not same_script)):
        return False
    if not first and (same_script or rare):
        return True  # it would stand there as it is, or is no word that is often used
    if is_cyrillic(surface):
        return is_proper(fold(surface)) and (is_known(fold(surface)) or rare)
    known = [t for t, w in concept.terms.items() if is_cyrillic(t) and w >= 0.3 and is_known(t)]
    if not known:
        return rare or not first
    return _OF_A_NATION.search(surface) is not None or is_proper(known[0])


def _is_formed_anew(surface: str) -> bool:
    """Abbreviations and adjectives of nations, which each language forms in its own way."""
    return (surface.isupper() and len(surface) <= 5) or _OF_A_NATION.search(surface) is not None


def _stands(surface: str, there: Sequence[Word]) -> bool:
    return any(_same(fold(surface), other.lower, other.capitalised) for other in there)


@lru_cache(maxsize=100_000)
def _same(name: str, other: str, capitalised: bool) -> bool:
    if is_cyrillic(name) == is_cyrillic(other):
        a, b = stem(name.removesuffix("'s").removesuffix("’s")), stem(other)
        short, long = sorted((a, b), key=len)
        if short == long or (len(short) >= 4 and long.startswith(short)):
            return True
        return len(a) >= 6 and a[:-2] == b[: len(a) - 2] and abs(len(a) - len(b)) <= 2 and is_cyrillic(name)
    if not capitalised and (len(other) < 6 or not is_cyrillic(other)):
        return False  # Russian writes peoples and adjectives small
    if set(name_keys(name)) & set(name_keys(other)):
        return True
    return sounds_alike(name, other)


def _joined(i: int, own: Sequence[Word], there: Sequence[Word]) -> bool:
    """Whether a word and its neighbour are one word there («Пробоул», Pro Bowl), or it is two there."""
    pairs = [own[a].lower + own[b].lower for a, b in ((i - 1, i), (i, i + 1)) if a >= 0 and b < len(own)]
    if any(_sounds(p, w) for p in pairs for w in there if w.capitalised and len(w.lower) >= 5):
        return True
    two = [(a, b) for a, b in pairwise(there) if a.capitalised and len(a.lower + b.lower) > 5]
    return any(
        is_cyrillic(own[i].lower) != is_cyrillic(a.lower) and sounds_alike(own[i].lower, a.lower + b.lower)
        for a, b in two
    )


def _sounds(joined: str, word: Word) -> bool:
    return is_cyrillic(joined) != is_cyrillic(word.lower) and sounds_alike(joined, word.lower)


def _abbreviated(i: int, own: Sequence[Word], there: Sequence[Word]) -> bool:
    """Whether the quotes spell out an abbreviation, or abbreviate what the sentence spells out."""
    if own[i].surface.isupper() and len(own[i].surface) > 1:
        return _initials(own[i].lower, there)
    return any(
        w.surface.isupper()
        and len(w.surface) > 1
        and any(_initials(w.lower, own[a : a + 7], whole=i - a) for a in range(max(0, i - 5), i + 1))
        for w in there
    )


def _initials(letters: str, run: Sequence[Word], whole: int | None = None) -> bool:
    """Whether words that follow one another begin with `letters`, small words passed over.

    With `whole`, they begin with the first word of `run` and take in that one.
    """
    starts = range(len(run)) if whole is None else (0,)
    for start in starts:
        left, at = letters, start
        while left and at < len(run):
            if run[at].lower[0] == left[0]:
                left = left[1:]
            elif len(run[at].lower) > 3 or at == start:
                break
            at += 1
        if not left and (whole is None or start <= whole < at):
            return True
    return False


def _beside(i: int, own: Sequence[Word], found: set[int], there: Sequence[Word]) -> bool:
    """Whether it stands beside a name that was found and that stands alone there: a first name left out.

    Across the scripts the name may stand beside another one: William Farel is «Гийом Фарель».
    """
    for j in (i - 1, i + 1):
        if 0 <= j < len(own) and own[j].start in found:
            for k, word in enumerate(there):
                if _same(own[j].lower, word.lower, word.capitalised):
                    if is_cyrillic(own[j].lower) != is_cyrillic(word.lower):
                        return True
                    around = [there[n] for n in (k + (i - j),) if 0 <= n < len(there)]
                    if not any(w.capitalised and is_proper(w.lower) for w in around):
                        return True
    return False


@lru_cache(maxsize=100_000)
def sounds_alike(one: str, other: str) -> bool:
    """Whether two words, one of either script, may be one name: their romanised forms differ little.

    The edit distance (Levenshtein 1966), near consonants for less and vowels for little; a Russian case ending is free.
    """
    latin, cyrillic = (other, one) if is_cyrillic(one) else (one, other)
    plain = _romanised(latin)
    lefts = {plain, _SILENT.sub("", plain)}
    cuts = {cyrillic[: len(cyrillic) - n] for n in range(4) if _is_ending(cyrillic, n)} | {_ADJECTIVE.sub("", cyrillic)}
    rights = {_romanised(cut) for cut in cuts if len(cut) >= 3}
    return any(_alike(a, b) for a in lefts for b in rights)


def _romanised(word: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if c == "\u0306" or not unicodedata.combining(c))
    roman = romanise(unicodedata.normalize("NFC", bare))
    return re.sub(r"([^aeiouy])\1", r"\1", re.sub(r"[aoe]v(?![aeiouy])", "o", roman) if word.isascii() else roman)


def _is_ending(word: str, n: int) -> bool:
    return not n or (len(word) - n >= 3 and all(c in "аеиоуыэюяйьмвхгс" for c in word[-n:]))


def _alike(a: str, b: str) -> bool:
    least = min(sum(c not in _VOWELS for c in a), sum(c not in _VOWELS for c in b))
    return least >= 2 and _distance(a, b) <= SOUNDS_ALIKE * least


def _distance(a: str, b: str) -> float:
    row = [0.0]
    for c in b:
        row.append(row[-1] + _cost(c))
    for x in a:
        new = [row[0] + _cost(x)]
        for j, y in enumerate(b):
            change = 0.0 if x == y else _change(x, y)
            new.append(min(row[j] + change, row[j + 1] + _cost(x), new[j] + _cost(y)))
        row = new
    return row[-1]


def _cost(c: str) -> float:
    return 0.2 if c in _VOWELS else 1.0


def _change(x: str, y: str) -> float:
    if x in _VOWELS and y in _VOWELS:
        return 0.15
    if frozenset((x, y)) in _NEAR:
        return 0.35
    return 1.0
