# Flightboard's commands. `make run` and `make test` need nothing but Python 3.11+ and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

export PLATFORM_PORT ?= 8090
export DASHBOARD_PORT ?= 8080
export FLIGHTBOARD_HOME ?= .flightboard

.PHONY: help run test test-servers check format bench clean

help:
	@echo "make run     start the local platform and the dashboard, with examples"
	@echo "make test    run every test, the browser's among them"
	@echo "make test-servers  the dashboard's tests on real PostgreSQL, Redis and nginx"
	@echo "make check   format, lint and types"
	@echo "make format  rewrite the code in the house's format"
	@echo "make bench   measure, print the table, fail when a budget is missed (BENCH=--help)"
	@echo "make clean   delete the environments and the data of make run"

run: $(VENV)/.run
	@exec $(BIN)/python scripts/run.py

test: $(VENV)/.test .venv-sdk/.ready
	@sh scripts/find-chromium.sh >/dev/null
	@CHROMIUM="$$(sh scripts/find-chromium.sh)" $(BIN)/python -m pytest $(TESTS)

test-servers: $(VENV)/.test .venv-sdk/.ready
	@sh scripts/find-chromium.sh >/dev/null
	@sh scripts/find-servers.sh
	@CHROMIUM="$$(sh scripts/find-chromium.sh)" $(BIN)/python scripts/test_with_servers.py $(TESTS)

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy remote_client local_platform dashboard scripts bench
	$(BIN)/python manage.py check
	$(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.run
	@exec $(BIN)/python -m bench $(BENCH)

clean:
	rm -rf $(VENV) .venv-sdk $(FLIGHTBOARD_HOME) .pytest_cache .mypy_cache .ruff_cache

$(VENV)/.made:
	@sh scripts/make-venv.sh $(PYTHON) $(VENV)
	@touch $@

$(VENV)/.run: requirements.txt $(VENV)/.made
	@echo "Installing what Flightboard runs on (once)"
	@$(PIP) install --quiet -r requirements.txt
	@touch $@

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
	@echo "Installing what the tests need (once)"
	@$(PIP) install --quiet -r requirements-dev.txt
	@touch $@

# The tests' client is an installation of PyPI's flyte alone, as its users have it.
.venv-sdk/.ready: requirements-sdk.txt
	@echo "Installing the Flyte SDK on its own for the tests (once)"
	@sh scripts/make-venv.sh $(PYTHON) .venv-sdk
	@.venv-sdk/bin/python -m pip --disable-pip-version-check install --quiet -r requirements-sdk.txt
	@touch $@
