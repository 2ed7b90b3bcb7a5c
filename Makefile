# `make help` lists what there is. Needed: Debian or the like, Python 3.11 or newer with venv, git and make.
# Everything is installed into .venv; nothing outside the checkout changes.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# The version of that Python, empty if there is none. It is part of the stamp's name, so another PYTHON gets a fresh environment.
FOUND         := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
CREATED       := $(VENV)/.created-python$(FOUND)
# The stamps are older than pyproject.toml after a change of the dependencies; changed code needs no new installation.
INSTALLED     := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev

PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench pyz clean
.DELETE_ON_ERROR:

help:  ## show this list
	@echo 'make TARGET [PYTHON=python3.12]'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 10

demo: $(INSTALLED)  ## explain a real dump: an nginx Service with three Pods
	$(BIN)/iptexplain samples/kube-proxy/classic-nginx.save

test: lint  ## everything that has to hold: lint, types, layers, tests
	$(BIN)/pytest

lint: $(INSTALLED_DEV)  ## ruff, mypy and the layers of the imports
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED_DEV)  ## time iptexplain beside its peers (twenty minutes; ROUNDS=1 for less)
	$(BIN)/python -m bench.run --rounds $(or $(ROUNDS),5)
	rm -f bench/results/micro.json
	$(BIN)/python -m bench.micro --fast --quiet --output bench/results/micro.json
	$(BIN)/python -m bench.mutations

pyz: $(INSTALLED)  ## dist/iptexplain.pyz: one file that runs with nothing but Python 3.11
	$(BIN)/python tools/pyz.py dist/iptexplain.pyz

clean:  ## remove the environment and everything that was made
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -type d -name __pycache__ -prune -exec rm -rf {} +

$(CREATED):
	@command -v $(PYTHON) >/dev/null || { \
	    echo >&2 'There is no $(PYTHON). iptexplain needs Python 3.11 or newer.'; \
	    echo >&2 'On Debian: apt install python3 python3-venv. If Python has another name: make PYTHON=python3.12'; \
	    exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo >&2 '$(PYTHON) is Python $(FOUND), and iptexplain needs 3.11 or newer.'; \
	    echo >&2 'If a newer one is there under another name, say so: make PYTHON=python3.12'; \
	    exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo >&2 '$(PYTHON) cannot make virtual environments: its modules venv and ensurepip are not complete.'; \
	    echo >&2 'On Debian: apt install python3-venv'; \
	    exit 1; }
	@# An environment of another Python is thrown away, one of the same is kept with all that is in it.
	@if [ "$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = '$(FOUND)' ]; \
	then keep=; else keep=--clear; fi; \
	echo '$(PYTHON) -m venv $(VENV)'; \
	$(PYTHON) -m venv $$keep $(VENV)
	@touch $@

$(INSTALLED): pyproject.toml $(CREATED)
	$(PIP) --editable .
	@# Bytecode, which pip makes for a package that it copies: else the first run of the command takes twice as long.
	@$(BIN)/python -m compileall -q iptexplain
	@touch $@

$(INSTALLED_DEV): pyproject.toml $(CREATED)
	$(PIP) --editable '.[dev]'
	@touch $(INSTALLED) $@
