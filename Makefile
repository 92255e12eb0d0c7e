# Everything is set up on first use; needs only Python >= 3.11, git and make (Debian or Ubuntu).

RUN := .venv/bin
PYTEST := $(RUN)/python -m pytest -n auto --dist loadfile

.PHONY: test demo check fix proofs bench snapshots pictures programs clean

test: check programs
	$(PYTEST) -m "not slow"

demo: .venv/installed
	$(RUN)/newsletter demo var/demo

check: .venv/installed-dev
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/lint-imports
	$(RUN)/mypy

fix: .venv/installed-dev
	$(RUN)/ruff format .
	$(RUN)/ruff check --fix .

proofs: .venv/installed-dev programs
	$(RUN)/python -m pytest -m slow

bench: .venv/installed-dev programs
	$(RUN)/python -m tests.benchmarks

snapshots: .venv/installed-dev programs
	$(RUN)/python -m pytest -m "not slow" --snapshot-update

pictures: .venv/installed-dev programs
	$(RUN)/python tools/pictures.py

# The script looks first and returns at once when nothing is missing.
programs:
	tools/programs.sh

.venv/installed: pyproject.toml constraints.txt tools/venv.sh
	tools/venv.sh
	touch $@

.venv/installed-dev: .venv/installed
	tools/venv.sh --group dev
	touch $@

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
