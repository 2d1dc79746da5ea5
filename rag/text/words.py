"""Words and stems of English and Russian.

A word is a run of letters of one text; hyphenated compounds are several words, since "Kyrgyz-Chinese" must meet
"Chinese". A stem is what the forms of a word share: for Russian its dictionary form, where the dictionary has it, which
keeps apart what Snowball's stems confuse («белый», «бельё») and joins what endings alone do not («шли», «идти»); for
English Snowball's stem of the dictionary form (went, go). The language is told by the script of the word, so a text
that mixes languages needs no flag.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import NamedTuple

import pymorphy3
import Stemmer

from rag.text.irregular import DICTIONARY_FORM

WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_CYRILLIC_RUN = re.compile(CYRILLIC.pattern + "+")
_LATIN_RUN = re.compile(LATIN.pattern + "+")

# A stop word carries so little that matching it misleads. Question words are kept out of retrieval too, but they tell
# the kind of answer that is asked for (rag/answering/cues.py).
STOP_EN = frozenset(
    """
    a an the this that these those there here it its itself he him his himself she her hers herself they them their
    theirs themselves we us our ours ourselves you your yours yourself i me my mine myself one ones
    and or but nor so yet if then than because as while of at by for with about against between into through during
    before after above below to from up down in out on off over under again further once upon within without toward
    towards among amongst per via
    am is are was were be been being have has had having do does did doing done will would shall should can could may
    might must ought
    not no only own same too very just also even still both each every either neither any some such all more most much
    many few less least other others another
    what which who whom whose when where why how whether
    s t don isn aren wasn weren hasn haven hadn doesn didn won wouldn couldn shouldn ll re ve d m
    """.split()
)
STOP_RU = frozenset(
    """
    и а но или либо да то же ли бы б ж что чтобы как так такой такая такое такие таким такого если когда пока хотя
    потому поэтому затем также тоже ещё уже лишь только даже вот ведь ну разве неужели не ни нет
    в во на с со к ко от ото до из изо у о об обо по за над под при про для без через между перед после около среди
    против вместо кроме ради сквозь из-за вне внутри вокруг
    я меня мне мной мы нас нам нами ты тебя тебе тобой вы вас вам вами он его ему им нём нему ним него она её ей ею ней
    нею неё оно они их ими них ним себя себе собой свой своя своё свои своего своей своих своим своими своему свою
    мой моя моё мои моего моей моих моим наш наша наше наши нашего нашей наших нашим нашими нашу ваш ваша ваше ваши
    вашего вашей ваших
    этот эта это эти этого этой этих этому этим этими эту этом тот та те того той тех тому тем теми ту том
    весь вся всё все всего всей всех всему всем всеми всю сам сама само сами самого самой самих сами самый самая самое
    самые самого самых каждый каждая каждое каждого каждой любой
    быть был была было были буду будет будут будем бы есть является являются являлся являлась являлись
    кто кого кому кем ком чего чему чем чём какой какая какое какие какого какой каких каким какому каким какими какую
    каком который которая которое которые которого которой которых которому которым которыми которую котором чей чья
    чьё чьи где куда откуда когда почему зачем сколько насколько
    можно нужно надо может могут мог могла могли
    очень более менее больше меньше много мало
    """.replace("ё", "е").split()
)
STOP = STOP_EN | STOP_RU

_PROPER = frozenset({"Name", "Surn", "Patr", "Geox", "Orgn"})  # pymorphy3's marks of a name

_local = threading.local()  # a Stemmer keeps state between calls and must not be shared by threads
_morphology_lock = threading.Lock()


class Word(NamedTuple):
    """One word of a text: `text[start:end] == surface`; `lower` is its lower case with ё written as е."""

    surface: str
    lower: str
    start: int
    end: int

    @property
    def capitalised(self) -> bool:
        return self.surface[:1].isupper()


def fold(text: str) -> str:
    """Lower case, with ё as е: Russian is printed with either."""
    return text.lower().replace("ё", "е")


def words(text: str) -> list[Word]:
    """All words of `text`, in order, stop words included."""
    return [Word(m.group(), fold(m.group()), m.start(), m.end()) for m in WORD.finditer(text)]


def letters(text: str) -> tuple[int, int]:
    """How many Cyrillic and how many Latin letters are in `text`.

    >>> letters("ШОС is the SCO")
    (3, 8)
    """
    return sum(map(len, _CYRILLIC_RUN.findall(text))), sum(map(len, _LATIN_RUN.findall(text)))


def is_cyrillic(word: str) -> bool:
    return CYRILLIC.search(word) is not None


@lru_cache(maxsize=400_000)
def stem(lower: str) -> str:
    """The stem of a folded word: Russian for Cyrillic, English for the rest.

    >>> stem("agreements"), stem("соглашениями"), stem("went"), stem("открылись")
    ('agreement', 'соглашение', 'go', 'открыть')
    """
    if is_cyrillic(lower):
        return _russian_lemma(lower) or str(_stemmer("russian").stemWord(lower))
    lower = lower.replace("’", "'").replace("ʼ", "'")
    return str(_stemmer("english").stemWord(DICTIONARY_FORM.get(lower, lower)))


@lru_cache(maxsize=100_000)
def possible_stems(lower: str) -> frozenset[str]:
    """Every stem that a folded word may have, for telling whether two words can be forms of one.

    >>> sorted(possible_stems("часах")), sorted(possible_stems("agreements"))
    (['час', 'часы'], ['agreement'])
    """
    return frozenset([stem(lower), *(_russian_lemmas(lower) if is_cyrillic(lower) else ())])


def _stemmer(language: str) -> Stemmer.Stemmer:
    stemmer = getattr(_local, language, None)
    if stemmer is None:
        stemmer = Stemmer.Stemmer(language)
        setattr(_local, language, stemmer)
    return stemmer


def _russian_lemma(lower: str) -> str | None:
    """The likeliest dictionary form, of a verb without «-ся»; None where the dictionary lacks the word: a guess at a
    name misleads.
    """
    return next(iter(_russian_lemmas(lower)), None)


def _russian_lemmas(lower: str) -> list[str]:
    """The dictionary forms, likeliest first."""
    with _morphology_lock:
        morphology = _morphology()
        if not morphology.word_is_known(lower):
            return []
        forms = [fold(parse.normal_form) for parse in morphology.parse(lower)]
    return [form[:-2] if form.endswith(("ться", "тись", "чься")) else form for form in forms]


@lru_cache(maxsize=100_000)
def is_known(lower: str) -> bool:
    """Whether the Russian dictionary has a folded word."""
    with _morphology_lock:
        return is_cyrillic(lower) and bool(_morphology().word_is_known(lower))


@lru_cache(maxsize=100_000)
def is_proper(lower: str) -> bool:
    """False for a folded word that the Russian dictionary knows, and not as a name of a person, a place or a company.

    >>> is_proper("лондон"), is_proper("жапаров"), is_proper("районы")
    (True, True, False)
    """
    if not is_known(lower):
        return True
    with _morphology_lock:
        tag = _morphology().parse(lower)[0].tag
    return not _PROPER.isdisjoint(tag.grammemes)


def guessed_lemma(lower: str) -> str:
    """The dictionary form that a folded Russian word would have, were it one: of «занемает», «занемать»."""
    with _morphology_lock:
        return fold(_morphology().parse(lower)[0].normal_form)


@lru_cache(maxsize=1)
def _morphology() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer()


def content_stems(text: str) -> list[str]:
    """Stems of the words of `text` that are not stop words, in order, repeats kept."""
    return [stem(w) for m in WORD.finditer(text) if (w := fold(m.group())) not in STOP]
