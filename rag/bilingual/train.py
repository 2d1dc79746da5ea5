"""Train a translation table from sentence pairs and a lexicon: `python -m rag.bilingual.train PAIRS OUT`.

PAIRS is a file of `source TAB english TAB russian` lines (gzip or not). The lexicon, the sentences and the word fields
beside this file are added. The method is IBM Model 1 (Brown et al. 1993, "The Mathematics of Statistical Machine
Translation") by EM over stemmed, stop-worded pairs, once in each direction, with a sparse Dirichlet prior so that a
rare word does not spread over all that stood beside it (Riley & Gildea 2012, "Improving the IBM Alignment Models Using
Variational Bayes"); a stem's translation weighs sqrt(p(e|r)·p(r|e)), so that both directions must agree. The same input
gives the same bytes.

Word fields say which words go together, though they do not mean the same (to drown, a victim): what a question asks
about in other words than the text's. They are kept apart from translations, and weigh less.

Not done: word order, phrases, sub-words. The table knows stems only.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.bilingual.pack import WEIGHT_STEPS, Links, pack
from rag.text.words import content_stems

ROUNDS = 6
PRIOR = 0.1  # of the Dirichlet: below 1 it wants few translations a stem
MOST = 16  # translations kept a stem
LEAST = 0.03
MOST_SYNONYMS = 6
LEXICON_PAIR = 1.5  # weight of a pair of variants in training
SENTENCE_PAIR = 2.0
LEXICON_TRANSLATION = 0.3  # added for a single-word variant, less where the words have many senses
LEXICON_SYNONYM = 0.3
MOST_RELATED = 40
FIRST_RELATED, LAST_RELATED = 0.6, 0.25  # weights of the first and the last word of a field; those between lie between
RELATED_ACROSS = 0.7  # what is left of them across the languages
HEADWORDS = 2  # Russian words of a field that its English headword may become stand for it too
SURE = 0.15  # least weight of the translation that makes one of them
# How far a source is trusted: titles are short and odd, the manuals are about software. Measured on retrieval.
SOURCE_WEIGHTS = {"wiki_titles": 0.5, "dynamics365smb": 0.25, "elixirschool": 0.3}

SETTINGS = {
    "method": "variational IBM Model 1, both directions, sqrt of the product; lexicon added",
    "rounds": ROUNDS,
    "prior": PRIOR,
    "most": MOST,
    "most_synonyms": MOST_SYNONYMS,
    "least": LEAST,
    "weight_steps": WEIGHT_STEPS,
    "source_weights": SOURCE_WEIGHTS,
    "lexicon_pair": LEXICON_PAIR,
    "sentence_pair": SENTENCE_PAIR,
    "lexicon_translation": LEXICON_TRANSLATION,
    "lexicon_synonym": LEXICON_SYNONYM,
    "most_related": MOST_RELATED,
    "related_weights": [FIRST_RELATED, LAST_RELATED],
    "related_across": RELATED_ACROSS,
}

Pair = tuple[str, str, str]  # source, english, russian


@dataclass(frozen=True, slots=True)
class Own:
    """The files that come with Suroo; `line TAB line TAB topic`, and for the fields see `read_fields`."""

    lexicon: Path
    sentences: Path
    fields: Path


def read_pairs(path: Path) -> Iterator[Pair]:
    """Lines of `source TAB english TAB russian`; a line of another shape raises ValueError with its number."""
    open_text = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            fields = line.rstrip("\n").split("\t")
            if len(fields) != 3:
                raise ValueError(f"{path}, line {number}: {len(fields)} tab-separated fields, not 3")
            yield fields[0], fields[1], fields[2]


def read_lexicon(lines: Iterable[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Concepts of a lexicon in our form: the English and the Russian variants of each line."""
    for line in lines:
        english, russian, *_ = line.rstrip("\n").split("\t")
        yield [v.strip() for v in english.split(";")], [v.strip() for v in russian.split(";")]


Field = tuple[str, list[str], list[str]]  # an English headword, related English words, related Russian words


def read_fields(lines: Iterable[str]) -> Iterator[Field]:
    """Word fields: `headword TAB english; words TAB russian; words`, closest first."""
    for line in lines:
        headword, *sides = line.rstrip("\n").split("\t")
        english, russian = ([v.strip() for v in side.split(";")] for side in sides)
        yield headword, english, russian


class Corpus:
    """Stemmed pairs with weights, ready for EM: stem ids of each side, concatenated, with the bounds of each pair."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.stems: list[str] = []
        self.sides: tuple[list[list[int]], list[list[int]]] = ([], [])
        self.weights: list[float] = []
        self.counts: Counter[int] = Counter()
        self.sources: Counter[str] = Counter()

    def add(self, source: str, english: str, russian: str, weight: float) -> None:
        sides = [self._ids(english), self._ids(russian)]
        for side in sides:
            self.counts.update(set(side))
        self.sources[source] += 1
        if all(sides):
            for kept, side in zip(self.sides, sides, strict=True):
                kept.append(side)
            self.weights.append(weight)

    def _ids(self, text: str) -> list[int]:
        return [self.id(s) for s in dict.fromkeys(content_stems(text))]

    def id(self, stem: str) -> int:
        i = self.ids.get(stem)
        if i is None:
            i = self.ids[stem] = len(self.stems)
            self.stems.append(stem)
        return i


def model1(
    given: list[list[int]], made: list[list[int]], weights: list[float], vocabulary: int, rounds: int = ROUNDS
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """p(made | given) by EM. Returns the stem pairs that occur, as given·vocabulary+made, sorted, and p of each.

    Each `made` stem is explained by the `given` stems of its pair and by an empty word (id `vocabulary - 1`, which must
    be free); p starts uniform. All rounds but the last are variational, p = exp(ψ(c + PRIOR) - ψ(Σ(c + PRIOR))), the
    last is plain, so that p sums to 1. Sources: Brown et al. 1993, section 4.1; Riley & Gildea 2012, section 3. Needs
    scipy, which the `eval` extra brings.
    """
    from scipy.special import digamma

    null = vocabulary - 1
    keys, groups, group_weights = [], [], []
    group = 0
    for givens, mades, weight in zip(given, made, weights, strict=True):
        source = np.array([*givens, null], dtype=np.int64)
        target = np.array(mades, dtype=np.int64)
        keys.append((source[None, :] * vocabulary + target[:, None]).ravel())
        groups.append(np.repeat(np.arange(group, group + len(target)), len(source)))
        group_weights.append(np.full(len(target), weight, dtype=np.float32))
        group += len(target)
    pairs, link = np.unique(np.concatenate(keys), return_inverse=True)
    group_of = np.concatenate(groups)
    weight_of = np.concatenate(group_weights)[group_of]
    first = pairs // vocabulary
    p = np.ones(len(pairs))
    for left in reversed(range(rounds)):
        likely = p[link]
        share = likely / np.bincount(group_of, weights=likely)[group_of] * weight_of
        expected = np.asarray(np.bincount(link, weights=share, minlength=len(pairs)), dtype=np.float64)
        if left:
            expected = expected + PRIOR
        total = np.bincount(first, weights=expected, minlength=vocabulary)[first]
        p = np.exp(digamma(expected) - digamma(total)) if left else expected / total
    keep = first != null
    return pairs[keep], p[keep].astype(np.float32)


def translations(corpus: Corpus, progress: Iterator[None]) -> Links:
    """(stem, stem of the other language) → sqrt(p·p), both ways round, where it is at least `LEAST`."""
    vocabulary = len(corpus.stems) + 1
    english, russian = corpus.sides
    forward, p_forward = model1(english, russian, corpus.weights, vocabulary)
    next(progress)
    backward, p_backward = model1(russian, english, corpus.weights, vocabulary)
    next(progress)
    e, r = forward // vocabulary, forward % vocabulary
    at = np.searchsorted(backward, r * vocabulary + e)  # every forward pair occurs backward too
    weight = np.sqrt(p_forward * p_backward[at])
    found: Links = {}
    for i in np.flatnonzero(weight >= LEAST).tolist():
        a, b = int(e[i]), int(r[i])
        if a != b:
            found[a, b] = found[b, a] = float(weight[i])
    return found


def add_lexicon(links: Links, corpus: Corpus, concepts: list[tuple[list[str], list[str]]]) -> Links:
    """Raise the translations that the lexicon has as single words; return its synonyms within a language.

    A translation gains `LEXICON_TRANSLATION`·(n(e)·n(r))^-1/4, n being the number of concepts that a word is in: a
    word of many senses says less about each. What the pairs say stays in the sum, so that it ranks the senses.
    """
    sides = [[_single_words(side, corpus) for side in concept] for concept in concepts]
    senses = Counter(stem for concept in sides for side in concept for stem in side)
    synonyms: Links = {}
    gained: Links = {}
    for english, russian in sides:
        for e in english:
            for r in russian:
                gain = LEXICON_TRANSLATION * (senses[e] * senses[r]) ** -0.25
                gained[e, r] = gained[r, e] = min(1.0, links.get((e, r), 0.0) + gain)
        for side in (english, russian):
            synonyms |= {(a, b): LEXICON_SYNONYM for a in side for b in side if a != b}
    links |= gained
    return synonyms


def related(fields: Iterable[Field], links: Links, corpus: Corpus) -> Links:
    """(stem, stem that goes with it) → weight, both ways round, by how near to the headword a field has it.

    The headword stands at the centre of its field, and so do the first of its Russian words that are sure translations.
    """
    found: Links = {}

    def link(centre: int, words: list[int], factor: float) -> None:
        step = (FIRST_RELATED - LAST_RELATED) / max(len(words) - 1, 1)
        for place, word in enumerate(words):
            weight = factor * (FIRST_RELATED - step * place)
            if word != centre:
                for pair in ((centre, word), (word, centre)):
                    found[pair] = max(found.get(pair, 0.0), weight)

    for headword, *sides in fields:
        english, russian = (_single_words(side, corpus) for side in sides)
        found_headword = _single_words([headword], corpus)
        if not found_headword:
            continue
        centre = found_headword[0]
        sure = [word for word in russian if links.get((centre, word), 0.0) >= SURE][:HEADWORDS]
        link(centre, english, 1.0)
        link(centre, russian, RELATED_ACROSS)
        for word in sure or russian[:1]:
            link(word, [other for other in russian if other not in sure], 1.0)
            link(word, english, RELATED_ACROSS)
    return found


def _single_words(variants: list[str], corpus: Corpus) -> list[int]:
    stems = [content_stems(variant) for variant in variants]
    return list(dict.fromkeys(corpus.id(found[0]) for found in stems if len(found) == 1))


def train(pairs: Iterable[Pair], weights: dict[str, float], own: Own, progress: Iterator[None]) -> bytes:
    """The bytes of a table from `pairs` and what is our `own`; `progress` is advanced at each stage."""
    corpus = Corpus()
    for source, english, russian in pairs:
        corpus.add(source, english, russian, weights.get(source, 1.0))
    next(progress)
    with own.sentences.open(encoding="utf-8") as lines:
        for line in lines:
            english, russian, *_ = line.rstrip("\n").split("\t")
            corpus.add("suroo_sentences", english, russian, SENTENCE_PAIR)
    with own.lexicon.open(encoding="utf-8") as lines:
        concepts = list(read_lexicon(lines))
    with own.fields.open(encoding="utf-8") as lines:
        fields = list(read_fields(lines))
    texts = {"en": len(corpus.weights), "ru": len(corpus.weights)}
    counts = Counter(corpus.counts)
    for english_variants, russian_variants in concepts:
        for english in english_variants:
            for russian in russian_variants:
                corpus.add("suroo_lexicon", english, russian, LEXICON_PAIR)
    corpus.counts = counts  # a dictionary's lines say nothing about how common a word is
    next(progress)
    links = translations(corpus, progress)
    synonyms = add_lexicon(links, corpus, concepts)
    kinds = [(links, MOST), (synonyms, MOST_SYNONYMS)]
    return pack(corpus, kinds, (related(fields, links, corpus), MOST_RELATED), texts, SETTINGS)


def _stages() -> Iterator[None]:
    from tqdm import tqdm

    with tqdm(total=5, disable=not sys.stderr.isatty(), bar_format="{desc:<28}{bar} {elapsed}") as bar:
        for name in ("pairs read", "lexicon read", "p(russian | english)", "p(english | russian)"):
            bar.set_description(name)
            bar.update()
            yield
        yield


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m rag.bilingual.train", description=__doc__.split("\n")[0])
    parser.add_argument("pairs", type=Path, help="source TAB english TAB russian, gzip or not")
    parser.add_argument("out", type=Path, help="the table to write, .npz")
    parser.add_argument(
        "--weight", action="append", default=[], metavar="SOURCE=W", help="weight of a source (default 1, or as tuned)"
    )
    own = Path(__file__).parent
    parser.add_argument("--lexicon", type=Path, default=own / "lexicon.tsv", help="english TAB russian TAB topic")
    parser.add_argument("--sentences", type=Path, default=own / "sentences.tsv", help="english TAB russian TAB topic")
    parser.add_argument("--fields", type=Path, default=own / "fields.tsv", help="headword TAB english TAB russian")
    options = parser.parse_args(arguments)
    weights = SOURCE_WEIGHTS | {s: float(w) for s, _, w in (item.partition("=") for item in options.weight)}
    files = Own(options.lexicon, options.sentences, options.fields)
    data = train(read_pairs(options.pairs), weights, files, _stages())
    options.out.write_bytes(data)
    print(f"{options.out}: {len(data) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
