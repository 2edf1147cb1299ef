# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything is made inside the checkout (.venv, .logs, dist); nothing is installed system-wide.
# Needed beforehand: make, git and Python 3.9 or newer with its venv module. "make test" also wants a Python 3.12 or newer.

PYTHON ?= python3
TOOLS = cd tests && PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m tools

.DEFAULT_GOAL := help
.PHONY: help setup demo test quick lint format unit coverage client simulator-tests task integration sanity awx eda browser benchmark docs docs-lint role-options wait-table source-options simulator-tables changelog-lint package build simulator pictures lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

setup: ## Make all environments in .venv (again only what has changed)
	@$(TOOLS).environments

demo: ## Show the gate: a playbook that waits for a simulated campaign, then goes on with the devices
	@$(TOOLS).environments demo
	@.venv/demo/bin/python tests/demo/run.py

test: ## Run every check on every lane, and close with a summary
	@$(TOOLS).checks

quick: ## ruff, mypy and the unit tests without the slow ones: under a minute, in one environment
	@$(TOOLS).checks quick

lint: ## ruff, mypy, reuse, yamllint, shellcheck, ansible-lint, the files for the forge, and whether tables are up to date
	@$(TOOLS).checks lint

format: ## Let ruff put the Python code in order
	@$(TOOLS).environments dev
	@.venv/dev/bin/ruff check --fix .
	@.venv/dev/bin/ruff format .

unit: ## Unit tests
	@$(TOOLS).checks unit

coverage: ## How much of plugins/ the tests run, by branch; takes half an hour
	@$(TOOLS).environments dev target-3.9
	@$(TOOLS).coverage

client: ## The client over HTTP, with the newest and the oldest libraries
	@$(TOOLS).checks client

simulator-tests: ## The simulator: with plain requests, the official SDK, and its OpenAPI description
	@$(TOOLS).checks simulator_tests

task: ## A task from its options to its result, against the simulator
	@$(TOOLS).checks task

integration: ## Integration tests, once for each ansible-core lane
	@$(TOOLS).checks integration

sanity: ## ansible-test sanity for each ansible-core lane, and the unit tests on Python 3.9
	@$(TOOLS).checks sanity

role-options: ## Write the options of the role from those of the module
	@$(TOOLS).environments dev
	@cd tests && ../.venv/dev/bin/python -m tools.role_options

wait-table: ## Write the table of looks and delays in docs/waiting.md
	@$(TOOLS).environments dev
	@cd tests && ../.venv/dev/bin/python -m tools.wait_table

source-options: ## Write the table of options in docs/event_source.md
	@$(TOOLS).environments dev
	@cd tests && ../.venv/dev/bin/python -m tools.source_options

simulator-tables: ## Write the tables in docs/simulator_reference.md
	@$(TOOLS).environments dev
	@cd tests && ../.venv/dev/bin/python -m tools.simulator_tables

docs: ## Build the documentation site into dist/site
	@$(TOOLS).environments site
	@cd tests && PYTHONDONTWRITEBYTECODE=1 ../.venv/site/bin/python -m tools.site

docs-lint: ## The documentation of the plugins, and whether the docs say what is so
	@$(TOOLS).checks docs-lint

changelog-lint: ## The changelog fragments
	@$(TOOLS).checks changelog-lint

package: ## Tests of the built tarball
	@$(TOOLS).checks package

awx: ## AWX's own code, ansible-runner and the modules of awx.awx with what is shipped for AWX
	@$(TOOLS).checks awx

eda: ## ansible-rulebook with what is shipped for Event-Driven Ansible
	@$(TOOLS).checks eda

browser: ## The report in a browser: both themes, wide and narrow, without scripts, with hostile texts
	@$(TOOLS).checks browser

build: ## Build the collection's tarball into dist
	@$(TOOLS).environments dev site
	@$(TOOLS).collection

simulator: ## Run the ThingSpace simulator (options: make simulator ARGS="--port 8080")
	@$(TOOLS).environments demo
	@PYTHONPATH=tests exec .venv/demo/bin/python -m simulator $(ARGS)

benchmark: ## Measure waits beside uri, the official SDK and the floor (options: make benchmark ARGS=--quick)
	@$(TOOLS).environments dev
	@cd tests && PYTHONDONTWRITEBYTECODE=1 ../.venv/dev/bin/python -m benchmark $(ARGS)

pictures: ## Draw the pictures in docs/images from real runs
	@$(TOOLS).environments dev demo browser
	@cd tests && PYTHONDONTWRITEBYTECODE=1 ../.venv/dev/bin/python -m tools.pictures
	@cd tests && PYTHONDONTWRITEBYTECODE=1 ../.venv/browser/bin/python -m tools.screenshots

lock: ## Lock the newest versions that requirements/*.in allow
	@$(TOOLS).lock

clean: ## Remove everything that the other targets made
	rm -rf .venv .logs .mypy_cache .pytest_cache .ruff_cache .hypothesis dist .ansible
