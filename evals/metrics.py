"""The measures, each one function of a `Trial` and one line in `METRICS`. None of them asks a model.

A function gives a `Score`, or None where it has nothing to measure: such a case is not in that measure's mean. A case
that crashed is in it with the worst value. The explanation of a score names what was missing or too much, in the words
of the case, for the person who reads the failures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from evals.cases import Span, locate
from evals.facts import stated, states, terms
from rag import Answer, Case, Document, Hit, Passage
from rag.answering.guard import unquoted
from rag.citations import parse_markers
from rag.passages import split
from rag.text.language import text_language
from rag.text.words import words

DEPTH = 10  # passages that are searched for the measures of retrieval
CITED = 0.5  # share of a gold quote's words that must be cited for the quote to count as cited


@dataclass(frozen=True, slots=True)
class Score:
    """`value`, and `why` it is not the best one."""

    value: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge model made of an answer in one measure; `value` is None where its reply could not be read."""

    value: float | None
    why: str = ""


def said(answer: Answer) -> str:
    """What an answer states: its sentences without markers; nothing where it refuses."""
    return "" if answer.status == "not_found" else "\n\n".join(s.text for s in answer.sentences)


@dataclass(frozen=True)
class Trial:
    """One case as it went: the answer, the `DEPTH` best passages, the gold quotes' places, the documents by id.

    `twin` is how the same question in the other language went, for one of the two cases of a pair. `verdicts` are a
    judge's, where there was one, by measure.
    """

    case: Case
    answer: Answer
    hits: Sequence[Hit]
    gold: Sequence[Span]
    documents: Mapping[str, Document]
    twin: Trial | None = None
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        return self.answer.status == "not_found"

    @cached_property
    def said(self) -> str:
        return said(self.answer)

    @cached_property
    def facts(self) -> list[bool]:
        return stated(self.said, self.case.must_include)

    @cached_property
    def cited(self) -> list[Span]:
        return [Span(c.document_id, c.start, c.end) for c in self.answer.citations]

    def spans_of_answer(self, n: int) -> list[Span]:
        """Where, in gold quote `n`, a fact of the case stands word for word; the whole quote where none does."""
        gold = self.gold[n]
        quote = self.documents[gold.document_id].text[gold.start : gold.end]
        places = [locate(quote, a) for fact in self.case.must_include for a in fact]
        found = [Span(gold.document_id, gold.start + p[0], gold.start + p[1]) for p in places if p]
        return found or [gold]


@dataclass(frozen=True, slots=True)
class Metric:
    """`population` says which cases a measure is of; `worst` is what a crashed case gets, and the other end is best.

    `gated` is False for what may be reported and never decided by. `judged` is what only runs with a judge have.
    """

    function: Callable[[Trial], Score | None]
    population: Callable[[Case], bool]
    worst: float = 0.0
    gated: bool = True
    judged: bool = False

    @property
    def higher_is_better(self) -> bool:
        return self.worst == 0.0


# ---- retrieval


def recall_at(k: int) -> Callable[[Trial], Score]:
    """Recall of the gold quotes at `k` passages: the mean over the gold quotes of the share of a quote's words that
    stand in the best `k` passages. Manning, Raghavan & Schütze 2008, 8.3, on words of evidence instead of documents.
    """

    def recall(trial: Trial) -> Score:
        retrieved = [Span(h.document_id, h.start, h.end) for h in trial.hits[:k]]
        shares = [_covered(trial, gold, retrieved) for gold in trial.gold]
        missed = [_quote(trial, gold) for gold, share in zip(trial.gold, shares, strict=True) if share < 1]
        return Score(_mean(shares), _list(missed))

    return recall


def reciprocal_rank(trial: Trial) -> Score:
    """1 / rank of the first passage that overlaps a gold quote, 0 where none of the best `DEPTH` does; its mean is MRR.

    Computed by ir-measures (`RR@10`, trec_eval's recip_rank). Ties of score are broken by the order of retrieval.
    """
    return Score(_ir(trial, "RR@10"))


def ndcg(trial: Trial) -> Score:
    """Normalised discounted cumulative gain at `DEPTH`: sum of 1/log2(rank + 1) over the passages that overlap a gold
    quote, divided by that of the ideal order (Järvelin & Kekäläinen 2002), by ir-measures (`nDCG@10`).
    """
    return Score(_ir(trial, "nDCG@10"))


# ---- what is said


def correct(trial: Trial) -> Score:
    """1 where everything that can be checked without a model is right: the right kind of reply (answer, refusal,
    greeting), every key fact, no forbidden one, and, where there are gold quotes, at least one of them cited.
    """
    faults = []
    if trial.answer.status != expected_status(trial.case):
        faults.append(f"{trial.answer.status} ≠ {expected_status(trial.case)}")
    if not all(trial.facts):
        faults.append(f"− {_list(_missing(trial))}")
    if there := _forbidden(trial):
        faults.append(f"+ {_list(there)}")
    if trial.case.answerable and trial.gold and not any(_cites(trial, gold) for gold in trial.gold):
        faults.append("[n] ≠ gold")
    return Score(float(not faults), "; ".join(faults))


def status(trial: Trial) -> Score:
    """1 where the reply is of the right kind: an answer, a refusal, or the reply to a greeting."""
    wanted = expected_status(trial.case)
    right = trial.answer.status == wanted
    return Score(float(right), "" if right else f"{trial.answer.status} ≠ {wanted}")


def key_facts(trial: Trial) -> Score | None:
    """Recall of the key facts: the share of `must_include` that the answer states (see evals/facts.py)."""
    return Score(_mean(trial.facts), _list(_missing(trial)))


def forbidden_facts(trial: Trial) -> Score:
    """The share of `must_not_include` that the answer states. Lower is better."""
    there = _forbidden(trial)
    return Score(len(there) / len(trial.case.must_not_include), _list(there))


def token_f1(trial: Trial) -> Score:
    """Harmonic mean of precision and recall of the answer's words against the gold answer's, as bags (SQuAD's F1:
    Rajpurkar et al. 2016), over stems and values without stop words, so that it is not English only.
    """
    gold, said = terms(trial.case.gold_answer or ""), terms(trial.said)
    common = (gold & said).total()
    return Score(2 * common / (gold.total() + said.total()) if common else 0.0)


def language(trial: Trial) -> Score | None:
    """The share of the sentences that are not quoted that are in the question's language, but for words they quote."""
    own = [s for s in trial.answer.sentences if not s.quoted and words(unquoted(s.text))]
    if not own:
        return None
    wrong = [s.text for s in own if text_language(unquoted(s.text)) != trial.case.language]
    return Score(1 - len(wrong) / len(own), _list(wrong))


def refusal_precision(trial: Trial) -> Score | None:
    """Of the questions that were refused, the share that the documents do not answer."""
    return Score(float(not trial.case.answerable)) if trial.refused else None


def refusal_recall(trial: Trial) -> Score:
    """Of the questions that the documents do not answer, the share that was refused."""
    return Score(float(trial.refused), "" if trial.refused else trial.answer.status)


def parity(trial: Trial) -> Score | None:
    """The share of question pairs that give the same facts and cite the same gold quotes in both languages.

    For an answerable pair the same is not nothing: at least one fact, where there are any, must be given in both.
    """
    other = trial.twin
    if other is None:
        return None
    if not trial.case.answerable:
        return Score(float(trial.refused == other.refused))
    same_facts = trial.facts == other.facts and (any(trial.facts) or not trial.facts)
    mine, theirs = ({(g.document_id, g.start) for g in t.gold if _cites(t, g)} for t in (trial, other))
    why = [] if same_facts else ["facts"]
    why += [] if mine == theirs else ["sources"]
    return Score(float(not why), ", ".join(why))


# ---- what is cited


def first_citation(trial: Trial) -> Score:
    """1 where the quote of the first citation holds the answer span of some gold quote: the place in it where a fact of
    the case stands word for word (the whole gold quote where none does).
    """
    return Score(float(any(_holds(span, trial.cited[:1]) for span in _answer_spans(trial))))


def some_citation(trial: Trial) -> Score:
    """1 where the quote of some citation holds the answer span of some gold quote; see `first_citation`."""
    return Score(float(any(_holds(span, trial.cited) for span in _answer_spans(trial))))


def gold_cited(trial: Trial) -> Score:
    """The share of the gold quotes of which citations cover at least half of the words."""
    missed = [_quote(trial, gold) for gold in trial.gold if not _cites(trial, gold)]
    return Score(1 - len(missed) / len(trial.gold), _list(missed))


def citation_precision(trial: Trial) -> Score:
    """The share of the words in the citations' quotes that are in gold quotes; 0 where nothing is cited.

    On words of evidence, as FEVER and HotpotQA score supporting sentences (Yang et al. 2018): unlike ALCE's citation
    precision it asks no model, and quoting everything lowers it.
    """
    cited, gold = _words(trial, trial.cited), _words(trial, trial.gold)
    return Score(len(cited & gold) / len(cited) if cited else 0.0)


def citation_recall(trial: Trial) -> Score:
    """The share of the words of the gold quotes that are in the citations' quotes."""
    cited, gold = _words(trial, trial.cited), _words(trial, trial.gold)
    return Score(len(cited & gold) / len(gold))


def facts_cited(trial: Trial) -> Score | None:
    """Of the key facts that the answer states, the share stated by a sentence whose own citations overlap a gold quote.

    It sees a marker that points to the wrong source, which measures of the answer as a whole do not.
    """
    places = {c.number: Span(c.document_id, c.start, c.end) for c in trial.answer.citations}
    given = [f for f, said in zip(trial.case.must_include, trial.facts, strict=True) if said]
    if not given:
        return None
    uncited = []
    for fact in given:
        saying = [s for s in trial.answer.sentences if any(states(s.text, alternative) for alternative in fact)]
        own = [[places[n] for n in s.citations if n in places] for s in saying]
        if not any(_words(trial, spans) & _words(trial, trial.gold) for spans in own):
            uncited.append(fact[0])
    return Score(1 - len(uncited) / len(given), _list(uncited))


def quote_exactness(trial: Trial) -> Score | None:
    """The share of the citations for which `Document.text[start:end] == quote`, and whose quoted sentence is in it."""
    if not trial.answer.citations:
        return None
    wrong = []
    for c in trial.answer.citations:
        document = trial.documents.get(c.document_id)
        quoted = [s.text for s in trial.answer.sentences if s.quoted and c.number in s.citations]
        exact = document is not None and document.text[c.start : c.end] == c.quote
        if not exact or any(locate(c.quote, text) is None for text in quoted):
            wrong.append(f"[{c.number}]")
    return Score(1 - len(wrong) / len(trial.answer.citations), _list(wrong))


def invalid_citations(trial: Trial) -> Score | None:
    """The share of the answer's markers that point to no citation or no document. Lower is better."""
    there = {c.number for c in trial.answer.citations if c.document_id in trial.documents}
    given = parse_markers(trial.answer.text, range(1000))[1]
    used = list(dict.fromkeys([*given, *(n for s in trial.answer.sentences for n in s.citations)]))
    if not used:
        return None
    wrong = [f"[{n}]" for n in used if n not in there]
    return Score(len(wrong) / len(used), _list(wrong))


def self_check(trial: Trial) -> Score | None:
    """The share of the claiming sentences that the product's own check calls supported: ALCE's citation recall (Gao et
    al. 2023) with that check in place of an entailment model. Quoting gives 1 by construction: it is never gated.
    """
    claims = [s for s in trial.answer.sentences if s.support is not None]
    if not claims:
        return None
    weak = [s.text for s in claims if s.support != "supported"]
    return Score(1 - len(weak) / len(claims), _list(weak))


# ---- what a judge model says of it (evals/judge.py)


def judge_correct(trial: Trial) -> Score | None:
    """The judge's grade of the answer against the gold answer: correct 1, partly 0.5, wrong 0; 0 where it refuses."""
    return _judged(trial, "judge_correct")


def judge_faithful(trial: Trial) -> Score | None:
    """The share of the answer's claims, as the judge cuts it into them, that the passages it was written from carry:
    ragas' faithfulness (Es et al. 2024).
    """
    return _judged(trial, "judge_faithful")


def judge_cited(trial: Trial) -> Score | None:
    """The share of the claiming sentences that, to the judge, their own citations carry: ALCE's citation recall (Gao et
    al. 2023) with the judge as the entailment model.
    """
    return _judged(trial, "judge_cited")


# ---- which cases a measure is of


def every(case: Case) -> bool:
    return True


def answerable(case: Case) -> bool:
    return case.answerable and case.kind != "greeting"


def unanswerable(case: Case) -> bool:
    return not case.answerable


def with_gold(case: Case) -> bool:
    return bool(case.gold_sources)


def with_facts(case: Case) -> bool:
    return bool(case.must_include)


def citable(case: Case) -> bool:
    """What a right answer cites; a refusal cites nothing, even where passages show why it is due."""
    return with_gold(case) and answerable(case)


def citable_facts(case: Case) -> bool:
    return citable(case) and with_facts(case)


def with_forbidden(case: Case) -> bool:
    return bool(case.must_not_include)


def with_answer(case: Case) -> bool:
    return answerable(case) and bool(case.gold_answer)


def with_twin(case: Case) -> bool:
    return case.pair is not None and case.kind != "greeting"


METRICS: dict[str, Metric] = {
    "correct": Metric(correct, every),
    "recall@1": Metric(recall_at(1), with_gold),
    "recall@3": Metric(recall_at(3), with_gold),
    "recall@5": Metric(recall_at(5), with_gold),
    "recall@10": Metric(recall_at(10), with_gold),
    "mrr": Metric(reciprocal_rank, with_gold),
    "ndcg@10": Metric(ndcg, with_gold),
    "key_facts": Metric(key_facts, with_facts),
    "forbidden_facts": Metric(forbidden_facts, with_forbidden, worst=1.0),
    "token_f1": Metric(token_f1, with_answer),
    "first_citation": Metric(first_citation, citable),
    "some_citation": Metric(some_citation, citable),
    "gold_cited": Metric(gold_cited, citable),
    "citation_precision": Metric(citation_precision, citable),
    "citation_recall": Metric(citation_recall, citable),
    "facts_cited": Metric(facts_cited, citable_facts),
    "quote_exactness": Metric(quote_exactness, answerable),
    "invalid_citations": Metric(invalid_citations, answerable, worst=1.0),
    "status": Metric(status, every),
    "refusal_precision": Metric(refusal_precision, every),
    "refusal_recall": Metric(refusal_recall, unanswerable),
    "language": Metric(language, every),
    "parity": Metric(parity, with_twin),
    "self_check": Metric(self_check, answerable, gated=False),
    "judge_correct": Metric(judge_correct, with_answer, judged=True),
    "judge_faithful": Metric(judge_faithful, every, judged=True),
    "judge_cited": Metric(judge_cited, every, judged=True),
}


def score(trial: Trial) -> dict[str, Score]:
    """Every measure of one case that it is in."""
    found = {name: m.function(trial) for name, m in METRICS.items() if m.population(trial.case)}
    return {name: s for name, s in found.items() if s is not None}


def worst(case: Case, twinned: bool, judged: bool = False) -> dict[str, Score]:
    """The scores of a case that crashed: the worst of each measure whose population it is in.

    The precision of refusals is of what was refused, which this was not; a pair is scored once (`twinned`); a judge's
    measures are there where the run has one (`judged`).
    """
    left_out = {"refusal_precision"} | (set() if twinned else {"parity"})
    left_out |= set() if judged else {name for name, m in METRICS.items() if m.judged}
    return {n: Score(m.worst) for n, m in METRICS.items() if m.population(case) and n not in left_out}


def expected_status(case: Case) -> str:
    """The status of a right answer."""
    return "about" if case.kind == "greeting" else "answered" if case.answerable else "not_found"


# ---- inside


def _judged(trial: Trial, measure: str) -> Score | None:
    verdict = trial.verdicts.get(measure)
    return None if verdict is None or verdict.value is None else Score(verdict.value, verdict.why)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _list(items: Sequence[str]) -> str:
    return " | ".join(items)


def _missing(trial: Trial) -> list[str]:
    return [fact[0] for fact, said in zip(trial.case.must_include, trial.facts, strict=True) if not said]


def _forbidden(trial: Trial) -> list[str]:
    return [fact for fact in trial.case.must_not_include if states(trial.said, fact)]


def _quote(trial: Trial, span: Span) -> str:
    return trial.documents[span.document_id].text[span.start : span.end]


def _words(trial: Trial, spans: Sequence[Span]) -> set[tuple[str, int]]:
    """The places of the words, whole ones, within the spans."""
    return {
        (span.document_id, start)
        for span in spans
        if span.document_id in trial.documents
        for start, end in _places(trial.documents[span.document_id].text)
        if span.start <= start and end <= span.end
    }


@lru_cache(maxsize=1024)
def _places(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(m.span() for m in re.finditer(r"\w+", text))


def _covered(trial: Trial, gold: Span, spans: Sequence[Span]) -> float:
    wanted = _words(trial, [gold])
    return len(wanted & _words(trial, spans)) / len(wanted) if wanted else 0.0


def _cites(trial: Trial, gold: Span) -> bool:
    return _covered(trial, gold, trial.cited) >= CITED


def _answer_spans(trial: Trial) -> list[Span]:
    return [span for n in range(len(trial.gold)) for span in trial.spans_of_answer(n)]


def _holds(span: Span, spans: Sequence[Span]) -> bool:
    return any(s.document_id == span.document_id and s.start <= span.start and span.end <= s.end for s in spans)


def _ir(trial: Trial, measure: str) -> float:
    import ir_measures

    gold_documents = {span.document_id for span in trial.gold}
    relevant = [
        ir_measures.Qrel("q", passage.id, 1)
        for id in gold_documents
        for passage in _passages(trial.documents[id])
        if any(g.document_id == id and g.start < passage.end and passage.start < g.end for g in trial.gold)
    ]
    ranked = [ir_measures.ScoredDoc("q", hit.id, -float(rank)) for rank, hit in enumerate(trial.hits)]
    parsed = ir_measures.parse_measure(measure)
    return float(ir_measures.calc_aggregate([parsed], relevant, ranked)[parsed]) if ranked else 0.0


@lru_cache(maxsize=4096)
def _passages(document: Document) -> tuple[Passage, ...]:
    return tuple(split(document))
