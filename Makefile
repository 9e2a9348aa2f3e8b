# Two commands do all the set-up: `make site` and `make test`. Needs Python 3.11 or newer, make and git.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	command -v $$python >/dev/null 2>&1 && \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint requirements.lock
WORKERS ?= 2

.PHONY: site test lint format lock lighthouse bench bench-full bench-scale bench-execution clean

site: .venv/site-installed
	$(BIN)/sitegen build --relative-urls
	@echo
	@echo "The site is built. Open it: $(CURDIR)/public/index.html"

test: lint
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

lint: .venv/dev-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev-installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "sitegen needs Python 3.11 or newer; name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/site-installed: .venv/bin/python pyproject.toml requirements.lock
	$(PIP) --editable '.[execute,ml,search]'
	@touch $@

.venv/dev-installed: .venv/site-installed
	$(PIP) --editable '.[execute,ml,search,cite,cluster,store,video,dev]'
	@touch $@

# Lighthouse's mobile preset on six pages of the example site; a minute. Needs Node 20, npm and Chromium.
lighthouse: site
	@test -f .tools/node_modules/lighthouse/cli/index.js || npm install --no-audit --no-fund --silent --prefix .tools lighthouse@12.8
	$(BIN)/python scripts/lighthouse.py $(LIGHTHOUSE)

# Blogs of 1,000 posts with sitegen, Hugo, Eleventy and Pelican; some minutes. See benchmarks/README.md. Needs Node and npm.
bench: .venv/dev-installed
	$(BIN)/python -m benchmarks.build --variant python $(BENCH)

# Both corpora, 1,000 and 10,000 posts, kept in benchmarks/results/; about an hour.
bench-full: .venv/dev-installed
	$(BIN)/python -m benchmarks.build --verify --save $(BENCH)
	$(BIN)/python -m benchmarks.build --posts 10000 --peer-edits none --save $(BENCH)

# sitegen alone from 100 posts to 100,000, and the tables of docs/scale.md; half an hour and 10 GB of disk.
bench-scale: .venv/dev-installed
	$(BIN)/python -m benchmarks.scale --save $(BENCH)

# A quarter of an hour; wants the machine for itself. See benchmarks/README.md.
bench-execution: .venv/dev-installed
	$(BIN)/python -m benchmarks.execution --save

# The lock is what a fresh environment resolves to; torch stays at the release that the project pins.
lock:
	rm -rf .venv/lock && $(PYTHON) -m venv .venv/lock
	.venv/lock/bin/python -m pip install --quiet torch==2.13.0 '.[execute,ml,search,cluster,store,video,dev]'
	.venv/lock/bin/python -m pip freeze --exclude sitegen-ml | sed -e 's/^torch==.*/torch==2.13.0/' > requirements.lock
	rm -rf .venv/lock

clean:
	rm -rf .venv dist .tools .benchmarks
