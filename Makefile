# Everything a fresh clone needs; `make help` lists it. Python 3.11 to 3.13.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help venv docs demo serve check test test-rest test-all test-durations lint bench \
  soak clean

VENV := .venv
RUN := $(VENV)/bin/python
DEMO := demo/run
# A demo that an older version began goes on with the set it began with.
PAIRED := $(if $(wildcard $(DEMO)/data.json),$(shell \
  grep -q '_paired"' $(DEMO)/data.json && echo _paired),_paired)
CREATURES := r32_c8_n8000_s0$(PAIRED)
# The first Python that TensorFlow 2.21 has a build for.
FITS := 'import sys; exit(not (3, 11) <= sys.version_info < (3, 14))'
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
  "$$p" -c $(FITS) 2>/dev/null && echo "$$p" && break; done)

# $(call step,NUMBER,WHAT,COMMAND): says what, does it, says how long it took.
define step
@printf '\n[%s/7] %s\n' '$(1)' '$(2)'; begin=$$(date +%s); $(3) || exit $$?; \
  printf '[%s/7] done in %d s\n' '$(1)' $$(($$(date +%s) - begin))
endef

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

venv: $(VENV)/.installed  ## make .venv and install everything into it

$(VENV)/.installed: setup.py
	@'$(PYTHON)' -c $(FITS) 2>/dev/null || { \
	  echo 'Expected Python 3.11, 3.12 or 3.13. Received:' \
	  "'$(PYTHON)' $$('$(PYTHON)' --version 2>/dev/null)." \
	  'Install one, or name it: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@echo 'Setting up $(VENV) with $(PYTHON): about 1 GB, a few minutes.'
	'$(PYTHON)' -m venv $(VENV)
	$(VENV)/bin/pip install --disable-pip-version-check -e '.[dev]'
	@touch $@

demo:  ## draw data, train, evaluate, export, translate: 12 to 22 minutes, 2 cores
	@echo 'Draws 8,000 pictures of 8 species, trains a translator, measures'
	@echo 'it, and draws a sheet. Stop it whenever you like: the next make'
	@echo 'demo goes on from there. It took 12 and 22 minutes on two cores of'
	@echo 'two machines; its first training steps tell how long it takes here.'
	$(call step,1,Set up $(VENV),$(MAKE) venv)
	$(call step,2,Draw Creatures: 8 species at 32 px,\
	  $(RUN) -m data_prep.prepare --dataset=creatures --num_classes=8 \
	  --num_images=8000 --resolution=32 --data_dir=data \
	  $(if $(PAIRED),--paired_test))
	$(call step,3,Train (resumes where it was interrupted),\
	  $(RUN) docs/demo_pace.py $(DEMO) & $(RUN) -m deepi2i_tf.train --flagfile=flags/demo.cfg \
	  --data_config=$(CREATURES) --run_dir=$(DEMO))
	$(call step,4,Evaluate on held-out sources,\
	  $(RUN) -m deepi2i_tf.evaluate --run_dir=$(DEMO))
	$(call step,5,Export a SavedModel,\
	  $(RUN) -m deepi2i_tf.export --run_dir=$(DEMO) \
	  --output=demo/exported --overwrite)
	$(call step,6,Lay out held-out pictures,rm -rf demo/photos && \
	  $(RUN) -m data_prep.extract --data_dir=data --dataset=creatures \
	  --config=$(CREATURES) --split=test --num=8 --output=demo/photos)
	$(call step,7,Translate them into every species,\
	  $(RUN) -m deepi2i_tf.translate --model=demo/exported \
	  --input=demo/photos --target=all --output=demo/sheet.png --overwrite)
	@echo "Numbers: $(CURDIR)/$(DEMO)/report/metrics.json. The sheet:"
	@echo "$(CURDIR)/demo/sheet.png"

serve: venv  ## after make demo: its model and a page, at the address it prints
	@test -e demo/exported/saved_model.pb || { \
	  echo 'Expected the model of the demo in demo/exported. Received:' \
	    'nothing there. Run make demo first.' >&2; exit 1; }
	$(RUN) -m deepi2i_tf.serve --model=demo/exported --name=demo

# Two workers; the tests of a file stay together, and so its fixtures.
PYTEST := $(RUN) -m pytest -n 2 --dist=loadscope

check: venv  ## run the tests that need no TensorFlow: seconds
	$(PYTEST) --check -m 'not slow' --ignore=tests/end_to_end

test: venv  ## run the tests but the slowest
	$(PYTEST) -m 'not slow' --budget=150

test-rest: venv  ## run the tests that `make test` leaves out
	$(PYTEST) -m slow

test-all: venv  ## run every test
	$(PYTEST) --budget=320

test-durations: venv  ## run every test and write the table of tests/README.md
	$(PYTEST) --write_durations

docs: venv  ## write the pages and the API reference to build/site, links checked
	$(RUN) docs/pages.py build/pages
	$(VENV)/bin/mkdocs build --quiet --strict
	@echo "$(CURDIR)/build/site/index.html"

lint: venv  ## ruff, format, import floors
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --no-logo

bench: venv  ## speed and memory here, as ratios: 45 minutes, 2 cores
	$(RUN) tests/benchmarks/step_time.py --json
	$(RUN) -m tests.benchmarks.inference --json
	$(RUN) -m tests.benchmarks.input_time --json --most_ratio=inf
	$(RUN) -m tests.benchmarks.start_time --json
	$(RUN) -m tests.benchmarks.switches --json
	$(RUN) -m tests.benchmarks.loss_cost --json
	$(RUN) -m tests.benchmarks.monitor_cost
	$(RUN) -m tests.benchmarks.growth --json
	$(RUN) -m tests.benchmarks.memory_estimate --json --most_error=inf
	$(RUN) -m tests.benchmarks.input_pipeline --json
	$(RUN) -m tests.benchmarks.preparation --json
	$(RUN) -m tests.benchmarks.serving --json

soak: venv  ## kill one run twenty times, stop a server two hundred: 50 minutes
	$(RUN) -m tests.end_to_end.soak --kills=20
	$(RUN) -m tests.benchmarks.flat_memory --json
	$(RUN) -m tests.end_to_end.serving_soak

clean:  ## remove what `make demo` made; data/ and .venv stay
	rm -rf demo
