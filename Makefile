# Every verb does its own set-up; `make` alone prints them.
SHELL := /bin/bash
PY := .venv/bin/python
STAMP := .venv/.installed-$(shell cat requirements.lock requirements-dev.lock pyproject.toml | sha256sum | cut -c1-16)

.DEFAULT_GOAL := help
NAME ?= methanol-tank-farm
.PHONY: help setup demo run example test check format bench faults mutants clean lock devstack devstack-down

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: .venv/bin/hazardwatch  ## the program with its locked dependencies, in .venv

.venv/bin/hazardwatch: requirements.lock pyproject.toml
	python3 -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	touch $@

$(STAMP): requirements-dev.lock .venv/bin/hazardwatch
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

demo: setup  ## a simulated tank farm with everything running; ctrl-C ends it
	.venv/bin/hazardwatch demo

run: setup  ## the service: make run SITE=my-site.yaml
	.venv/bin/hazardwatch run $(SITE)

check: $(STAMP)  ## ruff, formatting, mypy strict, import directions
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

example: setup  ## an example's simulated day through the engine: make example NAME=chlorine-store
	$(PY) -m simulators.write_day examples/$(NAME) example-day/$(NAME)
	.venv/bin/hazardwatch replay examples/$(NAME)/site.yaml example-day/$(NAME)/readings.csv --commands example-day/$(NAME)/commands.jsonl

test: check  ## everything there is to test, after check
	python3 -m deploy.devstack base || [ "$$HAZARDWATCH_REQUIRE_SERVICES" != 1 ]
	$(PY) -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder  # those that wait for servers first

devstack:  ## real Mosquitto, Kafka (BROKERS=1 or 3) and TimescaleDB on loopback; addresses in .devstack/env
	@python3 -m deploy.devstack up

devstack-down:  ## end what `make devstack` started; data and downloads stay
	@python3 -m deploy.devstack down

bench: $(STAMP)  ## speed, beside a floor measured in the same run
	$(PY) -m benchmarks

faults: $(STAMP)  ## every fault we could think of, done to real servers and processes; writes docs/guarantees.md
	python3 -m deploy.devstack base
	$(PY) -m tests.faults

mutants: $(STAMP)  ## change what decides, see that a test notices: SAMPLE=200 SEED=1 ONLY=rules.judge. (default: all)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutants.lock
	nice $(PY) -m tests.mutants $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

format: $(STAMP)  ## let ruff lay out the code
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

lock: $(STAMP)  ## renew the locked versions (names, versions, hashes; no addresses)
	PATH="$(CURDIR)/.venv/bin:$$PATH" pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras --allow-unsafe --extra dev -o requirements-dev.lock pyproject.toml
	PATH="$(CURDIR)/.venv/bin:$$PATH" pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras --allow-unsafe -c requirements-dev.lock -o requirements.lock pyproject.toml
	PATH="$(CURDIR)/.venv/bin:$$PATH" pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras --allow-unsafe --extra mutants -c requirements-dev.lock -o requirements-mutants.lock pyproject.toml

clean:  ## forget the environment and the caches (never the data)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants *.egg-info
