# Everything that one does with Otto. `make` alone lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
# a relative path in REVIEWS is meant from where make was called; -C sets the flag w and leaves PWD as it was
export OTTO_CALLER := $(if $(findstring w,$(firstword -$(MAKEFLAGS))),$(PWD),$(CURDIR))

.PHONY: help setup demo up down cluster cluster-down test-cluster test-grid status logs clean test test-fast lint types fmt bench bakeoff lock replay rollback unhold migrations audit

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

.venv/bin/python:
	@echo "Otto is not set up here; run \`make setup\` first" >&2; exit 1

setup: ## Prepare .venv, Chromium and a Korean font (a second run takes a second)
	@local/setup/setup.sh

demo: setup ## Everything once: malls, scraping, warehouse, model, release, web page. REVIEWS=path.csv[.gz] for real reviews
	@$(PYTHON) -m local demo $(if $(REVIEWS),--reviews "$(REVIEWS)")

up: setup ## Start the embedded stack
	@$(PYTHON) -m local up

down: .venv/bin/python ## Stop it; its state stays
	@$(PYTHON) -m local down

cluster: setup ## The stack as a web node and two worker nodes, Celery and a broker between them
	@local/setup/setup.sh cluster
	@$(PYTHON) -m local cluster

cluster-down: down ## Stop the cluster; its state stays

status: .venv/bin/python ## What runs, whether it works, what is live
	@$(PYTHON) -m local status || true

logs: .venv/bin/python ## Follow the logs. SERVICE=name for one
	@$(PYTHON) -m local logs $(SERVICE)

clean: .venv/bin/python ## Stop the stack and remove all its state. YES=1 does not ask
	@$(PYTHON) -m local clean $(if $(YES),--yes)

test: setup lint types ## Lint, format, types, all tests but test-cluster and test-grid
	@$(PYTHON) -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=25

test-cluster: setup ## What dies in a cluster in the middle of a run: some minutes, and a broker is needed
	@local/setup/setup.sh cluster
	@$(PYTHON) -m pytest -q -m cluster tests/cluster --durations=10

test-grid: setup ## A Selenium Grid in the place of the workers' own browsers. SELENIUM_SERVER=path of its jar; needs a Java
	@OTTO_SELENIUM_SERVER="$(abspath $(SELENIUM_SERVER))" $(PYTHON) -m pytest -q -m grid tests/include/scrapers

test-fast: setup ## The tests that start no server, browser or scheduler
	@$(PYTHON) -m pytest -q -m "not slow"

lint: setup ## ruff: faults and format
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

types: setup ## mypy over include/, ml/ and infra/
	@.venv/bin/mypy

audit: setup ## Known vulnerabilities of what the lock installs (needs the network; static rules are in lint)
	@$(PYTHON) -m local.audit

fmt: setup ## Format, and mend what ruff can mend
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

bench: setup ## Measure speed and memory; writes bench/results/latest.json. FULL=1 for the large ones
	@$(PYTHON) -m bench $(if $(FULL),--full)

bakeoff: setup ## The size model against the first system's models. REVIEWS=path.csv[.gz], OUT=path.json PICTURES=folder
	@[ -n "$(REVIEWS)" ] || { echo "name a file of reviews: make bakeoff REVIEWS=path.csv[.gz]" >&2; exit 2; }
	@local/setup/setup.sh bakeoff
	@cd "$$OTTO_CALLER" && PYTHONPATH="$(CURDIR)" "$(CURDIR)/.venv-bakeoff/bin/python" -m ml.bakeoff \
		--reviews "$(REVIEWS)" --out "$(or $(OUT),bakeoff.json)" $(if $(PICTURES),--pictures "$(PICTURES)")

lock: setup ## Resolve requirements.in anew into requirements.lock
	@local/setup/lock.sh

replay: setup ## A past day again from its raw pages. RUN_DATE=YYYY-MM-DD
	@$(PYTHON) -m local replay "$(RUN_DATE)"

rollback: setup ## Make the release before the live one live again, or RELEASE=id. REASON=text HOLD=1
	@$(PYTHON) -m local rollback $(if $(RELEASE),--release "$(RELEASE)") $(if $(REASON),--reason "$(REASON)") $(if $(HOLD),--hold)

migrations: .venv/bin/python ## Which migrations the serving database has, and since when
	@$(PYTHON) -m local migrations

unhold: setup ## Let publications become live again after a hold
	@$(PYTHON) -m local unhold

# from a commit to the nodes
.PHONY: release upload-release deploy lambda check-infra

release: .venv/bin/python ## Build the release of a commit: its archive, manifest and name. COMMIT=HEAD
	@$(PYTHON) -m infra.release build --commit "$${COMMIT:-HEAD}"

upload-release: .venv/bin/python ## Build a release and put it into OTTO_RELEASE_BUCKET
	@$(PYTHON) -m infra.release upload --commit "$${COMMIT:-HEAD}"

deploy: .venv/bin/python ## Have the Lambda bring the built release to the nodes, or ROLL_BACK_TO=commit
	@$(PYTHON) -m infra.release deploy $${ROLL_BACK_TO:+--roll-back-to "$$ROLL_BACK_TO"}

lambda: .venv/bin/python ## Build the Lambda's zip file
	@$(PYTHON) -m infra.release lambda

check-infra: setup ## Faults of the workflows (zizmor, actionlint if it is here) and of the CloudFormation templates
	@infra/check.sh
