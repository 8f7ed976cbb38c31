# Everything a person does with a checkout. `make` alone lists it.
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
SITE ?= data_samples/site
export DAGSTER_HOME := $(CURDIR)/dagster_home

help: ## list the commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# The environment is remade when a lock changes. uv comes from the package index through pip.
$(VENV)/run.stamp: requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.8"
	@echo "installing the locked dependencies (about a minute, first time only)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements-dev.txt
	@touch $@

run: $(VENV)/run.stamp ## close every night that is due on the sample site
	@$(BIN)/recon run --site $(SITE); code=$$?; \
	  test $$code -eq 0 -o $$code -eq 4  # 4: done, with records in quarantine; the sample plants some

ui: $(VENV)/run.stamp ## open the Dagster UI on the sample site
	@$(BIN)/recon ui --site $(SITE)

# Several tests at once have both cores: a thread each is a tenth quicker than threads that wait for each
# other. Modules are compiled once for all workers, and for the nights that tests start.
test: $(VENV)/dev.stamp ## install what the tests need and pass them
	@tests/install-system-packages
	@PYTHONDONTWRITEBYTECODE= POLARS_MAX_THREADS=1 $(BIN)/python -m pytest

lint: $(VENV)/dev.stamp ## ruff, mypy, sqlfluff, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar recon
	@$(BIN)/lint-imports

lock: $(VENV)/dev.stamp ## compile the requirements from pyproject.toml
	@$(BIN)/python tests/lock.py

docs: $(VENV)/run.stamp ## write the generated pages of docs/ again
	@$(BIN)/python docs/generate.py

bench: $(VENV)/run.stamp ## what a night of a million order lines costs (BENCH_LINES=… for another size)
	@$(BIN)/python benchmarks/night.py --order-lines $(or $(BENCH_LINES),1000000)

bench-x12: $(VENV)/run.stamp ## what reading X12 costs beside other ways, 50 MB and 1 GB (BENCH_X12=--quick for 10 MB)
	@$(BIN)/python benchmarks/x12/compare.py $(BENCH_X12)

bench-hl7: $(VENV)/run.stamp ## what reading HL7 charges costs beside other ways (BENCH_HL7=--quick for 20,000 messages)
	@$(BIN)/python benchmarks/hl7/compare.py $(BENCH_HL7)

bench-match: $(VENV)/dev.stamp ## what the match costs beside its floor and pandas (BENCH_MATCH="--millions 1 5 20")
	@$(BIN)/python benchmarks/match/compare.py $(BENCH_MATCH)

bench-usage: $(VENV)/dev.stamp ## what use against charges costs beside its floor and pandas (BENCH_USAGE=--quick for less)
	@$(BIN)/python benchmarks/usage_charge/compare.py $(BENCH_USAGE)

.PHONY: help run ui test lint lock docs bench bench-x12 bench-hl7 bench-match bench-usage
