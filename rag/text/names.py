"""Names across scripts: a phonetic key that Жапаров, Japarov and Zhaparov share.

The key is the consonants of a romanised word, with the usual spellings of one sound made one letter, in the spirit of
Soundex; it joins BGN/PCGN romanisation, popular English spellings, and pinyin with Palladius («Цзинань», Jinan). It is
a hint and no proof: unlike names may share a key, so a match by key weighs less than a match by stem or translation.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag.text.words import fold, is_cyrillic

_CYRILLIC_GROUPS = [("дж", "j"), ("чж", "j"), ("цз", "j"), ("тц", "c"), ("тч", "C"), ("кс", "ks"), ("нх", "nh")]
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e j z i i k l m n o p r s t u f h c C S S  i  e u a".split(" "),
        strict=True,
    )
)
_LATIN_GROUPS = [
    (r"[’'ʼ]s$|[’'ʼ]", ""),
    (r"sch|sh", "S"),
    (r"tch|ch", "C"),
    (r"zh|dzh|dj", "j"),
    (r"kh", "h"),
    (r"ph", "f"),
    (r"th", "t"),
    (r"ts|tz", "c"),
    (r"ngh", "nh"),
    (r"gh", "g"),
    (r"ng(?=[^aeiouy]|$)", "n"),
    (r"ck", "k"),
    (r"^x", "s"),
    (r"x", "ks"),
    (r"^q(?=i)", "c"),
    (r"qu|q", "k"),
    (r"c(?=[eiy])", "s"),
    (r"c", "k"),
    (r"w", "v"),
]
_VOWELS = re.compile(r"[aeiouyæøåäöüáéíóúàèìòùâêîôûãõ]+")
# Case endings that add a consonant to a Russian name; vowels fall out of the key anyway.
_ENDING = re.compile(r"(?:ыми|ими|ами|ями|ого|его|ому|ему|ых|их|ым|им|ом|ем|ах|ях|ам|ям)$")
_MIN_KEY = 3


@lru_cache(maxsize=200_000)
def name_keys(word: str) -> tuple[str, ...]:
    """Phonetic keys of one word, none where it is too short to tell anything.

    A Russian word that may bear a case ending has two, with and without it.

    >>> name_keys("Жапаровым"), name_keys("Zhaparov"), name_keys("Шанхай"), name_keys("Shanghai")
    (('jprvm', 'jprv'), ('jprv',), ('Snh',), ('Snh',))
    """
    lower = fold(word)
    forms = [lower]
    if is_cyrillic(lower):
        bare = _ENDING.sub("", lower)
        if bare != lower and len(bare) >= 4:
            forms.append(bare)
    keys = [_key(romanise(form)) for form in forms]
    return tuple(dict.fromkeys(key for key in keys if len(key) >= _MIN_KEY))


def romanise(lower: str) -> str:
    """A folded word in Latin letters, a letter for each sound that the spellings of both scripts tell apart."""
    if is_cyrillic(lower):
        lower = re.sub(r"^у(?=[аеиоэя])", "в", lower)  # «Уильям», William
        for group, sound in _CYRILLIC_GROUPS:
            lower = lower.replace(group, sound)
        return "".join(_CYRILLIC.get(c, c) for c in lower)
    for pattern, sound in _LATIN_GROUPS:
        lower = re.sub(pattern, sound, lower)
    return lower


def _key(roman: str) -> str:
    lead = "A" if _VOWELS.match(roman) else ""
    consonants = _VOWELS.sub("", roman)
    return lead + re.sub(r"(.)\1+", r"\1", consonants)
