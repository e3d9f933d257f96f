# `make demo` and `make test` do everything on a fresh Debian or Raspberry Pi OS; see README.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PDF_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
TEST_PACKAGES := chromium nginx-light postgresql systemd poppler-utils minisign qemu-system-common qemu-utils fuse3 $(PDF_PACKAGES)

.PHONY: help install demo box deb image image-test release-key release deb-test test-packages install-test check test chip-test bench bench-kill bench-power bench-wear bench-growth reliability pictures words lock clean

help:
	@echo "make demo     a neighbourhood on an emulated modem, with a page to play with"
	@echo "make test     everything that is tested, Debian packages included"
	@echo "make check    the quick part: style, types, unit tests"
	@echo "make box      puts it on this machine as services (as root)"
	@echo "make deb      Debian packages for a PC and a Raspberry Pi, in dist/"
	@echo "make release  the same, signed with the key that make release-key made"
	@echo "make image    the card of a Raspberry Pi, in dist/ (as root; half an hour the first time)"
	@echo "make image-test  boots that image in an emulated computer and uses it (as root; half an hour)"
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

$(VENV)/installed-build: install requirements-build.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.txt
	@touch $@

test-packages:
	@sh setup/packages $(TEST_PACKAGES)

# --- using

demo: install
	$(BIN)/appliance demo

# what is installed is the package, on a machine of any Python that we run on
box: $(VENV)/installed-build
	@sh setup/box $(BIN)/uv

# --- the package, for the Python of Debian 13

deb: $(VENV)/installed-build
	@sh setup/deb $(BIN)/uv amd64 3.13
	@sh setup/deb $(BIN)/uv arm64 3.13

# The release key is the maintainer's, is never in the repository, and has a password. Its public half goes into the package:
# commit setup/package/release.pub. Who loses the key, or its password, makes no release that boxes in the field would take.
release-key:
	@sh setup/packages minisign
	minisign -G -p setup/package/release.pub -s "$${RELEASE_KEY:-$$HOME/.bin-kast-release.key}"

release: deb
	@sh setup/packages minisign
	for deb in dist/*.deb; do minisign -S -s "$${RELEASE_KEY:-$$HOME/.bin-kast-release.key}" -t "$$(basename $$deb .deb)" -m $$deb; done

# --- the image for a card

image: $(VENV)/installed-build
	@sh image/build $(BIN)/uv

# --- testing

# what fails while both cores are busy is tried once more by itself: failing twice is a fault, failing once is told
ONCE_MORE = $(BIN)/pytest -q --last-failed --last-failed-no-failures none $(PROPERTIES)
FAST = -m "not slow and not machine"
SLOW = -m "slow and not machine"

check: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q -n auto $(FAST) $(PROPERTIES) || $(ONCE_MORE) $(FAST)

test: test-packages check
	$(BIN)/pytest -q -n 2 --dist loadgroup $(SLOW) $(PROPERTIES) || $(ONCE_MORE) $(SLOW)

# boots a Debian 13 in namespaces of this machine (as root) and installs, upgrades, removes and purges the package there
deb-test: install-test $(VENV)/installed-build
	@sh setup/packages debootstrap lintian
	$(BIN)/pytest -q -m machine

# boots what `make image` made, with our emulator as its modem
image-test: install-test $(VENV)/installed-build
	@sh setup/packages qemu-system-arm device-tree-compiler mtools dosfstools fdisk e2fsprogs zstd openssh-client chromium minisign
	$(BIN)/python -m image.test.stages dist/bin-kast_*_arm64.img.zst

chip-test: install-test
	$(BIN)/python tests/panel/chip/machine.py

# --- measuring

bench: install-test
	$(BIN)/python bench/latency.py
	$(BIN)/python bench/throughput.py
	$(BIN)/python bench/hold.py
	$(BIN)/python bench/button.py --sequences 10000
	$(BIN)/python bench/idle.py
	$(BIN)/python bench/page.py

bench-kill: install-test
	KILLS=250 $(BIN)/pytest -q tests/test_kill.py

bench-growth: install-test
	$(BIN)/python bench/growth.py --save
	$(BIN)/python bench/growth.py --save --postgresql
	$(BIN)/python docs/pictures/draw.py

# as root: it mounts disks
bench-power: install-test
	$(BIN)/python bench/power.py --cuts 300

# as root as well
bench-wear: install-test
	$(BIN)/python bench/wear.py

reliability: install-test
	$(BIN)/python bench/reliability.py

pictures: install-test
	$(BIN)/python docs/pictures/draw.py
	$(BIN)/python docs/pictures/make.py

# --- the rest

words: install-test
	cd appliance && ../$(BIN)/pybabel -q extract -F web/catalogues/babel.cfg -k lazy_gettext -k say -k Said -k BadPassword -k BadChoice -k BadFile -k BadHours -k BadIssue -k BadMember -k BadTarget --no-location -o ../build-words.pot .
	for l in fr de en; do $(BIN)/pybabel -q update -N --no-wrap -l $$l -i build-words.pot -o appliance/web/catalogues/$$l.po; done
	rm build-words.pot

lock:
	uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-header --no-annotate -q -o requirements.txt
	uv pip compile pyproject.toml --group test --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-header --no-annotate -q -o requirements-test.txt
	uv pip compile --group build --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-header --no-annotate -q -o requirements-build.txt

clean:
	rm -rf $(VENV) .chip build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
