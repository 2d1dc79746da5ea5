# Everything a newcomer needs: `make chat` and `make test`. CONTRIBUTING.md has the rest.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
SUITABLE := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: help setup chat test check eval floors screenshot screenshot-report bench bench-retrieval bench-answers bench-support bench-index drill-kill drill-files drill-writers drill-disk drill-cluster drill-model bench-model fuzz-readers clean

help:
	@echo 'make chat    the chat in the browser, http://127.0.0.1:7860 (PORT=... for another port)'
	@echo 'make test    the tests'
	@echo 'make check   lint and types'
	@echo 'make eval    the evaluation over the gold questions that ship, and whether its floors hold'
	@echo 'make floors  set the floors in evals/floors.toml a little under what the last make eval measured'
	@echo 'make setup   install into .venv; the others do it themselves'
	@echo 'make screenshot screenshot-report   renew docs/page.png; docs/report.png, of the last make eval'
	@echo 'make bench-retrieval XQUAD=... [DISTRACTORS=...]   how well passages are found'
	@echo 'make bench [PASSAGES="1000 10000"]   adding and asking at size, beside Chroma alone; renews docs/performance.md'
	@echo 'make bench-answers XQUAD=...   which sentences are quoted, and where the documents are found silent'
	@echo 'make bench-support [XQUAD=...]   how well the check of a sentence tells true from false'
	@echo 'make bench-index [PASSAGES=100000]   the word index at size'
	@echo 'make bench-model   what an answer of a model costs beyond the model'"'"'s own time'
	@echo 'make drill-model   the shipped gold through a model that answers from its passages, and through some that invent'
	@echo 'make drill-kill drill-files drill-writers drill-disk drill-cluster fuzz-readers   see docs/reliability.md'
	@echo 'make clean   remove .venv and caches; documents in data/ stay'

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11) none; do \
		if $$python -c '$(SUITABLE)' 2>/dev/null; then break; fi; \
	done; \
	if [ $$python = none ]; then \
		echo 'Suroo needs Python 3.11, 3.12 or 3.13 with venv. On Debian or Ubuntu: sudo apt install python3 python3-venv' >&2; \
		echo 'Another Python can be named: make PYTHON=/path/to/python3.12' >&2; exit 1; \
	fi; \
	echo "Installing into $(VENV) with $$($$python --version); this takes some minutes."; \
	$$python -m venv $(VENV)
	@$(PIP) --editable '.[eval]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(PIP) --editable '.[eval,dev]'
	@touch $@

chat: setup
	@$(BIN)/suroo chat --samples $(if $(PORT),--port $(PORT))

test: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest

check: $(VENV)/.installed-dev
	@$(BIN)/ruff check --quiet --output-format concise .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary

EVAL_RUN := .eval/shipped

eval: setup
	@rm -rf $(EVAL_RUN)
	@$(BIN)/suroo eval run --out $(EVAL_RUN)
	@$(BIN)/suroo eval gate $(EVAL_RUN) --floor evals/floors.toml

floors: setup
	@$(BIN)/suroo eval gate $(EVAL_RUN) --floor evals/floors.toml --renew

screenshot: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.screenshot

screenshot-report: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.screenshot_report $(EVAL_RUN)

bench-page: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.drills.page $(PASSAGES)

bench-retrieval: setup
	@$(BIN)/python -m evals.bench_retrieval $(XQUAD) $(if $(DISTRACTORS),--distractors $(DISTRACTORS))

bench: setup
	@$(BIN)/python -m evals.bench_scale $(PASSAGES) --docs docs

bench-support: setup
	@$(BIN)/python -m evals.bench_support $(XQUAD)

bench-answers: setup
	@$(BIN)/python -m evals.bench_answers $(XQUAD)

bench-index: setup
	@$(BIN)/python -m evals.bench_index $(PASSAGES)

drill-kill drill-files drill-writers drill-disk drill-cluster drill-model: drill-%: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.drills.$*

bench-model: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.drills.overhead

fuzz-readers: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.drills.fuzz

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
