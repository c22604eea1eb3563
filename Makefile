# Everything is set up by what is asked for: `make demo` and `make test` need Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The tests start hundreds of programs: each would compile all of its modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check lint types contracts unit bench bench-triage chaos soak evacuation-kills link-faults screenshots pictures locale guide constraints clean help

help:
	@echo 'make demo         the console over a lab of its own'
	@echo 'make test         lint, types, import contracts, tests'
	@echo 'make bench        the figures of docs/performance.md'
	@echo 'make bench-triage every scenario: is the right cause told first? (docs/triage.md)'
	@echo 'make chaos        every fault and 200 mixes of them, with figures (docs/reliability.md)'
	@echo 'make soak         an hour of the lab with servers that come and go, with figures'
	@echo 'make evacuation-kills  a node is emptied while the console is killed 50 times'
	@echo 'make link-faults  a link between every pair of RouterOS versions, a fault at every step'
	@echo 'make screenshots  the pictures in screenshots/'
	@echo 'make pictures     what every screen looks like (tests/ui/pictures/), anew'
	@echo 'make locale       message catalogues from the sources'
	@echo 'make guide        the tables of docs/demo.md from the registers'
	@echo 'make constraints  the versions of a set-up, anew'

demo: $(VENV)/ready
	$(BIN)/labtui --demo $(ARGS)

test: lint types contracts unit

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready-dev
	$(BIN)/mypy

contracts: $(VENV)/ready-dev
	$(BIN)/lint-imports --no-cache

unit: $(VENV)/ready-dev
	$(BIN)/pytest $(ARGS)

bench: $(VENV)/ready-dev
	$(BIN)/python -m benchmarks $(ARGS)

bench-triage: $(VENV)/ready-dev
	$(BIN)/python -m benchmarks.triage $(ARGS)

chaos: $(VENV)/ready-dev
	$(BIN)/python -m benchmarks.chaos $(ARGS)

soak: $(VENV)/ready-dev
	$(BIN)/python -m benchmarks.soak $(ARGS)

evacuation-kills: $(VENV)/ready-dev
	$(BIN)/python -m tests.cli.evacuation_kills $(ARGS)

link-faults: $(VENV)/ready-dev
	$(BIN)/python -m tests.actions.link_faults

screenshots: $(VENV)/ready-dev
	$(BIN)/python -m screenshots.make

pictures: $(VENV)/ready-dev
	LABTUI_PICTURES=renew $(BIN)/pytest tests/ui/test_pictures.py

locale: $(VENV)/ready-dev
	$(BIN)/python -m labtui.locale.build

guide: $(VENV)/ready-dev
	$(BIN)/python -m labtui.demo.guide

# A venv of what the console needs, and the same with what its developers need.
$(VENV)/ready: pyproject.toml constraints.txt
	PYTHON=$(PYTHON) sh ./setup.sh $(VENV) .
	@touch $@

$(VENV)/ready-dev: pyproject.toml constraints.txt
	PYTHON=$(PYTHON) sh ./setup.sh $(VENV) '.[dev,keyring]'
	@touch $(VENV)/ready $@

constraints:
	PYTHON=$(PYTHON) LABTUI_NEWEST=1 sh ./setup.sh $(VENV)-newest '.[dev,keyring]'
	$(VENV)-newest/bin/pip freeze --exclude-editable --exclude pip --exclude setuptools > constraints.txt
	rm -rf $(VENV)-newest

clean:
	rm -rf $(VENV) $(VENV)-newest .mypy_cache .ruff_cache .pytest_cache .hypothesis
