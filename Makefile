# Everything here works on a fresh machine with Python 3.11 or newer and git: the first target that needs it makes .venv
# from requirements.lock (exact versions, hashes verified), and only a changed lock makes it again.

SHELL := /bin/bash
BIN := .venv/bin
READY := .venv/.ready
WAREHOUSE ?= warehouse/data
SOURCES ?= seeds/documents
# Labelled documents for `make eval`, and their labels: a folder of texts, a folder of JSON lines.
LABELLED ?= ../shared/seeds
GOLD ?= ../shared/eval/gold_seeds
PORT ?= 4210
# For `make bench`: a Python that has py-data-juicer and jionlp (their requirements are not ours), and the warehouse's size.
PEERS ?= $(BIN)/python
METRICS ?= 10

.PHONY: help run test lint lock eval bench crash fuzz train train-pages ui clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/:/' | awk -F: '{printf "  make %-8s%s\n", $$1, $$2}'

run: $(READY) ## Judge the sample documents (or SOURCES=...) and publish the tables
	@$(BIN)/caibao run $(SOURCES) --warehouse $(WAREHOUSE)

test: $(READY) ## Run the whole test suite
	@$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(READY) ## Check style
	@$(BIN)/ruff check .

eval: $(READY) ## Score against labelled documents (LABELLED=texts GOLD=labels)
	@test -d $(GOLD) || { echo "There are no labels at $(GOLD). Name yours: make eval LABELLED=texts GOLD=labels"; exit 1; }
	@$(BIN)/caibao run $(LABELLED) --direct --warehouse $(WAREHOUSE)/../eval > /dev/null
	@$(BIN)/caibao eval $(GOLD) --warehouse $(WAREHOUSE)/../eval --floors tests/eval/floors.json

bench: $(READY) ## Time stages, runs, storage and peers on this machine; write docs/performance.md (PEERS=python of an environment with them)
	@$(BIN)/python -m bench.pipeline finance --megabytes 8 --keep
	@$(BIN)/python -m bench.layers --keep
	@$(BIN)/python -m bench.peers --python $(PEERS) --keep
	@$(BIN)/python -m bench.runs --keep
	@$(BIN)/python -m bench.storage --metrics 1
	@$(BIN)/python -m bench.storage --metrics $(METRICS)
	@$(BIN)/python -m bench.paragraphs --keep
	@$(BIN)/python -m bench.document

crash: $(READY) ## Kill runs at every step and at random moments (ARGS="--documents 2000 --kills 100")
	@$(BIN)/python -m tests.crash_harness $(ARGS)

fuzz: $(READY) ## Feed mutated bytes to the readers and stages for a minute (ARGS="--seconds 600")
	@$(BIN)/python -m tests.fuzz $(ARGS)

train: $(READY) ## Train the splice detector (ARGS=... for its options)
	@$(BIN)/python -m training.train $(ARGS)

train-pages: $(READY) ## Train what tells a site's lines, in a minute (ARGS="--shared FOLDER"; --held-out to measure)
	@$(BIN)/python -m training.site_lines $(ARGS)

ui: $(READY) ## Start the Prefect UI with the history of the runs made here (PORT=4210)
	@$(BIN)/caibao ui --warehouse $(WAREHOUSE) --port $(PORT)

lock: ## Pin the newest versions that pyproject.toml allows (needs uv)
	@command -v uv > /dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv"; exit 1; }
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate --output-file requirements.lock --upgrade

clean: ## Delete the virtual environment and what was built
	rm -rf .venv warehouse/data warehouse/eval

# uv where it is installed, else venv and pip: both refuse a file whose hash is not in the lock. The lock is pip's constraint
# too, because the pip of Python 3.11 looks at the newest of a package that another asks for with an extra, and stops.
$(READY): requirements.lock pyproject.toml
	@if command -v uv > /dev/null; then \
		echo "Setting up .venv with uv"; \
		{ test -x $(BIN)/python || uv venv --quiet .venv; } && \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		echo "Setting up .venv with pip (a minute or two)"; \
		for python in python3 python3.11 python3.12 python3.13 python3.14; do \
			$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && break; python=; \
		done; \
		test -n "$$python" || { echo "caibao needs Python 3.11 or newer: install it, or uv, which brings its own."; exit 1; }; \
		{ $(BIN)/python -m pip --version > /dev/null 2>&1 || $$python -m venv --clear .venv; } && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock -c requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $(READY)
