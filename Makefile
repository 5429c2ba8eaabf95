PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install novel test check bench servers languagetool constraints

install: $(STAMP)

# Everything that decides what is installed is named here, so that nothing is done again until one of them changes.
$(STAMP): pyproject.toml constraints.txt
	@echo "Installing into $(VENV), once: 6 GB with PyTorch, which makes the embedding model ready; a few minutes."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --constraint constraints.txt --editable '.[dev]'
	touch $(STAMP)

novel: install
	$(BIN)/scriptorium write examples/lighthouse.toml --out novels

test: install
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

# Servers that tests use where they are there and skip where they are not: Neo4j by Maven, Milvus in an environment of
# its own, whose pins are not ours. PostgreSQL, Redis, Java and Maven come from the system.
servers: .servers/neo4j/lib .servers/milvus/bin/milvus-server

.servers/neo4j/lib: tests/servers/pom.xml
	mvn -q -B -f tests/servers/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/.servers/neo4j/lib
	touch $@

.servers/milvus/bin/milvus-server:
	$(PYTHON) -m venv .servers/milvus
	.servers/milvus/bin/python -m pip install --quiet 'milvus>=2.3.5,<2.4' 'setuptools<81'

# The grammar checker that the benchmark of the storyteller's prose asks where it is there.
languagetool: .servers/languagetool/lib

.servers/languagetool/lib: benchmarks/languagetool/pom.xml
	mvn -q -B -f benchmarks/languagetool/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/.servers/languagetool/lib
	touch $@

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture

bench: install
	$(BIN)/python -m benchmarks

# Only to move the pins: resolves pyproject.toml anew.
constraints: install
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --no-header --no-annotate --python-version 3.11 --extra dev --output-file constraints.txt pyproject.toml
