# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Short names for the sessions of noxfile.py. Everything is made inside the checkout (.venv, .logs, dist), nox too.
# Needed beforehand: make, git and Python 3.10 or newer with its venv module. "make test" also wants a Python 3.12 or newer.

PYTHON ?= python3
# Sessions at a time. Those with many tests use two processes each.
JOBS ?= 2
# What "make test" runs, and what its summary is told: make test SELECT="--session unit" SUMMARY=--no-skipped
SELECT ?= --tags test
SUMMARY ?=
NOX = .venv/nox/bin/nox
SESSIONS = dev unit client simulator-tests task-tests docs-tests package awx-tests eda-tests browser-tests docs benchmark \
	coverage build pictures links

.DEFAULT_GOAL := help
.PHONY: help setup demo test quick lint format integration sanity tables lock simulator clean $(SESSIONS)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

$(NOX): requirements/nox.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("This needs Python 3.10 or newer. Name one with: make PYTHON=/path/to/python3")'
	@$(PYTHON) -m venv --clear .venv/nox
	@.venv/nox/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements/nox.txt
	@touch $@

setup: $(NOX) ## Make all environments in .venv
	@$(NOX) --parallel $(JOBS) --tags environments

demo: $(NOX) ## Show the gate: a playbook that waits for a simulated campaign, then goes on with the devices
	@$(NOX) --session demo
	@.venv/demo/bin/python tests/demo/run.py

test: $(NOX) ## Run every check on every lane, and close with a summary
	@rm -rf .logs && mkdir .logs
	@$(NOX) --parallel $(JOBS) $(SELECT) --report .logs/nox.json || true
	@cd tests && ../.venv/nox/bin/python -m tools.summary $(SUMMARY) ../.logs/nox.json

quick: $(NOX) ## ruff, mypy and the unit tests without the slow ones: under a minute, in one environment
	@$(NOX) --parallel 2 --tags quick

lint: $(NOX) ## Every linter, the files for the forge, the prose, and whether generated tables are up to date
	@$(NOX) --parallel $(JOBS) --tags lint

format: $(NOX) ## Let ruff put the Python code in order
	@$(NOX) --session formatting

integration: $(NOX) ## Integration tests, once for each ansible-core lane
	@$(NOX) --session integration-core-2.16 integration-core-2.19 integration-core-2.21

sanity: $(NOX) ## ansible-test sanity for each ansible-core lane, and the unit tests on Python 3.9
	@$(NOX) --parallel $(JOBS) --session sanity-core-2.16 sanity-core-2.19 sanity-core-2.21 units-target-3.9

tables: $(NOX) ## Write what is generated: the options of the role, and tables of the guides
	@$(NOX) --session tables -- --write

simulator: $(NOX) ## Run the ThingSpace simulator (options: make simulator ARGS="--port 8080")
	@$(NOX) --session demo
	@PYTHONPATH=tests exec .venv/demo/bin/python -m simulator $(ARGS)

lock: $(NOX) ## Lock the newest versions that requirements/*.in allow
	@$(NOX) --session lock

dev: ## Make the environment of the tools
unit: ## Unit tests
client: ## The client over HTTP
simulator-tests: ## The simulator, with plain requests
task-tests: ## A task from its options to its result, against the simulator
docs-tests: ## Whether the docs say what is so
package: ## Tests of the built tarball
awx-tests: ## AWX's own code, ansible-runner and the modules of awx.awx with what is shipped for AWX
eda-tests: ## ansible-rulebook with what is shipped for Event-Driven Ansible
browser-tests: ## The report and the site in a browser: both themes, wide and narrow, without scripts, with hostile texts
docs: ## Build the documentation site into dist/site
benchmark: ## Measure waits beside uri, the official SDK and the floor (options: make benchmark ARGS=--quick)
coverage: ## How much of plugins/ the tests run, by branch; takes half an hour
build: ## Build the collection's tarball into dist
links: ## Check the links to other sites
pictures: ## Draw the pictures in docs/images from real runs
$(SESSIONS): $(NOX)
	@$(NOX) --session $@ -- $(ARGS)

clean: ## Remove everything that the other targets made
	rm -rf .venv .logs .mypy_cache .pytest_cache .ruff_cache .hypothesis dist .ansible
