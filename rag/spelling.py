"""A misspelt question as it is to be read: its unknown words become the nearest that the library or the table knows.

A word that either knows is left alone, and so is a name that the library knows by its sound.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from rag.bilingual.concepts import name_terms
from rag.bilingual.table import TranslationTable
from rag.lexical import LexicalIndex
from rag.text.spelling import LEAST, Spellings
from rag.text.words import CYRILLIC, LATIN, STOP, Word, guessed_lemma, is_known, stem, words

PREFIX = 5  # letters of a word of the library that one not known may be made of


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as it is read: `text` to search with, `words` the index term that each misspelt word was read as."""

    text: str
    words: dict[str, str] = field(default_factory=dict)


def read_question(question: str, index: LexicalIndex, table: TranslationTable) -> Reading:
    """`question` with the words that neither `index` nor `table` knows replaced by the nearest that one of them does.

    A word of the library may be an edit further off than one of the table, a name of the table alone only one edit
    away; at equal distance a common word comes before a rare one.
    """
    text, read = question, {}
    for word in reversed(words(question)):
        if _known(word, index, table):
            continue
        term = _nearest(word, index, table)
        if term is not None:
            written = term.capitalize() if word.capitalised else term
            text = text[: word.start] + written + text[word.end :]
            read[word.surface] = term
    return Reading(text, dict(reversed(read.items())))


def _known(word: Word, index: LexicalIndex, table: TranslationTable) -> bool:
    lower = word.lower
    if len(lower) < LEAST or lower in STOP or not _one_script(lower) or word.surface.isupper() or is_known(lower):
        return True
    own = stem(lower)
    if own in table.ids or own in table.glossary or index.passages_with(own):
        return True
    if any(index.passages_with(lower[:length]) for length in range(PREFIX, len(lower))):
        return True  # «каракольский»: made of a word that is there
    return word.capitalised and any(index.passages_with(term) for term in name_terms(word.surface))


def _one_script(lower: str) -> bool:
    return lower.isalpha() and not (CYRILLIC.search(lower) and LATIN.search(lower))


def _nearest(word: Word, index: LexicalIndex, table: TranslationTable) -> str | None:
    vocabularies = [_stop_words(), table.spellings, *index.spellings()]
    forms = _forms(word)
    found: dict[str, int] = {}
    for nearest in (Spellings.near, Spellings.with_another_beginning):
        for vocabulary in vocabularies:
            for form in forms:
                for other, edits in nearest(vocabulary, form).items():
                    found[other] = min(edits, found.get(other, edits))
        if found:
            break
    ranks = [
        (edits - bool(there), other not in STOP, -there, table.rarity(other), other)
        for other, edits in found.items()
        if (other in STOP or stem(other) == other)
        and ((there := index.passages_with(other)) or edits == 1 or not word.capitalised)
    ]
    return min(ranks)[-1] if ranks else None


def _forms(word: Word) -> list[str]:
    """What a misspelt word is compared by: itself, and its stem or, in Russian, the dictionary form it would have."""
    lower = word.lower
    forms = [lower, guessed_lemma(lower)] if CYRILLIC.search(lower) else [lower, stem(lower)]
    if word.capitalised:
        forms.append(stem(lower))
    return [form for form in dict.fromkeys(forms) if len(form) >= LEAST and form.isalpha()]


@lru_cache(maxsize=1)
def _stop_words() -> Spellings:
    return Spellings(word for word in STOP if len(word) >= LEAST)
