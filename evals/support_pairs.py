"""Labelled pairs of a sentence and the passages that it cites, to measure the check of a sentence (bench_support).

True pairs come from two sources. A file of XQuAD's form (see convert_xquad): each sentence of a paragraph beside the
paragraph in the other language, and, reworded by rule, beside its own. The gold that ships: a gold answer beside the
paragraphs that its quotes stand in; these were worded by hand, by somebody who did not look at the check.

False pairs are true ones with one thing spoilt. What is a number, a date or a name is told here by plain patterns and
not by the code that is measured, so that what that code overlooks is spoilt too.
"""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import pymorphy3

from evals.cases import SHIPPED, locate
from rag.documents import parse
from rag.documents.sandbox import Sandbox
from rag.gold import read_cases
from rag.passages import split
from rag.text.sentences import sentences
from rag.text.values import MONTHS_EN, MONTHS_RU, find_values
from rag.text.words import fold, stem
from rag.types import Document, Passage

TRUE = "true"
CLASSES = ("wrong number", "wrong date", "swapped name", "number moved", "negated", "other passage")
DRAWS = 4

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[,\u00a0\u202f ]\d{3})*(?:[.,]\d+)?(?![\w-]|[.,]\d)")
_SPELLED = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|fifty|"
    r"двух|двумя|два|две|трех|трёх|три|четыре|четырех|четырёх|пять|пяти|шесть|шести|семь|восемь|девять|десять|десяти|"
    r"двадцать|двадцати|тридцать|пятьдесят)\b",
    re.I,
)
_YEAR = re.compile(r"(?:1\d|20)\d\d$")
_MONTHS = [[name.capitalize() for name in MONTHS_EN], [forms[1] for forms in MONTHS_RU]]
_MONTH = re.compile(rf"\b(?:{'|'.join(name for names in _MONTHS for name in names)})\b")
_DAY = re.compile(rf"\b\d{{1,2}}(?= (?:{'|'.join(_MONTHS[0] + _MONTHS[1])})\b)|(?<=[a-z] )\d{{1,2}}(?=, \d{{4}})")
_CAPITAL = r"[A-ZА-ЯЁ][^\W\d_]+(?:[-'’][^\W\d_]+)*"
_NAME = re.compile(rf"(?<!\S){_CAPITAL}(?: {_CAPITAL})*")
_CAPITALISED = re.compile(_CAPITAL)
_NO_NAME = {name.lower() for names in _MONTHS for name in names} | set(
    "monday tuesday wednesday thursday friday saturday sunday mr mrs dr st".split()
)
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|has|have|had|can|could|will|would|may|might|must|should|did)\b")
_NEGATION = re.compile(r"\b(?:not|no|never|nor|none|cannot|without|не|ни|нет|никогда|без)\b|n't\b", re.I)


# People, places and organisations that take another's place: none is in the texts that pairs are made of.
_OTHERS = {
    "en": "Nigeria|Kyoto|Helsinki|Uruguay|Jakarta|Montenegro|Bolivar|Merkel|Tolstoy|Gagarin|Picasso|Honda|Nokia|"
    "Philips|Angela Merkel|Pablo Picasso|Yuri Gagarin|Nelson Mandela|Buenos Aires|Sri Lanka|Deutsche Bank|Toyota Motor|"
    "Nursultan Nazarbayev|Islam Karimov|Tashkent|Dushanbe|Turkmenistan|Mongolia|Rahmon|Mirziyoyev|Gazprom|Samsung",
    "ru": "Нигерия|Киото|Хельсинки|Уругвай|Джакарта|Черногория|Боливар|Меркель|Толстой|Гагарин|Пикассо|Хонда|Нокиа|"
    "Ангела Меркель|Пабло Пикассо|Юрий Гагарин|Нельсон Мандела|Буэнос-Айрес|Шри-Ланка|Дойче Банк|Тойота Мотор|Филипс|"
    "Нурсултан Назарбаев|Ислам Каримов|Ташкент|Душанбе|Туркменистан|Монголия|Рахмон|Мирзиёев|Газпром|Самсунг",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """`kind`: "true" or a class of `CLASSES`; `own`: the passages in the sentence's language, to spoil it knowingly.

    `group` is what it was made from, drawn together when uncertainty is told; `half` 1 or 2, by article.
    """

    direction: str
    kind: str
    sentence: str
    passages: tuple[str, ...]
    own: tuple[str, ...]
    group: str
    article: str
    half: int


def of_xquad(paragraphs: Sequence[Mapping[str, Any]], seed: int) -> list[Pair]:
    """True pairs in four directions; within a language the sentence is reworded by rule."""
    titles = list(dict.fromkeys(p["title"] for p in paragraphs))
    pairs = []
    for paragraph in paragraphs:
        half = 1 if titles.index(paragraph["title"]) < len(titles) // 2 else 2
        for language in ("en", "ru"):
            own = _clean(paragraph[language])
            for n, (a, b) in enumerate(sentences(own)):
                if len(own[a:b].split()) < 5 or not re.match(r"[«“\"(]?[A-ZА-ЯЁ]", own[a:b]):  # cut amiss
                    continue
                for other in ("en", "ru"):
                    said = own[a:b]
                    if other == language:
                        said = reword(said, _draws(seed, paragraph["id"], n))
                    passage = _clean(paragraph[other])
                    direction = f"{language}→{other}"
                    pairs.append(
                        Pair(direction, TRUE, said, (passage,), (own,), paragraph["id"], paragraph["title"], half)
                    )
    return pairs


def of_gold(name: str) -> list[Pair]:
    """True pairs of a suite that ships ("seeds", "region"): gold answers beside the passages that hold their quotes."""
    gold, folder = next((g, d) for g, d in SHIPPED if g.stem == name)
    texts = _read(folder)
    pairs = []
    for case in read_cases(gold):
        if not (case.answerable and case.gold_answer and case.gold_sources):
            continue
        held = [p for s in case.gold_sources for p in _holding(texts[s.document], s.quote)]
        languages = {p.language for p in held}
        if len(languages) == 1:
            passages = tuple(dict.fromkeys(p.text for p in held))
            direction = f"{case.language}→{languages.pop()}"
            document = case.gold_sources[0].document
            group = case.pair or case.id
            pairs.append(Pair(direction, TRUE, case.gold_answer, passages, (case.gold_answer,), group, document, 0))
    return pairs


def spoilt(true: Sequence[Pair], seed: int) -> Iterator[Pair]:
    """False pairs made of the true ones: of each where it can be done, up to `DRAWS` with a number or date spoilt."""
    lower = {
        w for p in true for text in (p.sentence, *p.own) for w in re.findall(r"\b[^\W\d_]+\b", text) if w.islower()
    }
    within = {m.group() for p in true for m in re.finditer(rf"(?<=\w ){_CAPITAL}", p.sentence)}
    lower |= {p.sentence.split()[0].lower() for p in true if p.sentence.split()[0] not in within}
    elsewhere: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for pair in true:
        elsewhere.setdefault((pair.article, pair.direction), []).append(pair.passages)
    for n, pair in enumerate(true):
        draw = _draws(seed, n)
        made = [("negated", negated(pair.sentence, draw))]
        made.append(("swapped name", swapped_name(pair, draw, lower)))
        for _ in range(DRAWS):
            made.append(("wrong number", wrong_number(pair, draw)))
            made.append(("wrong date", wrong_date(pair, draw)))
            made.append(("number moved", moved_number(pair, draw)))
        for kind, said in dict.fromkeys(made):
            if said is not None:
                yield replace(pair, kind=kind, sentence=said)
        others = [p for p in elsewhere[pair.article, pair.direction] if not set(p) & set(pair.passages)]
        if others:
            yield replace(pair, kind="other passage", passages=draw.choice(others))


def wrong_number(pair: Pair, draw: random.Random) -> str | None:
    """A number, in digits or as a word, made another that no passage has."""
    known = _known(pair)
    places = [m for m in _NUMBER.finditer(pair.sentence) if not _is_date(pair.sentence, m)]
    places += list(_SPELLED.finditer(pair.sentence))
    if not places:
        return None
    m = draw.choice(places)
    digits = re.sub(r"[\u00a0\u202f ]", "", m.group())
    if not digits[0].isdigit():
        choices = [str(n) for n in range(2, 61)]
    else:
        whole, mark, part = re.match(r"([\d,]*\d)([.,]?)(\d*)$", digits).groups()  # type: ignore[union-attr]
        n = int(whole.replace(",", ""))
        near = {n + 1, n - 1, n + 10, n * 10, round(n * 1.2) + 1, round(n * 0.8), n // 10}
        choices = [f"{c}{mark if len(part) < 3 else ''}{part if len(part) < 3 else ''}" for c in sorted(near) if c > 0]
    choices = [c for c in choices if not _YEAR.match(c) and not {c, c.replace(",", ".")} & known and c != digits]
    return _put(pair.sentence, m, draw.choice(choices)) if choices else None


def wrong_date(pair: Pair, draw: random.Random) -> str | None:
    """A year, month or day made another that no passage has."""
    known = _known(pair)
    text = fold(" ".join(pair.passages + pair.own))
    choices: list[tuple[re.Match[str], list[str]]] = []
    for m in _NUMBER.finditer(pair.sentence):
        if _YEAR.match(m.group()):
            year = int(m.group())
            choices.append((m, [str(y) for d in (1, 2, 3, 10) for y in (year - d, year + d)]))
    choices += [(m, [str(d) for d in range(1, 29)]) for m in _DAY.finditer(pair.sentence)]
    for m in _MONTH.finditer(pair.sentence):
        named = _MONTHS[0] if m.group().isascii() else _MONTHS[1]
        at = [i for i in range(12) if not any(fold(names[i])[:4] in text for names in _MONTHS)]
        choices.append((m, [named[i] for i in at]))
    choices = [(m, left) for m, new in choices if (left := [c for c in new if c not in known])]
    if not choices:
        return None
    m, new = draw.choice(choices)
    return _put(pair.sentence, m, draw.choice(new))


def moved_number(pair: Pair, draw: random.Random) -> str | None:
    """A number made another that stands elsewhere in the passages, of something else."""
    places = [m for m in _NUMBER.finditer(pair.sentence) if not _is_date(pair.sentence, m)]
    here = {m.group() for m in places}
    text = " ".join(pair.passages)
    there = sorted({m.group() for m in _NUMBER.finditer(text) if not _is_date(text, m)} - here)
    return _put(pair.sentence, draw.choice(places), draw.choice(there)) if places and there else None


def swapped_name(pair: Pair, draw: random.Random, lower: set[str]) -> str | None:
    """A name made another, of `_OTHERS`, that no passage has."""
    places = _names(pair.sentence, lower)
    text = fold(" ".join(pair.passages + pair.own))
    if not places or any(fold(name)[:5] in text for names in _OTHERS.values() for name in names.split("|")):
        return None
    m = draw.choice(places)
    alike = [name for name in _OTHERS[pair.direction[:2]].split("|") if (" " in name) == (" " in m.group())]
    return _put(pair.sentence, m, draw.choice(alike))


def negated(sentence: str, draw: random.Random) -> str | None:
    """The opposite: a negation put to the first verb that takes one; None where there is one already."""
    if _NEGATION.search(sentence):
        return None
    if sentence.isascii() or not re.search("[а-я]", sentence):
        m = _AUXILIARY.search(sentence)
        return _put(sentence, m, f"{m.group()} {draw.choice(['not', 'never'])}") if m else None
    for m in re.finditer(r"\b[а-яё]+\b", sentence):
        if _is_finite(m.group()):
            return _put(sentence, m, f"{draw.choice(['не', 'никогда не'])} {m.group()}")
    return None


def reword(sentence: str, draw: random.Random) -> str:
    """The same in other words, by rule: a clause less, a phrase moved to the end, up to three words for synonyms."""
    said = re.sub(r"\s*\([^()]*\)", "", sentence)
    end = said[-1] if said[-1] in ".!?" else ""
    body = said.removesuffix(end) if end else said
    parts = body.split(", ")
    if len(parts) > 2 and draw.random() < 0.5 and len(", ".join(parts[:-1]).split()) > 6:
        body = ", ".join(parts[:-1])
    elif len(parts) > 1 and len(parts[0].split()) <= 7 and len(parts[1].split()) > 3:
        body = f"{', '.join(parts[1:])}, {parts[0]}"
    synonyms = _synonyms()
    places = [m for m in re.finditer(r"\b[a-zа-яё]{4,}\b", body) if stem(fold(m.group())) in synonyms]
    for m in sorted(draw.sample(places, min(3, len(places))), key=lambda m: -m.start()):
        body = body[: m.start()] + draw.choice(synonyms[stem(fold(m.group()))]) + body[m.end() :]
    return body + end


def _names(sentence: str, lower: set[str]) -> list[re.Match[str]]:
    """Runs of capitalised words, none of which is also written small."""
    found = []
    for m in _NAME.finditer(sentence):
        parts = re.findall(r"[^\W\d_]+", m.group())
        if not any(p.lower() in lower or p.lower() in _NO_NAME or len(p) < 3 for p in parts):
            found.append(m)
    return found


def _is_date(text: str, m: re.Match[str]) -> bool:
    return bool(_YEAR.match(m.group()) or _DAY.match(text, m.start()))


def _known(pair: Pair) -> set[str]:
    """All numbers of the passages, as digits and as what they come to."""
    known = set()
    for text in pair.passages + pair.own:
        known |= {n for part in re.findall(r"[\d.,]*\d", text) for n in (part, part.replace(",", ""))}
        known |= {n for v in find_values(text) for n in re.findall(r"\d+(?:\.\d+)?", v.key)}
    return known


def _draws(*of: object) -> random.Random:
    """Draws of their own for each thing that is spoilt, so that one more pair changes no other."""
    return random.Random(" ".join(map(str, of)))  # noqa: S311


def _put(text: str, m: re.Match[str], new: str) -> str:
    return text[: m.start()] + new + text[m.end() :]


def _clean(text: str) -> str:
    return text.replace("\ufeff", "").strip()


def _read(folder: Path) -> dict[str, Document]:
    with contextlib.closing(Sandbox()) as sandbox:
        return {f.name: parse(f, f.read_bytes(), sandbox).document for f in sorted(folder.iterdir())}


def _holding(document: Document, quote: str) -> list[Passage]:
    """The passages that hold a quote."""
    start, end = locate(document.text, quote) or (0, 0)
    return [p for p in split(document) if p.start < end and start < p.end]


def _is_finite(word: str) -> bool:
    tag = _morphology().parse(word)[0].tag
    return bool({"VERB", "PRTS"} & tag.grammemes) and "impr" not in tag


@lru_cache(maxsize=1)
def _morphology() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer()


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, list[str]]:
    """Single words of one line and side of the lexicon, by stem."""
    found: dict[str, list[str]] = {}
    lines = resources.files("rag.bilingual").joinpath("lexicon.tsv").read_text("utf-8").splitlines()
    for line in lines:
        for side in line.split("\t")[:2]:
            single = [w for v in side.split(";") if (w := v.strip()) and " " not in w and w.islower() and w.isalpha()]
            for word in single:
                found.setdefault(stem(fold(word)), []).extend(w for w in single if w != word)
    return {key: sorted(set(words)) for key, words in found.items() if words}


def drawn(pairs: Iterable[Pair], most: int, seed: int) -> list[Pair]:
    """At most `most` pairs of each direction and class, drawn evenly."""
    cells: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        cells.setdefault((pair.direction, pair.kind), []).append(pair)
    return [
        p
        for (direction, kind), cell in cells.items()
        for p in _draws(seed, direction, kind).sample(cell, min(most, len(cell)))
    ]
