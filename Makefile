# make run   set up, then start the app on localhost
# make test  set up, then run everything: lint, types, imports, unit, page and browser tests
# make slow  the runs that take minutes: every fault of docs/reliability.md
# make explore  property tests on examples never tried before

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PORT   ?= 8501

.PHONY: setup run test slow ray explore lint clean

setup: $(STAMP)

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is older. Try: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip setuptools
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@# setuptools warns about editable installs in general; there is nothing to act on.
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(STAMP)

run: setup
	$(BIN)/streamlit run app.py --server.port $(PORT)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Browser tests need a Chromium: the one installed, else the one CHROMIUM names. Without any they fail with a sentence.
# They have the machine to themselves: a key must not wait behind another test.
test: lint ray
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not slow"
	$(BIN)/python -m pytest -m browser

# The fault matrix and other long runs, one after the other: they kill, fill and wait.
slow: setup
	$(BIN)/python -m pytest -m slow

# Runs on many machines are tested on a real Ray cluster where Ray can be had; elsewhere those tests are skipped.
ray: setup
	@$(BIN)/python -c 'import ray' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-ray.txt || \
		echo "Ray cannot be installed here, so tests/executors/test_ray.py is skipped; to see why: $(BIN)/pip install -r requirements-ray.txt"

explore: setup
	$(BIN)/python -m pytest -n 2 -m "not browser" --hypothesis-profile explore $$(grep -rl "hypothesis import" tests --include "test_*.py")

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
