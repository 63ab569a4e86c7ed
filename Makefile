# One command each: `make demo`, `make test`. Needs make and Python 3.11+ with venv; everything else is installed into .venv.
# Another interpreter: make PYTHON=/path/to/python3.12 demo

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; true)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
# PyPI's torch for Linux wants gigabytes of GPU packages; a pip that finds the CPU's elsewhere does without this index.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
PYTEST_ARGS ?= -n 2 --dist loadfile

.PHONY: help demo test features-off venv dev bench clean

help:  ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.run  ## Install, score three camera layouts, train an encoder and stress it; the report lands in outputs/demo
	@$(MAKE) --no-print-directory $(VENV)/.train || echo "==> going on without training" >&2
	@$(BIN)/hmcsim demo

test: $(VENV)/.dev  ## Install, then the whole gate: format, lint, types, import contract, tests
	@echo "==> ruff format --check" && $(BIN)/ruff format --check --quiet .
	@echo "==> ruff check" && $(BIN)/ruff check --quiet .
	@echo "==> mypy" && $(BIN)/mypy
	@echo "==> lint-imports" && $(BIN)/lint-imports
	@echo "==> pytest" && OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow and not gpu" $(PYTEST_ARGS)

features-off: $(VENV)/.dev  ## Switch every feature off in turn, and see its named tests fail (ten minutes)
	@$(BIN)/python tests/features/switch_off.py

venv: $(VENV)/.run  ## Create .venv with what running needs

dev: $(VENV)/.dev  ## Create .venv with what developing needs as well

bench: $(VENV)/.bench  ## Compare the renderer's speed with its peers (needs Debian's libegl1 and libgl1-mesa-dri)
	@$(BIN)/python benchmarks/render_vs_peers.py

clean:  ## Remove .venv and caches (outputs stay)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "hmcsim needs Python 3.11 or newer, and found none on PATH. On Debian 12 and later: apt-get install python3 python3-venv" >&2; exit 2; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "hmcsim needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Another one: make PYTHON=/path/to/python3" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "hmcsim needs Python's venv module, and $(PYTHON) lacks it. On Debian: apt-get install python3-venv" >&2; exit 2; }
	@echo "==> creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

# The stamps are older than a changed requirements file, so set-up runs once and again only when a pin changes.
# --no-deps: the files list the whole closure, less torch (docs/dependencies.md says why).
$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "==> installing pinned packages (requirements/run.txt; about a minute)"
	@$(PIP) install --no-deps -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.train: requirements/train.txt $(VENV)/.run
	@echo "==> installing pinned packages for training (requirements/train.txt; torch for the CPU, some 240 MB)"
	@$(PIP) install --no-deps --retries 1 --extra-index-url $(TORCH_INDEX) "$$(grep ^torch== requirements/train.txt)"
	@$(PIP) install --no-deps -r requirements/train.txt
	@$(BIN)/python -c 'import torch' || { echo "torch for the CPU was not found; name an index that has it: make TORCH_INDEX=URL" >&2; exit 2; }
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run $(VENV)/.train
	@echo "==> installing pinned development packages (requirements/dev.txt)"
	@$(PIP) install --no-deps -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.run
	@echo "==> installing pinned benchmark packages (requirements/bench.txt)"
	@$(PIP) install --no-deps -r requirements/bench.txt
	@touch $@
