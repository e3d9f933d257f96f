# `make demo` and `make test` do everything on a fresh Debian or Raspberry Pi OS; see README.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
TEST_PACKAGES := chromium postgresql systemd

.PHONY: help install demo box test-packages install-test check test bench bench-kill reliability pictures lock clean

help:
	@echo "make demo     a neighbourhood on an emulated modem, with a page to play with"
	@echo "make test     everything that is tested, Debian packages included"
	@echo "make check    the quick part: style, types, unit tests"
	@echo "make box      puts it on this machine as services (as root)"
	@echo "make bench    measures, and prints what it measured"
	@echo "make clean    removes what make made"

# --- installing: pinned, with hashes, into .venv

install: $(VENV)/installed

$(VENV)/installed: requirements.txt pyproject.toml setup/python
	@sh setup/python "$(PYTHON)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

install-test: install $(VENV)/installed-test

$(VENV)/installed-test: requirements-test.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	@touch $@

test-packages:
	@sh setup/packages $(TEST_PACKAGES)

# --- using

demo: install
	$(BIN)/appliance demo

box:
	@sh setup/box "$(PYTHON)"

# --- testing

check: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q -n auto -m "not slow"

test: test-packages check
	$(BIN)/pytest -q -n 2 --dist loadgroup -m slow

# --- measuring

bench: install-test
	$(BIN)/python bench/latency.py
	$(BIN)/python bench/throughput.py
	$(BIN)/python bench/hold.py
	$(BIN)/python bench/button.py --sequences 10000

bench-kill: install-test
	KILLS=50 KILL_SEGMENTS=200 KILL_PACE=1.2 $(BIN)/pytest -q tests/test_kill.py

reliability: install-test
	$(BIN)/python bench/reliability.py

pictures: install-test
	$(BIN)/python docs/pictures/draw.py
	$(BIN)/python docs/pictures/make.py

# --- the rest

lock:
	uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-header --no-annotate -q -o requirements.txt
	uv pip compile pyproject.toml --group test --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-header --no-annotate -q -o requirements-test.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
