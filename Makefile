# `make run` opens the web page, `make test` runs every test; both do all the set-up themselves.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -q -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-light lint types check screenshots clean

help:
	@echo "make run        open the web page (http://127.0.0.1:7860)"
	@echo "make test       run every test, the ones in a real browser too"
	@echo "make test-fast  run the tests that need no browser"
	@echo "make test-light test the install for serving alone, in an environment of its own"
	@echo "make check      lint, types and every test, as CI does"
	@echo "make screenshots  take the pictures of the documents anew"
	@echo "make clean      remove the environment"

run: .venv/run-ready
	@$(BIN)/medfaq serve $(ARGS)

test: .venv/test-ready
	@$(BIN)/python -m pytest $(ARGS)

test-fast: .venv/test-ready
	@$(BIN)/python -m pytest -m "not e2e" $(ARGS)

test-light: .venv/test-ready
	@$(BIN)/python -m pytest tests/light_install.py $(ARGS)

lint: .venv/test-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: .venv/test-ready
	$(BIN)/mypy

check: lint types test

screenshots: .venv/test-ready
	$(BIN)/python -m tests.e2e.screenshots docs

clean:
	rm -rf .venv

# A stamp is written last, so an install that was interrupted is done again. One that never
# finished may hold half a package, so it starts from an empty environment.
.venv/run-ready: pyproject.toml constraints.txt
	@test -e $@ || { echo "Setting up .venv (once, some minutes) ..."; $(PYTHON) -m venv --clear .venv; }
	@$(PIP) torch==2.13.0
	@$(PIP) -e .
	@touch $@

.venv/test-ready: .venv/run-ready
	@echo "Installing the test tools ..."
	@$(PIP) -e '.[test]'
	@touch $@
