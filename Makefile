# Two commands do all the set-up on a fresh machine with python3 and make: `make assessment` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help setup assessment test test-slow docs lab bench lint lock clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Create .venv with the locked packages and set up the git filter for notebooks

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	-@$(BIN)/python -m compileall -q -j 0 -x '[/\\]tests?[/\\]' $(VENV)/lib hcsp_assess  # other packages' tests are half of all
	@if git rev-parse --git-dir >/dev/null 2>&1; then $(BIN)/nbstripout --install --attributes .gitattributes; fi
	@touch $(READY)

assessment: $(READY) ## Build both editions of the assessment into reports/
	$(BIN)/hcsp-assess run 2013-14
	$(BIN)/hcsp-assess run 2025

test: $(READY) ## Run the test suite (what is marked slow is left out)
	$(BIN)/python -m pytest

test-slow: $(READY) ## Run the tests marked slow (HCSP_ASSESS_FUZZ_MINUTES=20 tries damaged files for 20 minutes)
	$(BIN)/python -m pytest -m slow

docs: $(READY) ## Build the documentation site into build/docs/docs/index.html
	$(BIN)/python -m sphinx --quiet --fail-on-warning --jobs 2 --conf-dir docs . build/docs

lab: $(READY) ## Open JupyterLab at the start notebook
	$(BIN)/hcsp-assess lab

bench: $(READY) ## Run the benchmarks (ratios against other tools, in one run)
	$(BIN)/python -m benchmarks

lint: $(READY) ## Check style, types and notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: ## Renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-emit-index-url --no-annotate \
	  --no-header --generate-hashes pyproject.toml --output-file requirements.lock

clean: ## Remove what can be made again (keeps data/raw and reports)
	rm -rf $(VENV) data/processed/* build docs/api/modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
