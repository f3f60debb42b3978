# Two commands: `make chat` and `make test`. Both work from a bare checkout with Python 3.11 or newer.

# A variable that is set to nothing is as good as none.
override PYTHON := $(or $(PYTHON),python3)
override VENV   := $(or $(VENV),.venv)
# An index of CPU builds of PyTorch, for Linux machines without a GPU: make chat TORCH_INDEX=<address>
TORCH_INDEX ?=
BIN = $(VENV)/bin

.PHONY: chat test gate train check format clean

chat: $(VENV)/.installed
	$(BIN)/coproduce serve

test: check
	COPRODUCE_DATA_DIR=.cache/tests $(BIN)/coproduce build
	$(BIN)/pytest -n 2 --dist worksteal --durations 10

# Hold the answers against eval/baseline.json. Uses the index that the tests have built.
gate: $(VENV)/.installed
	$(BIN)/coproduce eval gate --data-dir .cache/tests

# Learn again from the corpus's questions, the examples and the train and dev cases: the tuned layers, the network, the reader,
# the confidence.
# Files that no longer fit are left out meanwhile, with a line that says so.
train: $(VENV)/.installed
	$(BIN)/coproduce build
	$(BIN)/python scripts/train_encoder.py
	$(BIN)/coproduce build
	$(BIN)/python scripts/train_covered.py
	$(BIN)/python -m eval.fit_reading
	$(BIN)/coproduce build
	$(BIN)/python -m eval.fit_answers
	$(BIN)/python -m eval.fit

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "coproduce needs Python 3.11 or newer; found $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 chat"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# torch comes first, and pinned, so that nothing later brings a CUDA build.
$(VENV)/.torch: $(VENV)/bin/python constraints.txt
	$(BIN)/python -m pip install --quiet $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch==2.13.0
	@touch $@

$(VENV)/.installed: $(VENV)/.torch pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
