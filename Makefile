# Two commands do everything on a fresh clone: make demo, make test.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: audit fuzz demo test lint check setup golden bench bench-batch bench-serve serve pictures schemas clean

demo: $(VENV)/base
	$(BIN)/idphoto make samples/astronaut.jpg --spec schengen-visa --sheet 10x15cm --out out --force --verbose
	$(BIN)/idphoto make --job samples/job.yaml samples/astronaut.jpg --out out --force
	$(BIN)/idphoto run samples/pipeline.yaml samples/astronaut.jpg --out out/pipeline --force
	@echo "Open the files in out/"

test: $(VENV)/test  # records the coverage; only make check judges it
	$(BIN)/python -m pytest -n auto --cov --cov-report= --cov-fail-under=0

lint: $(VENV)/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test  # everything that a change has to pass; runs the tests once, also as make check test
	$(BIN)/coverage report

setup: $(VENV)/test

golden: $(VENV)/test  # rewrite the golden numbers; review the diff
	$(BIN)/python -m tests.golden

bench: $(VENV)/bench
	$(BIN)/python -m benchmarks.speed

bench-batch: $(VENV)/test  # a quarter of an hour; wants the machine for itself; Ray is measured if it is installed
	$(BIN)/python -m benchmarks.batch

bench-serve: $(VENV)/test  # ten minutes; wants the machine for itself
	$(BIN)/python -m benchmarks.serve

audit: $(VENV)/test  # compares the pinned dependencies with known advisories; needs the network
	$(PIP) install pip-audit
	$(BIN)/pip-audit --requirement constraints.txt --no-deps --disable-pip

fuzz: $(VENV)/test  # an hour of changed files
	$(BIN)/python -m tests.fuzzing --seconds 3600

serve: $(VENV)/serve  # for this machine alone, without keys; see docs/service.md
	$(BIN)/idphoto serve --no-auth

pictures: $(VENV)/base  # the pictures of the README and of docs/architecture.md
	$(BIN)/python -m docs.pictures
	$(BIN)/python -m docs.studio_picture
	$(BIN)/python -m docs.architecture

schemas: $(VENV)/base  # the published JSON schemas, and the pages that are tables
	$(BIN)/python -m docs.schemas
	$(BIN)/python -m docs.tables

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/base: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install -c constraints.txt -e ".[heic,test]"
	@touch $@ $(VENV)/base

$(VENV)/serve: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install -c constraints.txt -e ".[heic,server,postgres,s3]"
	@touch $@ $(VENV)/base

$(VENV)/bench: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install -c constraints.txt -e ".[heic,classical,test]"
	@touch $@ $(VENV)/test $(VENV)/base

clean:
	rm -rf $(VENV) out build dist
