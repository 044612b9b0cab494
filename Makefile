# make demo   the main job, end to end; names the report it wrote
# make test   the tests
# make check  everything CI checks
# Each sets up its own virtual environment the first time; afterwards no network is needed.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-all check check-static format lowest numbers-only lock bench clean

demo: $(READY)
	$(BIN)/surveykit demo

test: $(READY)
	$(BIN)/python -m pytest -n 2

test-all: $(READY)
	$(BIN)/python -m pytest -n 2 -m "slow or not slow"

check: check-static test

check-static: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The lowest versions that pyproject.toml allows, with the newest of what they need: what these call outdated is not ours.
lowest: $(READY)
	sh scripts/in_fresh_venv.sh requirements-lowest.lock -m pytest -n 2 -W default::DeprecationWarning

# The numerical layer with NumPy and SciPy and nothing else.
numbers-only: $(READY)
	sh scripts/numbers_only.sh

# Resolve the locks again (needs uv). Index addresses are left out on purpose.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --all-extras --group dev pyproject.toml -o requirements.lock
	uv pip compile --resolution lowest-direct --all-extras --python-version 3.11 --no-emit-index-url --no-header --group dev pyproject.toml -o requirements-lowest.lock

bench: $(READY)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(READY): requirements.lock pyproject.toml scripts/make_venv.sh
	sh scripts/make_venv.sh $(VENV) requirements.lock
	touch $@
