# Each target makes the environment it needs. Required: Python 3.11 or newer, make, access to the package registries.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OLDEST := $(VENV)/oldest
SCAN := $(VENV)/scan
SCHEMA := $(VENV)/schema
SUPPLY := $(VENV)/supply
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip --quiet
PROTOS := $(shell cd protos && find biofusion -name '*.proto' | sort)
# The extras of each lock: adapters, console, fusion, gallery and matching for what has these names, cluster for those of shards, models
# for the build stage that hardens the models, runtime for `make demo`. dev.lock holds all of them, in the same versions.
ROLES := adapters cluster console fusion gallery matching models runtime
EXTRAS_adapters := adapters cli matching
EXTRAS_cluster := aws cluster matching telemetry
EXTRAS_console := cli console matching
EXTRAS_fusion := aws telemetry
EXTRAS_gallery := aws cli
EXTRAS_matching := aws matching telemetry
EXTRAS_models := models
EXTRAS_runtime := adapters cli console matching models telemetry
COMPILE = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --no-emit-package biofusion --native-tls --quiet
DATA ?=
NAMES ?=

.PHONY: help demo console test check format docs bench soak images serve proto generate breaking oldest models lock audit-locks dist release k8s clean

help: ## list the targets
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime.stamp: $(BIN)/python locks/build.lock locks/runtime.lock pyproject.toml
	@echo "installing the runtime environment …"
	@$(PIP) install --require-hashes -r locks/build.lock -r locks/runtime.lock 2> $(VENV)/pip.log || { cat $(VENV)/pip.log; exit 1; }
	@$(PIP) install --no-deps --no-build-isolation --editable . 2> $(VENV)/pip.log || { cat $(VENV)/pip.log; exit 1; }
	@touch $@

$(VENV)/dev.stamp: $(VENV)/runtime.stamp locks/dev.lock
	@echo "installing the development environment …"
	@$(PIP) install --require-hashes -r locks/dev.lock 2> $(VENV)/pip.log || { cat $(VENV)/pip.log; exit 1; }
	@touch $@

$(OLDEST)/stamp $(SCAN)/stamp $(SCHEMA)/stamp $(SUPPLY)/stamp: $(VENV)/%/stamp: $(BIN)/python locks/%.lock
	@echo "installing locks/$*.lock into an environment of its own …"
	@$(BIN)/python -m venv $(@D)
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(@D)/bin/python -m pip --quiet install --require-hashes -r locks/$*.lock 2> $(@D)/pip.log || { cat $(@D)/pip.log; exit 1; }
	@touch $@

demo: $(VENV)/runtime.stamp ## enrol and identify sample people; DATA=DIR builds the people from a directory
	@$(BIN)/biofusion demo $(if $(DATA),--data "$(DATA)")

console: $(VENV)/runtime.stamp ## open the console on the review case of the last `make demo`
	@$(BIN)/biofusion demo --console

serve: $(VENV)/runtime.stamp ## run all four services in one process
	@$(BIN)/biofusion serve

models: $(VENV)/runtime.stamp ## fetch, verify and list the models and the demo's images
	@$(BIN)/biofusion models --assets

test: $(VENV)/dev.stamp models ## run all tests; a thread of BLAS for each of the two workers, as more only take turns
	@OPENBLAS_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist loadfile

docs: $(VENV)/dev.stamp ## build the documentation into build/site; a broken link is an error
	@$(BIN)/python -m docsite
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --config-file build/mkdocs.yml
	@echo "build/site/index.html is built"

bench: $(VENV)/dev.stamp ## measure speed relative to reference implementations
	@$(BIN)/python -m benchmarks

soak: $(VENV)/dev.stamp $(SCHEMA)/stamp ## run the slow campaigns (load, outages, hostile files, erasure, …); NAMES="…" selects some
	@$(BIN)/python -m soak $(NAMES)

images: $(VENV)/dev.stamp models ## build the images twice without a daemon, and run them as pods; needs root on Debian 12
	@$(BIN)/python -m images

format: $(VENV)/dev.stamp ## format the code and apply automatic fixes
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/buf format -w protos --exclude-path protos/google

check: $(VENV)/dev.stamp ## check everything but the tests: format, lint, import layers, contracts, generated code, types, locks, manifests, docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/buf lint protos
	$(BIN)/buf format --diff --exit-code protos --exclude-path protos/google
	@$(MAKE) --no-print-directory breaking
	@$(MAKE) --no-print-directory generate GEN=build/gen
	diff -r -x __pycache__ gen/biofusion build/gen/biofusion
	@$(MAKE) --no-print-directory oldest
	$(BIN)/mypy
	@echo "the installed versions, which are the locked ones, satisfy pyproject.toml; the locks agree:"
	$(PIP) install --dry-run --no-index --no-build-isolation --editable '.[dev]'
	! grep -ho '^[^ ;]*==[^ ;]*' $(ROLES:%=locks/%.lock) | grep -vxF -f <(grep -o '^[^ ;]*==[^ ;]*' locks/dev.lock)
	@$(MAKE) --no-print-directory k8s
	@$(MAKE) --no-print-directory docs

OLDEST_KUBERNETES := 1.34
DEPLOYED := overlays/kind overlays/production overlays/cloud overlays/ray overlays/review overlays/adapters gallery
k8s: $(VENV)/dev.stamp $(SCAN)/stamp ## render k8s/ into build/k8s/, validate it, and scan it by checkov's policies
	@mkdir -p build/k8s
	@for folder in base $(DEPLOYED); do \
	  rendered=build/k8s/$${folder##*/}.yaml; \
	  $(BIN)/kubectl kustomize k8s/$$folder -o $$rendered; \
	  $(BIN)/kubernetes-validate --strict --quiet -k $(OLDEST_KUBERNETES) $$rendered 2>&1 | sort -u; \
	  echo "$$rendered is valid for Kubernetes $(OLDEST_KUBERNETES)"; \
	done
	@$(SCAN)/bin/checkov --skip-download --quiet --compact --framework kubernetes \
	  $(foreach folder,$(DEPLOYED),--file build/k8s/$(notdir $(folder)).yaml)

clean: ## remove what the other targets made, but keep the environment (.venv) and the models
	@rm -rf build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache
	@find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

lock: $(VENV)/dev.stamp ## pin the dependencies with hashes; delete locks/dev.lock first to take newer versions
	@$(COMPILE) pyproject.toml --extra dev -o locks/dev.lock
	@$(foreach role,$(ROLES),$(COMPILE) pyproject.toml $(EXTRAS_$(role):%=--extra %) -c locks/dev.lock -o locks/$(role).lock;)
	@$(foreach group,build oldest scan schema supply,$(COMPILE) --group pyproject.toml:$(group) -o locks/$(group).lock;)

audit-locks: $(SUPPLY)/stamp ## look up known vulnerabilities of all locked versions (osv.dev)
	@$(foreach lock,build dev oldest scan schema supply,echo "locks/$(lock).lock"; \
	$(SUPPLY)/bin/pip-audit --vulnerability-service osv --disable-pip --require-hashes --requirement locks/$(lock).lock;)

dist: $(VENV)/runtime.stamp ## build sdist and wheel of the commit in dist/, from the tree and from the sdist, which must be equal
	@test -z "$$(git status --porcelain)" || { echo "There are changes: a release is built from a commit."; exit 1; }
	@rm -rf dist build/dist && mkdir -p dist build/dist/tree
	@git archive HEAD | tar --extract --directory build/dist/tree
	@export SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct); hatchling=$(abspath $(BIN))/hatchling; dist=$(abspath dist); \
	version=$$($$hatchling version); \
	(cd build/dist/tree && SETUPTOOLS_SCM_PRETEND_VERSION_FOR_BIOFUSION=$$version $$hatchling build --directory $$dist 2> /dev/null); \
	tar --extract --directory build/dist --file dist/biofusion-$$version.tar.gz; \
	(cd build/dist/biofusion-$$version && $$hatchling build --directory ../again 2> /dev/null)
	@diff -r dist build/dist/again
	@cd dist && sha256sum * > SHA256SUMS && cat SHA256SUMS

release: audit-locks dist ## build what is signed and published of a tag: dist/ with bills of materials and SHA256SUMS
	@git describe --exact-match --match 'v[0-9]*' > /dev/null || { echo "Tag the commit first: git tag --sign v1.2.3"; exit 1; }
	@$(foreach role,$(ROLES),$(SUPPLY)/bin/cyclonedx-py requirements locks/$(role).lock --output-reproducible \
	  --output-file dist/biofusion-$(role).cdx.json 2> /dev/null;)
	@cd dist && rm SHA256SUMS && sha256sum * > SHA256SUMS && cat SHA256SUMS

GEN ?= gen
proto: $(VENV)/dev.stamp ## lint protos/ and generate gen/ from it
	@$(BIN)/buf lint protos && $(BIN)/buf format -w protos --exclude-path protos/google
	@$(MAKE) --no-print-directory generate

breaking: $(VENV)/dev.stamp ## check that protos/ breaks no client of the last release
	@tag=$$(git tag --list 'v*' --sort=-version:refname 2>/dev/null | head -n 1) || true; \
	if [ -n "$$tag" ]; then \
	  $(BIN)/buf breaking protos --against "$$(git rev-parse --git-common-dir)#tag=$$tag,subdir=protos"; \
	  echo "protos/ breaks nothing of $$tag"; \
	elif [ "$$(git rev-parse --is-shallow-repository 2>/dev/null)" = true ]; then \
	  echo "no tag in this shallow clone: nothing to compare protos/ with; 'git fetch --tags' brings the releases there are"; \
	else \
	  echo "no tag yet: nothing to compare protos/ with"; \
	fi

oldest: $(OLDEST)/stamp ## try gen/ on the oldest grpcio and protobuf that clients may have
	@PYTHONPATH=gen:. PYTHONDONTWRITEBYTECODE=1 $(OLDEST)/bin/python -W error -m tests.oldest

generate: $(OLDEST)/stamp
	@rm -rf $(GEN)/biofusion && mkdir -p $(GEN)
	@PATH="$(OLDEST)/bin:$$PATH" $(OLDEST)/bin/python -m grpc_tools.protoc -Iprotos \
	  --python_out=$(GEN) --grpc_python_out=$(GEN) --mypy_out=quiet:$(GEN) --mypy_grpc_out=quiet:$(GEN) $(PROTOS)
	@cd protos && cp --parents biofusion/fusion/v1/fusion_grpc_service_config.json $(abspath $(GEN))
	@find $(GEN)/biofusion -type d -exec touch {}/__init__.py \;
