"""One case of a report: a line that says what was asked and what became of it, and behind it all there is to see."""

from __future__ import annotations

from collections.abc import Sequence

from evals.cases import locate
from evals.escaping import escape
from evals.facts import stated
from evals.metrics import METRICS, said
from evals.runs import Row
from evals.words import word, words
from rag import Case, Citation, Hit, Sentence

HITS = 5  # passages shown
SUPPORT = {"weak": "report.weak", "unsupported": "report.unsupported"}


def case_html(number: int, fault: str, row: Row, language: str) -> str:
    """The element of a case, `number` from 1 in the page's order."""
    case = row.case
    kind = words(language).get(f"kind.{case.kind}", case.kind)
    find = escape(" ".join([case.id, case.question, case.gold_answer or "", said(row.answer) if row.answer else ""]))
    columns = [
        _column("report.answer", _answer(row, language), language),
        _column("report.wanted", _wanted(row, language), language),
        _column("report.evidence", _evidence(row, language), language),
    ]
    return (
        f'<details class="case {fault}" id="case-{number}" data-fault="{fault}" data-kind="{escape(case.kind)}" '
        f'data-languages="{escape(row.languages)}" data-suite="{escape(row.suite)}" data-find="{find.lower()}">'
        f'<summary><span class="badge"><i class="{fault}"></i>{escape(word(f"fault.{fault}", language))}</span>'
        f'<span class="question" dir="auto" lang="{escape(case.language)}">{escape(case.question)}</span>'
        f'<span class="about">{escape(kind)} · {escape(row.languages)}</span></summary>'
        f'{_history(case, language)}<div class="columns">{"".join(columns)}</div>{_scores(row, language)}</details>'
    )


def _column(title: str, content: str, language: str) -> str:
    return f"<section><h3>{escape(word(title, language))}</h3>{content}</section>"


def _history(case: Case, language: str) -> str:
    if not case.history:
        return ""
    turns = "".join(f'<li class="{escape(turn.role)}" dir="auto">{escape(turn.text)}</li>' for turn in case.history)
    return f'<div class="history"><h3>{escape(word("report.history", language))}</h3><ol>{turns}</ol></div>'


def _answer(row: Row, language: str) -> str:
    if row.error:
        return f'<p class="error">{escape(row.error)}</p>'
    if row.answer is None:
        return ""
    sentences = "".join(_sentence(s, language) for s in row.answer.sentences)
    notices = "".join(f'<p class="notice" dir="auto">{escape(n.text)}</p>' for n in row.answer.notices)
    shown = {s.text for s in row.answer.sentences if s.quoted}
    cited = "".join(_citation(c, row.case, language, c.quote in shown) for c in row.answer.citations)
    sources = f'<ol class="citations">{cited}</ol>' if cited else ""
    status = f'<p class="status"><code>{escape(row.answer.status)}</code></p>'
    return (
        f'<div class="text" dir="auto" lang="{escape(row.answer.language)}">{sentences}</div>{notices}{sources}{status}'
    )


def _sentence(sentence: Sentence, language: str) -> str:
    markers = "".join(f"<sup>[{n}]</sup>" for n in sentence.citations)
    text = f"<q>{escape(sentence.text)}</q>" if sentence.quoted else escape(sentence.text)
    doubt = SUPPORT.get(sentence.support or "")
    mark = f' <em class="doubt">{escape(word(doubt, language))}: {escape(sentence.why or "")}</em>' if doubt else ""
    return f"<p>{text}{markers}{mark}</p>"


def _citation(citation: Citation, case: Case, language: str, shown: bool) -> str:
    """A source of the answer; its words are left out where the answer consists of them (`shown`)."""
    right = any(
        locate(source.quote, citation.quote) or locate(citation.quote, source.quote) for source in case.gold_sources
    )
    gold = f' <span class="tick">{escape(word("report.gold", language))}</span>' if right else ""
    about = " · ".join(part for part in (citation.title or citation.path, citation.date) if part)
    quote = "" if shown else f'<blockquote dir="auto">{escape(citation.quote)}</blockquote>'
    return f'<li value="{citation.number}">{quote}<cite dir="auto">{escape(about)}</cite>{gold}</li>'


def _wanted(row: Row, language: str) -> str:
    case = row.case
    text = said(row.answer) if row.answer else ""
    answer = case.gold_answer or ("" if case.answerable else word("report.refusal", language))
    parts = [f'<p class="text" dir="auto">{escape(answer)}</p>'] if answer else []
    if case.must_include:
        there = stated(text, case.must_include)
        facts = _ticks(
            [(" / ".join(fact), given) for fact, given in zip(case.must_include, there, strict=True)],
            word("report.stated", language),
            word("report.missing", language),
        )
        parts.append(f"<h4>{escape(word('report.facts', language))}</h4>{facts}")
    if case.must_not_include:
        there = stated(text, [[fact] for fact in case.must_not_include])
        marked = [(fact, not given) for fact, given in zip(case.must_not_include, there, strict=True)]
        facts = _ticks(marked, word("report.not_said", language), word("report.said", language))
        parts.append(f"<h4>{escape(word('report.forbidden', language))}</h4>{facts}")
    quotes = "".join(
        f'<li><blockquote dir="auto">{escape(s.quote)}</blockquote><cite dir="auto">{escape(s.document)}</cite></li>'
        for s in case.gold_sources
    )
    if quotes:
        parts.append(f'<h4>{escape(word("report.quotes", language))}</h4><ul class="citations">{quotes}</ul>')
    return "".join(parts)


def _ticks(facts: Sequence[tuple[str, bool]], good: str, bad: str) -> str:
    """Facts with whether they are as they should be, as a sign and, for who does not see it, a word."""
    items = "".join(
        f'<li class="{"yes" if right else "no"}" dir="auto">{escape(fact)}'
        f'<span class="sr"> — {escape(good if right else bad)}</span></li>'
        for fact, right in facts
    )
    return f'<ul class="ticks">{items}</ul>'


def _evidence(row: Row, language: str) -> str:
    parts = []
    if "mrr" in row.scores:
        rank = round(1 / row.scores["mrr"]) if row.scores["mrr"] else 0
        found = word("report.rank", language, rank=rank) if rank else word("report.no_rank", language)
        parts.append(f'<p class="{"yes" if rank else "no"} rank">{escape(found)}</p>')
    quotes = [source.quote for source in row.case.gold_sources]
    hits = "".join(_hit(n, hit, quotes) for n, hit in enumerate(row.hits[:HITS], 1))
    return "".join(parts) + (f'<ol class="hits">{hits}</ol>' if hits else "")


def _hit(number: int, hit: Hit, quotes: Sequence[str]) -> str:
    places = sorted(place for quote in quotes if (place := locate(hit.text, quote)))
    text, at = "", 0
    for start, end in places:
        if start >= at:
            text += f"{escape(hit.text[at:start])}<mark>{escape(hit.text[start:end])}</mark>"
            at = end
    text += escape(hit.text[at:])
    about = " · ".join(part for part in (hit.title or hit.path, hit.date, f"{hit.score:.2f}") if part)
    opened = " open" if places else ""
    return (
        f'<li><details{opened}><summary dir="auto"><b>{number}</b> {escape(about)}</summary>'
        f'<div class="passage" tabindex="0" dir="auto" lang="{escape(hit.language)}">{text}</div></details></li>'
    )


def _scores(row: Row, language: str) -> str:
    shown = [
        f"<li><code>{escape(name)}</code> {score:.2f}{_why(row.why.get(name))}</li>"
        for name, score in row.scores.items()
        if score != 1.0 - METRICS[name].worst
    ]
    shown += [
        f"<li><code>{escape(name)}</code> {escape(word('report.no_verdict', language))}{_why(verdict.why)}</li>"
        for name, verdict in row.verdicts.items()
        if verdict.value is None
    ]
    title = escape(word("report.scores", language))
    about = f"{row.case.id} · {row.suite}" + (f" · {row.timings['total']:.0f} ms" if "total" in row.timings else "")
    return f'<div class="scores"><h3>{title}</h3><ul>{"".join(shown)}</ul><p class="small">{escape(about)}</p></div>'


def _why(why: str | None) -> str:
    return f': <span dir="auto">{escape(why)}</span>' if why else ""
