"""Whether two words may be one name: by their stem, or across the scripts by how they sound («Уорд», Ward)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rag.text.names import name_keys, romanise
from rag.text.words import is_cyrillic, stem

NEARLY = 0.5  # the same for two that may be one name written amiss
SOUNDS_ALIKE = 0.3  # most that two romanised names may differ, for each consonant of the shorter
_ADJECTIVE = re.compile(
    r"(?:[иоеяа]?й?н?ск(?:ий|ого|ому|им|ом|ая|ой|ую|ое|ие|их|ими)|[ийяоа]*(?:ц(?:ы|ев|ам|ами|ах|ем|а)|н(?:ин|е|ам|ами|ах)))$"
)
_ENDS_ADJECTIVE = re.compile(r"н?ск(?:ий|ого|ому|им|ом|ая|ой|ую|ое|ие|их|ими)$")
_COUNTRY = re.compile(r"(?:и[яюией]|ией|[аыеуьо]|ой)$")
_SILENT = re.compile(r"(?<=[a-z]{3})[tsxd]$")
_PEOPLE = re.compile(r"(?<=[a-z]{4})(?:ine|i?an|ean|ese|ish|ite|ic)s?$")
# What French, Italian and Latin write and Russian says otherwise: Hauteville/Отвиль, Agnani/Аньяни, Julius/Юлий.
_ROMANCE = [
    (re.compile(pattern), sound)
    for pattern, sound in {
        r"e?aux?": "o",
        r"^h": "",
        r"ou": "u",
        r"gn": "n",
        r"gli": "li",
        r"(?<!v)illa?(?=[eio]|$)": "i",
        r"cc?h(?=[ei])": "k",
        r"cc?(?=[ei])": "ch",
        r"(?:us|um|os|is|e)$": "",
    }.items()
]
_LETTERS = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "t", "æ": "e", "œ": "e", "ß": "ss"})
_VOWELS = frozenset("aeiouy")
# Consonants that spelling confuses across the scripts: Cranach/Кранах, Kuechly/Кикли, Hugo/Гюго.
_NEAR = {
    frozenset(pair)
    for pair in "vu vb vf hg hk hC hS hj kC kg kc Cc CS Cs sz sc sS js jS jz jg jd jC ji td tc tf pb zc nm".split()
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
def sounds_alike(one: str, other: str, most: float = SOUNDS_ALIKE) -> bool:
    """Whether two words, one of either script, may be one name: their romanised forms differ by `most` a consonant.

    The edit distance (Levenshtein 1966), near consonants for less and vowels for little; a Russian case ending is free.
    """
    latin, cyrillic = (other, one) if is_cyrillic(one) else (one, other)
    lefts = {_romanised(way) for way in (latin, _romance(latin), _PEOPLE.sub("", latin))}
    lefts |= {_SILENT.sub("", left) for left in lefts}
    cuts = {cyrillic[: len(cyrillic) - n] for n in range(4) if _is_ending(cyrillic, n)}
    cuts |= {_ADJECTIVE.sub("", cyrillic), _ENDS_ADJECTIVE.sub("", cyrillic)}
    rights = {_romanised(cut) for cut in cuts if len(cut) >= 3}
    return any(_alike(a, b, most) for a in lefts for b in rights)


def _romance(latin: str) -> str:
    for pattern, sound in _ROMANCE:
        latin = pattern.sub(sound, latin)
    return latin


def _romanised(word: str) -> str:
    word = word.translate(_LETTERS)
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if c == "\u0306" or not unicodedata.combining(c))
    roman = romanise(unicodedata.normalize("NFC", bare)).replace("dz", "z")
    return re.sub(r"([^aeiouy])\1", r"\1", re.sub(r"[aoe]v(?![aeiouy])", "o", roman) if word.isascii() else roman)


def _is_ending(word: str, n: int) -> bool:
    return not n or (len(word) - n >= 3 and all(c in "аеиоуыэюяйьмвхгс" for c in word[-n:]))


def _alike(a: str, b: str, most: float) -> bool:
    least = min(sum(c not in _VOWELS for c in a), sum(c not in _VOWELS for c in b))
    if least == 1:
        return min(len(a), len(b)) >= 3 and _distance(a, b) < most
    return least >= 2 and _distance(a, b) <= most * least


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
