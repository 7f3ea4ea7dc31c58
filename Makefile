# The two commands of the README, and what contributors use every day. Everything real is in tools/ and in `kith`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo serve setup test lint fmt bench pictures words

demo: setup        ## the filled sample company on http://127.0.0.1:8000
	@exec $(BIN)/kith demo --serve

serve: setup       ## Kith without the sample company
	@exec $(BIN)/kith serve

setup:             ## environment, pinned packages, front-end packages
	@$(PYTHON) tools/setup.py

test: setup-dev    ## everything that is checked before a change is accepted
	@$(BIN)/python tools/check.py

lint: setup-dev    ## the linters alone
	@$(BIN)/python tools/check.py --lint

fmt: setup-dev     ## format, and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

pictures: setup-dev ## the pictures of the user's guide, taken of the running product
	@$(BIN)/python -m pip install --quiet -r tools/requirements-pictures.txt
	@$(BIN)/python tools/pictures.py

words: setup-dev   ## the catalogues of what customers read, gathered from the code and compiled
	@$(BIN)/python tools/words.py

bench: setup-dev   ## the table of docs/performance.md, measured here
	@$(BIN)/python -m benchmarks

.PHONY: setup-dev
setup-dev:
	@$(PYTHON) tools/setup.py --dev
