# Every target sets up what it needs in .venv first; nothing is installed twice while the requirements stay the same.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
WORKERS ?= auto
N ?= 500
KILLS ?= 300
SEED ?= 1
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test coverage faults fuzz check format bench requirements clean

demo: $(VENV)/run.stamp  ## the bot with a local Slack and a local Mux; ARGS=--script plays one conversation as text
	@$(BIN)/caption-bot demo $(ARGS)

test: $(VENV)/dev.stamp  ## the whole suite with its coverage gates, on every core; ARGS="-k name" narrows it (and skips the gates)
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n $(WORKERS) $(ARGS)
	@[ -n "$(ARGS)" ] || $(MAKE) --no-print-directory coverage

coverage:
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --include='bot/rules/*,bot/ui/*' --fail-under=100
	@$(BIN)/coverage report --fail-under=95

faults: $(VENV)/dev.stamp  ## the real bot, killed KILLS times over N jobs while everything goes wrong, on both engines and from one to the other
	@$(BIN)/python -m tests.faults --jobs $(N) --kills $(KILLS) --seed $(SEED) --engine sqlite
	@$(BIN)/python -m tests.faults --jobs $(N) --kills $(KILLS) --seed $(SEED) --engine postgres --replicas 2
	@$(BIN)/python -m tests.faults --jobs $(N) --kills $(KILLS) --seed $(SEED) --engine moved
	@for guard in intent lookup dedupe; do \
	  $(BIN)/python -m tests.faults --jobs 60 --kills 20 --seed $(SEED) --mutate $$guard; \
	  [ $$? -eq 1 ] || { echo "Without $$guard nothing broke, so the harness proves nothing."; exit 1; }; \
	done
	@$(BIN)/python -m tests.faults --burst 10000
	@$(BIN)/python -m tests.faults --told 1000 --channels 50

fuzz: $(VENV)/dev.stamp  ## odd requests to every route of the real bot; ARGS="--requests 100000 --seed 2" for more
	@$(BIN)/python -m tests.fuzz $(ARGS)
	@$(BIN)/python -m tests.fuzz --several $(ARGS)

bench: $(VENV)/dev.stamp  ## the bot beside its peers; ARGS=--quick takes two minutes, ARGS=--big adds a million jobs
	@$(BIN)/python -m tests.bench $(ARGS)

check: $(VENV)/dev.stamp  ## format, lint, types, room order
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp  ## rewrites the code in the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Caption Bot needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

# dev.txt holds run.txt, so a developer's environment serves the demo too and is never thinned out by it.
$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing Caption Bot into $(VENV) ..."
	@[ -e $(VENV)/dev.stamp ] || $(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing Caption Bot and its test tools into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

requirements:  ## re-pins every dependency with its hashes (needs uv on the PATH)
	uv pip compile pyproject.toml --group build $(PINNED) --output-file requirements/run.txt
	uv pip compile pyproject.toml --group build --group dev --extra postgres $(PINNED) --output-file requirements/dev.txt

PINNED := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --quiet --upgrade

clean:  ## removes the environment and everything the tools left
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage
