# What one does while working on SongNet: `make` lists it.
.PHONY: help setup check lint types rooms format quick test

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

setup: ## installs all that the project needs into this environment, and git's hooks
	python -m pip install -r tests/requirements.txt
	python -m pip install --no-deps musicnn==0.1.0
	python -m pip install --no-deps --editable .
	pre-commit install

check: lint types rooms ## everything that runs no code: style, types, the order of the rooms

lint: ## ruff
	ruff check .
	ruff format --check .

types: ## pyright
	pyright

rooms: ## import-linter: no room imports one above it
	lint-imports --no-cache --no-logo

format: ## what ruff can mend by itself
	ruff check --fix .
	ruff format .

quick: ## the tests without a browser and without those that take long: under two minutes
	python -m pytest -n 2 --dist worksteal -m "not browser and not slow"

test: ## all tests
	python -m pytest -n 2 --dist worksteal
