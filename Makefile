# Everything is set up on first use; needs only Python >= 3.11, git and make (Debian or Ubuntu).

# Commands that tests start by the thousand would otherwise compile all of it each time.
unexport PYTHONDONTWRITEBYTECODE

RUN := .venv/bin
PYTEST := $(RUN)/python -m pytest -n auto --dist loadfile

.PHONY: test demo check fix proofs kill-test engines bench rivals snapshots pictures blocks faults programs clean

test: check programs
	$(PYTEST) -m "not slow and not engines"

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

# KILLS=1000 make kill-test: as often as that.
kill-test: .venv/installed-dev
	$(RUN)/python -m tests.killing

engines: .venv/installed-dev programs
	tools/engines.sh
	$(PYTEST) -m engines

bench: .venv/installed-dev programs
	tools/senders.sh
	$(RUN)/python -m tests.benchmarks

rivals: .venv/installed-dev programs
	tools/engines.sh
	tools/npm.sh tests/benchmarks/rivals .tools/rivals
	$(RUN)/python -m tests.benchmarks.rivals

snapshots: .venv/installed-dev programs
	$(RUN)/python -m pytest -m "not slow and not engines" --snapshot-update

pictures: .venv/installed-dev programs
	tools/engines.sh
	$(RUN)/python tools/pictures.py
	$(RUN)/python -m tools.engine_pictures

blocks: .venv/installed-dev programs
	$(RUN)/python -m tools.blocks_page

faults: .venv/installed-dev
	$(RUN)/python -m tools.faults_page

# The script looks first and returns at once when nothing is missing.
programs: .venv/installed
	tools/programs.sh

.venv/installed: pyproject.toml constraints.txt hatch_build.py package.json tools/venv.sh
	tools/venv.sh
	touch $@

.venv/installed-dev: .venv/installed
	tools/venv.sh --group dev
	touch $@

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
