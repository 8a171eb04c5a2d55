# Each goal sets up first what it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup packages gate test prove bench soak images lint clean

help: ## List the goals
	@sed -n 's/^\([a-z]*\):.*## /  make \1@/p' $(MAKEFILE_LIST) | awk -F@ '{printf "%-14s %s\n", $$1, $$2}'

setup: packages ## Make .venv from the lock file and get the servers that are missing
	@$(BIN)/golive doctor --fix

gate: setup ## Start the reference deployment, gate it, stop it: the quick profile
	@$(BIN)/golive run --profile quick

# What needs the machine for itself comes behind the rest: waiting for each other in between would
# leave both processes idle. So would files of few but long tests at the end, where xdist puts them.
test: setup ## Run every test, two at a time
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m 'not alone'; together=$$?; \
	$(BIN)/python -m pytest -m alone && exit $$together

prove: setup ## Run the long proofs: large files, ten thousand notifications, every seeded defect, servers that stall
	@$(BIN)/python -m pytest -s tests/*/prove_*.py

bench: setup ## Measure, as ratios
	@$(BIN)/python -m pytest -s tests/*/bench_*.py

soak: setup ## Work through the whole go-live list on a deployment of its own: two hours
	@$(BIN)/python -m pytest -s tests/*/soak_*.py

images: setup ## Build the container images: the service's, and stand-ins for official ones
	@sh infra/images/build.sh $(BIN)/python

lint: packages ## Run the linters and the type checker
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell harness reference_app scenarios infra docs README.md
	$(BIN)/interrogate -q harness reference_app scenarios reports infra

clean: ## Remove the environment, caches and build output; runs/ stays
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Compiled once: where PYTHONDONTWRITEBYTECODE is set, each start of golive and of a server would
# compile all of it again, a third of its time.
packages:
	@sh infra/native/setup.sh "$(PYTHON)" $(VENV)
	@$(BIN)/python -m compileall -q harness reference_app infra scenarios chaos reports
