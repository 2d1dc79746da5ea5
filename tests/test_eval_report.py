"""The report of a run, in a real browser and as Markdown: failures first, and nothing in it runs but its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from evals.charts import bar, stacked
from evals.faults import FAULTS, ORDER, PASSED, failures_first, fault
from evals.metrics import Verdict
from evals.report import report_html
from evals.report_markdown import report_markdown
from evals.runs import Row, line_of, read_run, summarise, write_json
from rag import Answer, Case, Citation, GoldSource, Hit, Notice, Sentence, Turn
from rag.cli import main

EVIL = (
    '<img src="http://evil.example/x.png" onerror="alert(1)"></script><script>alert(2)</script>'
    "' onmouseover=alert(3) ![x](http://evil.example/y.png) \u202egnp <b>"
)
QUOTE = "Each plant has a capacity of 300 MW"
HIT = Hit(
    "p1", "d1", 0, 50, f"It rained. {QUOTE}. {EVIL}", "en", f"Plants {EVIL}", "plants.md", "2025-02-07", None, 0.9
)
CITED = Citation(1, "d1", "Plants", "plants.md", "2025-02-07", "en", None, 11, 46, QUOTE)
ANSWER = Answer(
    "q", "en", "answered", "…", [Sentence(QUOTE, "en", True, [1], "supported", None)], [CITED], [HIT],
    [Notice("nearest", EVIL)], None, None, {},
)  # fmt: skip
CASE = Case(
    "c", "en", "What capacity?", gold_answer="300 MW each", must_include=[["300 MW", "300 МВт"]],
    must_not_include=["400 MW"], gold_sources=[GoldSource("plants.md", QUOTE)], kind="number",
)  # fmt: skip
RIGHT = {"correct": 1.0, "mrr": 1.0, "recall@5": 1.0, "recall@10": 1.0, "key_facts": 1.0, "gold_cited": 1.0}
REFUSAL = replace(ANSWER, status="not_found", citations=[], sentences=[Sentence("No.", "en", False, [], None, None)])


def row(name: str, answer: Answer | None = ANSWER, error: str | None = None, **changes: Any) -> Row:
    scores = RIGHT | changes.pop("scores", {})
    case = replace(CASE, id=name, **changes)
    languages = "ru→en" if case.language == "ru" else "en→en"
    return Row(name, "seeds", languages, case, answer, [HIT], error, "2026", {"total": 12.0}, scores)


ROWS = [
    row("right"),
    row("refused", REFUSAL, scores={"correct": 0.0}, kind="person"),
    row("lost", REFUSAL, scores={"correct": 0.0, "recall@10": 0.0, "mrr": 0.0}),
    row("half", scores={"correct": 0.0, "key_facts": 0.0}, language="ru", question="Какая мощность?"),
    row("elsewhere", scores={"correct": 0.0, "gold_cited": 0.0}),
    row("false", scores={"correct": 0.0, "forbidden_facts": 1.0}, history=[Turn("user", EVIL)]),
    row("invented", scores={"correct": 0.0}, answerable=False, kind=EVIL, question=EVIL),
    row("greeting", replace(ANSWER, status="about"), scores={"correct": 0.0}),
    row("crash", None, f"ValueError: {EVIL}", scores={"correct": 0.0}),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run with every fault, in which everything that is not ours is hostile."""
    out = tmp_path / "run"
    out.mkdir()
    unread = replace(ROWS[1], verdicts={"judge_correct": Verdict(None, EVIL)})
    rows = [unread if r.id == "refused" else r for r in ROWS]
    suite = {"name": "seeds", "cases": len(rows), "library": {"documents": 5}}
    config = {"hash": "0123", "started": "2026-01-01T10:00", "settings": {"chat_model": EVIL}, "suites": [suite]}
    write_json(out / "config.json", config)
    (out / "cases.jsonl").write_bytes(b"".join(map(line_of, rows)))
    write_json(out / "summary.json", summarise(rows, config))
    return out


def test_a_case_has_one_fault_and_the_most_harmful_come_first() -> None:
    assert [(name, r.id) for name, r in failures_first(ROWS)] == [
        ("crashed", "crash"), ("invented", "invented"), ("forbidden", "false"), ("uncited", "elsewhere"),
        ("left_out", "half"), ("refused", "refused"), ("not_retrieved", "lost"), ("other", "greeting"),
        (PASSED, "right"),
    ]  # fmt: skip
    assert fault(row("hello", REFUSAL, kind="greeting", scores={"correct": 0.0})) == "other"  # there is nothing to find
    assert set(ORDER) == FAULTS.keys() == {fault(r) for r in ROWS}


def test_charts() -> None:
    drawn = bar(0.5, 0.25, 0.75)
    assert '<rect class="fill" width="50.00" height="12"/>' in drawn
    assert '<line class="whisker" x1="25.00" x2="75.00" y1="6" y2="6"/>' in drawn
    parts = stacked({"passed": 3, "crashed": 1}, {"passed": "Right <b>", "crashed": "Crashed"}, ["crashed", "passed"])
    assert '<rect class="part crashed" x="0.0" width="247.0" height="28">' in parts
    assert '<rect class="part passed" x="250.0" width="750.0" height="28">' in parts
    assert 'aria-label="Crashed: 1; Right &lt;b&gt;: 3"' in parts


@pytest.fixture
def page(browser: Any, folder: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The report, opened as a file; the test fails where it asked for anything else, or logged an error."""
    language = getattr(request, "param", "en")
    result = CliRunner().invoke(main, ["eval", "report", str(folder), "--language", language])
    assert result.exit_code == 0, result.output
    context = browser.new_context(viewport={"width": 1280, "height": 850})
    opened = context.new_page()
    elsewhere: list[str] = []
    errors: list[str] = []
    address = (folder / "report.html").as_uri()
    opened.on("request", lambda r: None if r.url.split("#")[0] == address else elsewhere.append(r.url))
    opened.on("console", lambda m: errors.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda e: errors.append(str(e)))

    def alarmed(dialog: Any) -> None:
        errors.append(dialog.message)
        dialog.dismiss()

    opened.on("dialog", alarmed)
    opened.goto(address)
    yield opened
    context.close()
    assert elsewhere == []
    assert errors == []


def shown(page: Any) -> list[str]:
    """The faults of the cases that are shown, in order."""
    return [str(f) for f in page.eval_on_selector_all(".case:not([hidden])", "all => all.map(c => c.dataset.fault)")]


@pytest.mark.browser
def test_failures_are_read_first(page: Any) -> None:
    assert shown(page) == [name for name in ORDER if name != PASSED]
    first = page.locator(".case").first
    assert first.get_attribute("open") is not None
    assert "ValueError" in first.locator(".error").inner_text()
    assert "1 case crashed" in page.locator(".alarm").inner_text()
    assert page.locator("#shown").inner_text() == "8 of 9"
    half = page.locator(".case[data-fault=left_out]")
    half.locator("summary").first.click()
    columns = half.locator(".columns > section")
    assert columns.count() == 3
    tops = {columns.nth(n).bounding_box()["y"] for n in range(3)}
    assert len(tops) == 1  # side by side
    assert QUOTE in columns.nth(0).inner_text()
    assert "300 MW each" in columns.nth(1).inner_text()
    assert half.locator("mark").inner_text() == QUOTE
    assert half.locator(".tick").is_visible()


@pytest.mark.browser
def test_filters(page: Any) -> None:
    page.select_option("#languages", "ru→en")
    assert shown(page) == ["left_out"]
    page.select_option("#languages", "")
    page.select_option("#kind", "person")
    assert shown(page) == ["refused"]
    page.select_option("#kind", "")
    page.select_option("#fault", "passed")
    assert shown(page) == [PASSED]
    page.select_option("#fault", "")
    page.fill("#search", "МОЩНОСТЬ какая")
    assert shown(page) == ["left_out"]
    page.fill("#search", "nothing of the kind")
    assert page.locator("#none").is_visible()
    page.fill("#search", "")
    page.click(".key[data-fault=uncited]")
    assert shown(page) == ["uncited"]
    assert page.get_attribute(".key[data-fault=uncited]", "aria-pressed") == "true"


@pytest.mark.browser
def test_by_keyboard(page: Any) -> None:
    for key, opened in (("j", "crashed"), ("j", "invented"), ("j", "forbidden"), ("k", "invented")):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.closest('.case').dataset.fault") == opened
        assert page.locator(".case[open]").count() == 1
    page.keyboard.press("Enter")
    assert page.locator(".case[open]").count() == 0
    page.keyboard.press("/")
    page.keyboard.type("elsewhere j")
    assert page.input_value("#search") == "elsewhere j"
    assert shown(page) == []
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#filters"


@pytest.mark.browser
def test_nothing_hostile_becomes_a_part_of_the_page(page: Any) -> None:
    page.click("#expand")
    assert page.locator("img, b b, a[href^=http], iframe, form[action], [onerror], [onmouseover]").count() == 0
    assert page.locator("script").count() == 1
    question = page.locator(".case[data-fault=invented] .question").inner_text()
    assert question.startswith('<img src="http://evil.example/x.png" onerror="alert(1)"></script>')
    assert "\u202e" not in page.content()
    assert "script-src 'sha256-" in page.get_attribute("meta[http-equiv]", "content")


@pytest.mark.browser
@pytest.mark.parametrize("page", ["ru"], indirect=True)
def test_in_russian_on_a_narrow_screen(page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.locator("html").get_attribute("lang") == "ru"
    assert page.locator("h1").inner_text() == "Оценка ответов"
    page.click("#expand")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_markdown_is_inert(folder: Path) -> None:
    written = report_markdown(read_run(folder), "en")
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(written)
    assert html.count("<img") == html.count("<script") == html.count("<a ") == html.count("<b>") == 0
    assert html.index("Crashed") < html.index("Answered, documents silent") < html.index("Key facts missing")
    assert "300 MW each" in html
    assert "<td>0.111</td>" in html  # 1 of 9 is right


def test_every_measure_fault_and_kind_has_words() -> None:
    from evals.cases import suites
    from evals.metrics import METRICS
    from evals.words import words

    for language in ("en", "ru"):
        there = words(language)
        assert {f"measure.{name}" for name in METRICS} == {key for key in there if key.startswith("measure.")}
        assert {f"fault.{name}" for name in ORDER} == {key for key in there if key.startswith("fault.")}
        kinds = {f"kind.{case.kind}" for suite in suites() for case in suite.cases}
        assert kinds <= there.keys()


def test_the_page_is_written_where_it_is_asked_for(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "there.md"
    result = CliRunner().invoke(main, ["eval", "report", str(folder), "--markdown", "--out", str(out)])
    assert result.stdout == f"Report: {out}\n"
    assert out.read_text("utf-8").startswith("# Evaluation: run\n")
    assert report_html(read_run(folder), "en").startswith("<!doctype html>")
