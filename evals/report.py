"""A run as one HTML page that needs nothing else: failures first, with question, answer, gold and evidence beside each
other. Nothing is loaded, no style or script but the page's own runs, and all that is not ours is escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from evals.charts import bar, stacked
from evals.escaping import escape
from evals.faults import ORDER, PASSED, failures_first
from evals.metrics import METRICS
from evals.report_case import case_html
from evals.runs import Row, Run
from evals.words import count, word, words

TILES = ("correct", "recall@5", "refusal_recall", "parity")  # the figures at the top
Figures = Mapping[str, float]


def report_html(run: Run, language: str) -> str:
    """The page in "en" or "ru"."""
    style, script = (_asset(name) for name in ("report.css", "report.js"))
    policy = (
        f"default-src 'none'; style-src '{_sha256(style)}'; script-src '{_sha256(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    rows = failures_first(run.rows)
    faults = Counter(name for name, _ in rows)
    body = "".join(
        [
            _header(run, language),
            _tiles(run.summary["measures"], language),
            _faults(faults, language),
            _slices(run.summary, language),
            _measures(run.summary["measures"], run.summary["unscored"], language),
            _filters(rows, language),
            '<div id="cases">',
            *(case_html(n, name, row, language) for n, (name, row) in enumerate(rows, 1)),
            f'</div><p id="none" hidden>{escape(word("report.none", language))}</p></main>',
        ]
    )
    title = escape(f"{word('report.title', language)} · {run.folder.resolve().name}")
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{title}</title><style>{style}</style></head><body>{body}<script>{script}</script></body></html>\n"
    )


def _header(run: Run, language: str) -> str:
    config = run.config
    settings: Mapping[str, Any] = config.get("settings", {})
    facts = [count("cases", len(run.rows), language)]
    facts += [
        word(
            "report.suite", language, name=suite["name"], cases=suite["cases"], documents=suite["library"]["documents"]
        )
        for suite in config.get("suites", ())
    ]
    facts.append(settings.get("chat_model") or word("report.no_model", language))
    if judge := config.get("judge"):
        facts.append(word("report.judge", language, model=judge["model"]))
    facts += [
        str(config.get("started", ""))[:16].replace("T", " "),
        f"{word('report.config', language)} {config['hash']}",
    ]
    shown = "".join(f"<li>{escape(fact)}</li>" for fact in facts if fact)
    crashed = run.summary["crashed"]
    alarm = f'<p class="alarm">{escape(count("crashed", len(crashed), language))}</p>' if crashed else ""
    warning = config.get("judge", {}).get("same_as_writer")
    alarm += f'<p class="alarm mild">{escape(word("judge.same", language))}</p>' if warning else ""
    return (
        f'<a class="skip" href="#filters">{escape(word("report.skip", language))}</a><header><div>'
        f'<h1>{escape(word("report.title", language))}</h1><p class="run">{escape(run.folder.resolve().name)}</p></div>'
        f'<ul class="facts">{shown}</ul></header><main>{alarm}'
    )


def _tiles(measures: Mapping[str, Figures], language: str) -> str:
    tiles = []
    for name in TILES:
        if name in measures:
            m = measures[name]
            tiles.append(
                f'<div class="tile"><h2>{escape(word(f"measure.{name}", language))}</h2>'
                f'<p class="figure">{_percent(m["mean"])}<span>&thinsp;%</span></p>'
                f"{bar(m['mean'], m['low'], m['high'])}"
                f'<p class="small">{_interval(m)} · n = {m["n"]}</p></div>'
            )
    return f'<section class="tiles">{"".join(tiles)}</section>'


def _faults(faults: Mapping[str, int], language: str) -> str:
    names = {name: word(f"fault.{name}", language) for name in ORDER}
    legend = "".join(
        f'<li><button type="button" class="key" data-fault="{name}"><i class="{name}"></i>{escape(names[name])} '
        f"<b>{faults[name]}</b></button></li>"
        for name in ORDER
        if faults.get(name)
    )
    return (
        f'<section class="card"><h2>{escape(word("report.faults", language))}</h2>{stacked(faults, names, ORDER)}'
        f'<ul class="legend">{legend}</ul></section>'
    )


def _slices(summary: Mapping[str, Any], language: str) -> str:
    """What is right by kind, the worst first, and beside it by language pair and by suite."""
    kinds = sorted(summary["kinds"].items(), key=lambda item: item[1]["correct"]["mean"])
    named = [(_kind(name, language), measures) for name, measures in kinds]
    beside = [_slice("report.languages", list(summary["languages"].items()), language)]
    if len(summary["suites"]) > 1:
        beside.append(_slice("report.suites", list(summary["suites"].items()), language))
    return f'<div class="two"><div>{_slice("report.kinds", named, language)}</div><div>{"".join(beside)}</div></div>'


def _slice(title: str, slices: Sequence[tuple[str, Mapping[str, Figures]]], language: str) -> str:
    rows = "".join(_row(escape(name), measures["correct"]) for name, measures in slices)
    return (
        f'<section class="card"><h2>{escape(word(title, language))}</h2>'
        f'<div class="rows">{_head(language)}{rows}</div></section>'
    )


def _measures(measures: Mapping[str, Figures], unscored: Mapping[str, int], language: str) -> str:
    rows = []
    for name, m in measures.items():
        notes = [] if METRICS[name].higher_is_better else [word("report.lower", language)]
        notes += [] if METRICS[name].gated else [word("report.ungated", language)]
        note = f" <small>· {escape(', '.join(notes))}</small>" if notes else ""
        label = f"{escape(word(f'measure.{name}', language))} <code>{escape(name)}</code>{note}"
        rows.append(_row(label, m))
    rows += [
        f'<div class="row"><span class="label">{escape(word(f"measure.{name}", language))} '
        f"<code>{escape(name)}</code></span>"
        f'<span class="small">{escape(word("report.unscored", language, n=n))}</span></div>'
        for name, n in unscored.items()
    ]
    title = escape(word("report.measures", language))
    shown = f'<div class="rows wide">{_head(language)}{"".join(rows)}</div>'
    return f'<details class="card"><summary><h2>{title}</h2></summary>{shown}</details>'


def _head(language: str) -> str:
    interval = escape(word("report.interval", language))
    return (
        '<div class="row head" aria-hidden="true"><span></span><span></span><span class="value">%</span>'
        f'<span class="small" title="{interval}">95 %</span><span class="small n">n</span></div>'
    )


def _row(label: str, m: Figures) -> str:
    return (
        f'<div class="row"><span class="label">{label}</span>{bar(m["mean"], m["low"], m["high"])}'
        f'<span class="value">{_percent(m["mean"])}</span><span class="small">{_interval(m)}</span>'
        f'<span class="small n"><span class="sr">n = </span>{m["n"]}</span></div>'
    )


def _filters(rows: Sequence[tuple[str, Row]], language: str) -> str:
    present = [name for name in ORDER if any(name == found for found, _ in rows)]
    wrong = any(name != PASSED for name in present)
    results = [("failed", word("report.failed", language))] if wrong else []
    results += [(name, word(f"fault.{name}", language)) for name in present]
    kinds = sorted({row.case.kind for _, row in rows})
    pairs = sorted({row.languages for _, row in rows})
    suites = list(dict.fromkeys(row.suite for _, row in rows))
    chosen = [
        _select("fault", "report.result", results, language, selected="failed" if wrong else ""),
        _select("kind", "report.kind", [(k, _kind(k, language)) for k in kinds], language),
        _select("languages", "report.pair", [(p, p) for p in pairs], language),
        _select("suite", "report.library", [(s, s) for s in suites], language) if len(suites) > 1 else "",
    ]
    search = escape(word("report.search", language))
    shown = escape(word("report.shown", language, shown="{shown}", total="{total}"))
    buttons = "".join(
        f'<button type="button" id="{name}">{escape(word(f"report.{name}", language))}</button>'
        for name in ("expand", "collapse")
    )
    return (
        f'<h2 class="cases">{escape(word("report.cases", language))}</h2>'
        f'<form id="filters" tabindex="-1">{"".join(chosen)}<label><span>{search}</span>'
        f'<input type="search" id="search" autocomplete="off"></label><div class="buttons">{buttons}</div>'
        f'<output id="shown" data-words="{shown}"></output></form>'
        f'<p class="hint">{escape(word("report.keys", language))}</p>'
    )


def _select(name: str, label: str, options: Sequence[tuple[str, str]], language: str, selected: str = "") -> str:
    every = f'<option value="">{escape(word("report.all", language))}</option>'
    shown = "".join(
        f'<option value="{escape(value)}"{" selected" if value == selected else ""}>{escape(text)}</option>'
        for value, text in options
    )
    return f'<label><span>{escape(word(label, language))}</span><select id="{name}">{every}{shown}</select></label>'


def _kind(name: str, language: str) -> str:
    """A kind in words, where it is one of ours."""
    return words(language).get(f"kind.{name}", name)


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def _interval(m: Figures) -> str:
    return f"{_percent(m['low'])} – {_percent(m['high'])}"


def _asset(name: str) -> str:
    return resources.files("evals").joinpath(name).read_text("utf-8")


def _sha256(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
