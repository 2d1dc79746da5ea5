"""Makes documents and cases of a file in XQuAD's form, so that one harness measures it too.

    python -m evals.convert_xquad xquad.jsonl OUT --language ru --questions en
    suroo eval run --gold OUT

A line of the file is a paragraph, `{id, title, en, ru, questions: [{id, en: {question, answer, start}, ru: …}]}`;
`start` is the answer's place in the paragraph of that language. The documents of a run are in one language: in a pool
of both, a question's own paragraph would stand in it twice.

With `--without` the questions are asked where the documents do not answer them: the paragraphs, or their whole
articles, are dealt into folds, and the questions of a fold are asked of a library without it. Taking the documents out,
rather than filtering them out of the search, hides them from everything that counts words over the library too.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag import Case
from rag.text.sentences import sentences
from rag.types import GoldSource

FOLDS = 5
Paragraph = dict[str, Any]


def convert(paragraphs: Sequence[Paragraph], language: str, asked: Sequence[str]) -> list[Case]:
    """A case for each question in each of the languages `asked`, of the documents in `language`.

    The gold quote is the sentence that holds the answer. Its key fact is the answer, as either language words it.
    """
    return [
        _case(paragraph, question, language, tongue, len(asked) > 1)
        for paragraph in paragraphs
        for question in paragraph["questions"]
        for tongue in asked
    ]


def unanswerable(case: Case, without: str) -> Case:
    """The same question where the documents are silent."""
    return Case(
        f"{case.id}-without-{without}",
        case.language,
        case.question,
        answerable=False,
        kind="unanswerable",
        pair=case.pair,
        tags=case.tags,
    )


def folds(paragraphs: Sequence[Paragraph], without: str, count: int) -> list[list[Paragraph]]:
    """The paragraphs dealt into `count` folds: each article over all of them, or (`without` "article") whole."""
    seen: dict[str, int] = {}
    dealt: list[list[Paragraph]] = [[] for _ in range(count)]
    titles = list(dict.fromkeys(p["title"] for p in paragraphs))
    for paragraph in paragraphs:
        title = paragraph["title"]
        at = titles.index(title) if without == "article" else seen.get(title, 0) + titles.index(title)
        seen[title] = seen.get(title, 0) + 1
        dealt[at % count].append(paragraph)
    return dealt


def write(folder: Path, documents: dict[str, str], cases: Sequence[Case]) -> None:
    """`folder/cases.jsonl` beside `folder/documents/`. Raises FileExistsError where there is a folder already."""
    (folder / "documents").mkdir(parents=True)
    for name, text in documents.items():
        (folder / "documents" / f"{name}.txt").write_text(text, "utf-8")
    lines = [json.dumps(asdict(case), ensure_ascii=False) + "\n" for case in cases]
    (folder / "cases.jsonl").write_text("".join(lines), "utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.convert_xquad", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path, help="a new folder; `suroo eval run --gold OUT` runs what is in it")
    parser.add_argument("--language", required=True, choices=["en", "ru"], help="of the documents")
    parser.add_argument("--questions", nargs="+", choices=["en", "ru"], help="their languages (the documents')")
    parser.add_argument("--pool", type=Path, help="a file of further documents, {id, en, ru} a line")
    parser.add_argument("--without", choices=["paragraph", "article"], help="take out what answers the questions")
    parser.add_argument("--folds", type=int, default=FOLDS, help=f"of --without ({FOLDS})")
    given = parser.parse_args(arguments)
    paragraphs = _lines(given.file)
    language, asked = given.language, given.questions or [given.language]
    pool = {p["id"]: _clean(p[language]) for p in (_lines(given.pool) if given.pool else [])}
    texts = {p["id"]: _clean(p[language]) for p in paragraphs}
    if not given.without:
        return write(given.out, texts | pool, convert(paragraphs, language, asked))
    for n, fold in enumerate(folds(paragraphs, given.without, given.folds), 1):
        left = {id: text for id, text in texts.items() if id not in {p["id"] for p in fold}}
        cases = [unanswerable(case, given.without) for case in convert(fold, language, asked)]
        write(given.out / f"without-{given.without}-{n}", left | pool, cases)


def _case(paragraph: Paragraph, question: dict[str, Any], language: str, tongue: str, paired: bool) -> Case:
    own, other = question[tongue], question[language]
    text = paragraph[language]
    start, end = other["start"], other["start"] + len(other["answer"])
    held = [(a, b) for a, b in sentences(text) if a < end and start < b] or [(start, end)]
    quote = _clean(text[held[0][0] : held[-1][1]])
    return Case(
        id=f"{question['id']}-{tongue}-{language}",
        language=tongue,
        question=_clean(own["question"]),
        gold_answer=_clean(own["answer"]),
        must_include=[list(dict.fromkeys([_clean(other["answer"]), _clean(own["answer"])]))],
        gold_sources=[GoldSource(f"{paragraph['id']}.txt", quote)],
        pair=f"{question['id']}-{language}" if paired else None,
        tags=["xquad", paragraph["title"]],
    )


def _clean(text: str) -> str:
    """Without the byte order mark that some texts of XQuAD begin with."""
    return text.replace("\ufeff", "").strip()


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]


if __name__ == "__main__":
    main()
