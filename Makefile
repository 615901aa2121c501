# Everything a newcomer needs. The first target that wants it makes .venv from the hash-pinned lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
EXAMPLE ?= examples/stent
AS_OF ?= 2026-11-26
DATA ?= singula-data

.DEFAULT_GOAL := help
.PHONY: help plan serve test check bench docs lock clean

help: ## what there is to do
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

plan: $(READY) ## make the bundled person's plan into out/
	$(BIN)/singula plan $(EXAMPLE) -o out --as-of $(AS_OF)

serve: $(READY) ## run the server on http://127.0.0.1:8000, its store in DATA
	$(BIN)/singula serve --data $(DATA)

test: $(READY) ## run every test
	$(BIN)/python -m pytest -q -p no:randomly

check: $(READY) ## style, types, house rules, knowledge, documents
	$(BIN)/ruff format --check src tests tools benchmarks
	$(BIN)/ruff check src tests tools benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_house.py
	$(BIN)/singula kb verify
	$(BIN)/python tools/write_reference.py --check

bench: $(READY) ## measure speed; results are explained in docs/benchmarks.md
	$(BIN)/python -m pytest benchmarks -q -o python_files="bench_*.py" --benchmark-only --benchmark-columns=min,median,max,ops -p no:randomly -W default

docs: $(READY) ## write docs/reference anew from the code
	$(BIN)/python tools/write_reference.py

lock: ## pin every dependency with its hashes (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --all-extras pyproject.toml -o requirements.lock

clean: ## remove what these targets made
	rm -rf $(VENV) out .mypy_cache .ruff_cache .benchmarks

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
