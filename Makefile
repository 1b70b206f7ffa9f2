# The course from the command line. `make` alone lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PY := .venv/bin/python
SEEDS ?= 10

# One thread a kernel, quiet libraries; tools set the same for the kernels that they start.
export OMP_NUM_THREADS ?= 1
export TF_NUM_INTRAOP_THREADS ?= 1
export TF_NUM_INTEROP_THREADS ?= 1
export TF_ENABLE_ONEDNN_OPTS ?= 0
export TF_CPP_MIN_LOG_LEVEL ?= 3
export PYTHONHASHSEED ?= 0

.PHONY: help
help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' \
	  | awk -F'|' '{ printf "  \033[1mmake %-16s\033[0m %s\n", $$1, $$2 }'

# ---- for readers

.PHONY: setup
setup:  ## create .venv with the pinned requirements; mends a half-made one (PYTHON=, PIP_ARGS=)
	@tools/setup.sh

.PHONY: lab
lab: setup  ## open JupyterLab on the first chapter
	@first=$$(ls chapters/*.ipynb 2>/dev/null | grep -v '\.mine-' | head -n 1 || true); \
	  if [ "$$(id -u)" = 0 ]; then root=--allow-root; fi; \
	  export JUPYTER_CONFIG_PATH="$(CURDIR)/tools/lab$${JUPYTER_CONFIG_PATH:+:$$JUPYTER_CONFIG_PATH}"; \
	  exec .venv/bin/jupyter lab $${root:-} --ServerApp.root_dir=. \
	    --LabApp.default_url="/lab/tree/$${first:-intro.md}"

.PHONY: book
book: setup  ## build the site into _build/html: what changed, or all of it after a failure
	@$(PY) tools/book.py

.PHONY: teachers
teachers: setup  ## build the site with the answers to the exam questions, into _build/teachers
	@$(PY) tools/book.py --teachers

.PHONY: slides
slides: setup  ## build the decks of the lectures into _build/html/slides, each as PDF, too (NB=04 for one)
	@$(PY) tools/build_slides.py $(if $(NB),--only $(NB))

.PHONY: pdf
pdf: book  ## print the whole book as one PDF into _build/pdf (needs Chromium)
	@$(PY) tools/pdf.py

.PHONY: doctor
doctor: setup  ## can this machine run the course, and if not, what to do
	@$(PY) -m rnncourse doctor

# ---- for teachers

COURSE ?= assignments

.PHONY: assignments
assignments: setup  ## make nbgrader assignments of the exercises, in assignments/ (NB= for one)
	@$(PY) tools/assign.py --course "$(COURSE)" $(if $(NB),--only $(NB))

.PHONY: grade
grade: setup  ## grade what lies in assignments/submitted/; goes on where it was stopped (NB=, JOBS=2)
	@$(PY) tools/grade.py --course "$(COURSE)" $(if $(NB),--only $(NB)) $(if $(JOBS),--jobs $(JOBS))

.PHONY: formgrader
formgrader: setup  ## open nbgrader's own pages on the assignments: grade by hand, write remarks
	@if [ "$$(id -u)" = 0 ]; then root=--allow-root; fi; cd "$(COURSE)"; \
	  PATH="$(CURDIR)/.venv/bin:$$PATH" exec "$(CURDIR)/.venv/bin/jupyter" lab $${root:-} \
	    --LabApp.default_url=/formgrader

# ---- for authors

.PHONY: chapter
chapter: setup  ## execute chapter and exercises NB=04 where they changed (FORCE=1: in any case)
	@$(PY) tools/build_notebooks.py --only "$(or $(NB),$(error say which chapter: make chapter NB=04))" $(if $(FORCE),--force)
	@.venv/bin/ruff check --quiet $$(find chapters exercises -name '$(NB)*.ipynb' ! -name '*.mine-*')

.PHONY: notebooks
notebooks: setup  ## execute all notebooks that changed (FORCE=1: every one)
	@$(PY) tools/build_notebooks.py $(if $(FORCE),--force)

.PHONY: adopt
adopt: setup  ## take edits made in JupyterLab back into the source: NB=04
	@$(PY) tools/build_notebooks.py --adopt "$(or $(NB),$(error say which chapter: make adopt NB=04))" $(if $(FORCE),--force)

.PHONY: new
new: setup  ## start a chapter with its exercises: NAME=06_why_memory_fades
	@$(PY) tools/new_chapter.py "$(or $(NAME),$(error give a name: make new NAME=06_why_memory_fades))"

# ---- checks

.PHONY: check
check: setup  ## the fast checks: lint, notebooks in step with sources, unit tests
	@$(PY) tools/run_tests.py --fast

.PHONY: test
test: setup  ## everything that CI runs
	@$(PY) tools/run_tests.py

.PHONY: test-other-cpu
test-other-cpu: setup  ## the notebooks again, under emulated older instruction sets
	@ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE ONEDNN_MAX_CPU_ISA=SSE41 \
	  OPENBLAS_CORETYPE=Nehalem $(PY) tools/run_tests.py notebooks

.PHONY: robust
robust: setup  ## run chapters under SEEDS=10 shifted seeds, write the claims ledger (NB= for one)
	@$(PY) tools/robust.py --seeds $(SEEDS) $(if $(NB),--only $(NB))

.PHONY: bench
bench: setup  ## our cells against PyTorch's: a table of times
	@$(PY) tools/bench.py

.PHONY: bench-site
bench-site: setup  ## the site: weight and stillness of every page, times of two builds
	@$(PY) tools/bench_site.py

# ---- housekeeping

.PHONY: setup-browser
setup-browser:  ## install Chromium for the browser tests, where apt may do so
	@tools/setup_browser.sh

.PHONY: lock
lock: setup  ## renew constraints.txt from requirements.txt
	@$(PY) tools/lock.py

.PHONY: clean
clean:  ## remove what was built (not .venv, not notebooks)
	@rm -rf _build .cache .pytest_cache .ruff_cache .hypothesis
