# Everything runs in a virtual environment of its own: only Python >= 3.11, make and a package index are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

# What is fuzzed, and for how many seconds each: make fuzz TARGET="feed opml" SECONDS=1800
TARGET ?= feed opml query config rules import
SECONDS ?= 60

.PHONY: setup demo test lint types audit check bench torture fuzz clean help

help:
	@echo "make demo | test | lint | types | audit | check | bench | torture | fuzz | setup | clean"

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "veille needs Python 3.11 or later: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $(STAMP)

setup: $(STAMP)

demo: setup
	@$(BIN)/veille demo

test: setup
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

# Known vulnerabilities of what is installed; where they cannot be asked for, one line and no failure.
audit: setup
	@$(BIN)/python tools/audit.py

check: lint types test audit

bench: setup
	$(BIN)/python benchmarks/run.py

# Faults put to veille, and to newsboat and reader where they are (READER_PYTHON: an interpreter that has reader).
KILLS ?= 50
READER_PYTHON ?= $(BIN)/python
torture: setup
	PYTHONPATH=tests:$(PYTHONPATH) $(BIN)/python benchmarks/torture.py --kills $(KILLS) --reader-python $(READER_PYTHON) \
		--write docs/reliability.md

fuzz: setup
	@$(BIN)/python -m pip install --quiet --quiet --group fuzz 2>/dev/null || \
		{ echo "make fuzz: atheris cannot be installed for this Python or from here: try PYTHON=python3.11; make test fuzzes a little without it"; exit 1; }
	@status=0; for target in $(TARGET); do \
		$(BIN)/python tests/fuzz/guided.py $$target --seconds $(SECONDS) || status=1; done; exit $$status

clean:
	rm -rf $(VENV) dist build .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
