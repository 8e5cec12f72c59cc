# `make help` lists what there is. Needs only Python >= 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench compile fuzz mutants year format clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.setup ## virtual environment with everything a developer needs

$(VENV)/.setup: pyproject.toml constraints.txt tools/requirements.py
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) (a minute the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python tools/requirements.py dev cluster parquet report speech speed > $(VENV)/requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r $(VENV)/requirements.txt -e .
	@touch $@

run: setup ## serve the demo center on 127.0.0.1:$(PORT), with simulated people
	@$(BIN)/ivr serve flows/northlight --port $(PORT) --data data

test: setup ## every test but the benches
	@tools/host.sh
	@tools/editor.sh $(VENV)
	@$(BIN)/python -m pytest -n 2 -rs

check: setup ## format, lint, types, layers, then the tests: the one gate before a commit
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache > $(VENV)/layers.txt || (cat $(VENV)/layers.txt; exit 1)
	@$(BIN)/python -m pytest -n 2 -rs

bench: setup ## ratios measured side by side in one run
	@$(BIN)/python -m pytest -m bench -s tests/bench

compile: setup ## a copy of the engine compiled with mypyc, for long simulations: PYTHONPATH=.venv/compiled
	@$(BIN)/python tools/compile.py $(VENV)/compiled

fuzz: setup ## seeded callers, agents and faults under the auditor: make fuzz SEEDS=500
	@$(BIN)/python -m tests.fuzz.campaign --seeds $(or $(SEEDS),100)

mutants: setup ## changes of the router by hand: some test has to notice each (a minute)
	@$(BIN)/python -m pytest -n 2 -m mutation tests/mutation

year: setup ## a year of a center of 40 agents and 500 calls an hour, with faults, under the auditor (ten minutes)
	@$(BIN)/python -m tests.fuzz.year --jobs $(or $(JOBS),2)

format: setup ## rewrite the sources in the house style
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

clean: ## remove the virtual environment and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis dist
