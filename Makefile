# Two targets do all: `make demo` shows Snitch at work, `make test` holds it to its word.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo test lint format bench docs pins clean

help: ## Show this list.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(STAMP): requirements/development.txt pyproject.toml scripts/install
	PYTHON="$(PYTHON)" scripts/install $(VENV)
	@touch $@

demo: $(STAMP) ## Make a model repository and watch the hooks tell on bad models.
	@$(BIN)/python scripts/demo.py

test: $(STAMP) ## Run all tests.
	$(BIN)/python -m pytest -q

lint: $(STAMP) ## Check style and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy snitch rules tests scripts bench
	$(BIN)/python scripts/write_docs.py --check

format: $(STAMP) ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## Measure speed, as ratios within one run.
	$(BIN)/python -m bench

docs: $(STAMP) ## Write the rules' pages, the tables in the README and the pictures of the output.
	$(BIN)/python scripts/write_docs.py
	FORCE_COLOR=1 $(BIN)/python scripts/demo.py --picture docs/demo.svg --gate docs

pins: $(STAMP) ## Compile the pinned requirements, with hashes and without addresses.
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-strip-extras --no-header --no-emit-index-url \
		--no-annotate --no-emit-package model-snitch --output-file requirements/development.txt requirements/development.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-emit-index-url \
		--no-annotate --output-file requirements/bench.txt requirements/bench.in

clean: ## Remove what was made here.
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
