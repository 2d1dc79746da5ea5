"""Whether two words may be one name: by their stem, or across the scripts by how they sound («Уорд», Ward)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rag.text.names import name_keys, romanise
from rag.text.words import is_cyrillic, stem

SOUNDS_ALIKE = 0.3  # most that two romanised names may differ, for each consonant of the shorter
_ADJECTIVE = re.compile(
    r"(?:[иоеяа]?й?н?ск(?:ий|ого|ому|им|ом|ая|ой|ую|ое|ие|их|ими)|[ийяоа]*(?:ц(?:ы|ев|ам|ами|ах|ем|а)|н(?:ин|е|ам|ами|ах)))$"
)
_COUNTRY = re.compile(r"(?:и[яюией]|ией|[аыеуьо]|ой)$")
_SILENT = re.compile(r"(?<=[a-z]{3})[tsxd]$")
_PEOPLE = re.compile(r"(?<=[a-z]{4})(?:ine|i?an|ean|ese|ish|ite|ic)s?$")
_FRENCH = [(re.compile(r"e?aux?"), "o"), (re.compile(r"^h"), ""), (re.compile(r"ou"), "u"), (re.compile(r"e$"), "")]
_VOWELS = frozenset("aeiouy")
# Consonants that spelling confuses across the scripts: Cranach/Кранах, Kuechly/Кикли, Hugo/Гюго.
_NEAR = {
    frozenset(pair)
    for pair in "vu vb vf hg hk hC kC Ck Cc CS sz sc Ss Sj js jz jg jd td pb kg gk ck tc hS nm jC bv ft tc CS".split()
}


@lru_cache(maxsize=100_000)
def same_name(name: str, other: str, capitalised: bool) -> bool:
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


@lru_cache(maxsize=100_000)
def root(russian: str) -> str:
    """A Russian name without the ending of its country, people or adjective; as it is where little would be left.

    >>> root("византия"), root("византийцы"), root("австралия"), root("австрийский")
    ('визант', 'визант', 'австрал', 'австр')
    """
    bare = _ADJECTIVE.sub("", russian)
    if bare == russian:
        bare = _COUNTRY.sub("", russian)
    return bare if len(bare) >= 4 else russian


@lru_cache(maxsize=100_000)
def sounds_alike(one: str, other: str) -> bool:
    """Whether two words, one of either script, may be one name: their romanised forms differ little.

    The edit distance (Levenshtein 1966), near consonants for less and vowels for little; a Russian case ending is free.
    """
    latin, cyrillic = (other, one) if is_cyrillic(one) else (one, other)
    plain = _romanised(latin)
    lefts = {plain, _SILENT.sub("", plain), _romanised(_french(latin)), _romanised(_PEOPLE.sub("", latin))}
    cuts = {cyrillic[: len(cyrillic) - n] for n in range(4) if _is_ending(cyrillic, n)} | {_ADJECTIVE.sub("", cyrillic)}
    rights = {_romanised(cut) for cut in cuts if len(cut) >= 3}
    return any(_alike(a, b) for a in lefts for b in rights)


def _french(latin: str) -> str:
    """A name as French says it: Hauteville is «Отвиль»."""
    for pattern, sound in _FRENCH:
        latin = pattern.sub(sound, latin)
    return latin


def _romanised(word: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if c == "\u0306" or not unicodedata.combining(c))
    roman = romanise(unicodedata.normalize("NFC", bare)).replace("dz", "z")
    return re.sub(r"([^aeiouy])\1", r"\1", re.sub(r"[aoe]v(?![aeiouy])", "o", roman) if word.isascii() else roman)


def _is_ending(word: str, n: int) -> bool:
    return not n or (len(word) - n >= 3 and all(c in "аеиоуыэюяйьмвхгс" for c in word[-n:]))


def _alike(a: str, b: str) -> bool:
    least = min(sum(c not in _VOWELS for c in a), sum(c not in _VOWELS for c in b))
    if least == 1:
        return min(len(a), len(b)) >= 3 and _distance(a, b) < SOUNDS_ALIKE
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
