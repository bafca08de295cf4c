# Two commands do all set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DATA ?= docs
# Where the default index would serve a CUDA build of PyTorch (several gigabytes), point this at CPU wheels:
#   make install TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
TORCH_INDEX_URL ?=
TORCH_FROM := $(if $(TORCH_INDEX_URL),--index-url $(TORCH_INDEX_URL),)
define NO_CUDA
import sys
from importlib.metadata import requires
if any("nvidia" in line for line in requires("torch") or []):
    sys.exit("This package index serves a CUDA build of PyTorch. Run: make clean install TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu")
endef
export NO_CUDA
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Runs one command on the demonstration's own index, and shows it first.
SHOW = echo && echo '$$ ragbot $(1)' && $(BIN)/ragbot --data-dir .demo $(1)

.PHONY: install demo test check test-slow format bench-retrieval bench-readers bench-kill bench-answerability lock clean

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "ragbot needs Python 3.11 or newer; give one with PYTHON=..." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked packages into $(VENV) (some minutes the first time)" >&2
	@$(PIP) install --no-deps $$(grep '^pip==' requirements.lock)
	@$(PIP) install --no-deps $(TORCH_FROM) $$(grep '^torch==' requirements.lock)
	@$(BIN)/python -c "$$NO_CUDA"
	@$(PIP) install --no-deps -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(PIP) check
	@touch $@

demo: install
	@$(call SHOW,ingest docs)
	@$(call SHOW,ask "How do I delete a document from the index?")
	@$(call SHOW,ask "How can I restrict who may read a document?")
	@$(call SHOW,ask "Which restaurant in Lisbon serves the best octopus?")
	@echo "Your own documents:  $(BIN)/ragbot ingest FOLDER  and then  $(BIN)/ragbot ask \"...\""

test: check

check: install
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -n 2 -m "not slow"

test-slow: install
	@$(BIN)/pytest -m slow

format: install
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench-retrieval: install
	@$(BIN)/python -m evals.bench retrieval --data $(DATA)

bench-readers: install
	@$(BIN)/python -m evals.bench readers --data $(DATA) --readers 20

bench-kill: install
	@$(BIN)/python -m evals.bench kill --kills 10

bench-answerability: install
	@$(BIN)/python -m evals.bench answerability $(foreach set,$(DATA),--data $(set))

# Resolves anew and writes the full closure; commit the result.
lock:
	@rm -rf .lock-env && $(PYTHON) -m venv .lock-env
	@.lock-env/bin/pip install --quiet --upgrade pip
	@.lock-env/bin/pip install --quiet $(TORCH_FROM) torch==2.13.0
	@.lock-env/bin/pip install --quiet '.[dev,eval]'
	@.lock-env/bin/pip check
	@{ echo "# The full dependency closure, exact versions. Written by 'make lock'; install it with 'make install'."; \
		.lock-env/bin/pip freeze --all --exclude ragbot | sed 's/^\(torch==[0-9.]*\)+cpu/\1/'; } > requirements.lock
	@rm -rf .lock-env

clean:
	@rm -rf $(VENV) .bench .mypy_cache .ruff_cache .hypothesis dist build
