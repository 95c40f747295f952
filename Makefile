# Everything goes through the environment in .venv, which `make` keeps equal to the locks.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || echo python3)
RUN = .venv/bin/python -m

.PHONY: run test bench lint reset

run:
	@$(PYTHON) -m fleet.provision run
	@$(RUN) fleet.run

test:
	@$(PYTHON) -m fleet.provision test
	@VAR_DIR=$${VAR_DIR:-var/test} $(RUN) fleet.services -- $(RUN) pytest -n 4 --dist loadscope --no-loadscope-reorder $(ONLY)

bench:
	@$(PYTHON) -m fleet.provision test
	@VAR_DIR=$${VAR_DIR:-var/bench} $(RUN) fleet.services -- $(RUN) tests.bench $(ARGS)

lint:
	@$(PYTHON) -m fleet.provision test
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

reset:
	@$(PYTHON) -m fleet.reset
