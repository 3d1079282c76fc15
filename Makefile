# Each target makes the environment it needs from Python 3.11+, make and the package registries.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip --quiet
PROTOS := $(shell cd protos && find biofusion -name '*.proto' | sort)
ENROLLED ?=

.PHONY: help demo test check format bench serve proto proto-check models lock k8s clean

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

lock: $(VENV)/dev.stamp ## resolve the dependencies anew and pin them with hashes
	@for set in "build --group pyproject.toml:build" "runtime pyproject.toml --extra cluster" "dev pyproject.toml --all-extras"; do \
	  name=$${set%% *}; \
	  $(BIN)/uv pip compile $${set#* } --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate --no-emit-package biofusion --native-tls --quiet -o locks/$$name.lock; \
	done

GOOGLEAPIS := build/googleapis/google/api/field_behavior.proto
$(GOOGLEAPIS): $(VENV)/dev.stamp
	@mkdir -p $(@D)
	@cp "$$($(BIN)/python -c 'import google.api, pathlib; print(pathlib.Path(list(google.api.__path__)[0]) / "field_behavior.proto")')" $@

GEN ?= gen
proto: $(GOOGLEAPIS) ## lint protos/ and generate gen/ from it
	@$(BIN)/buf lint protos && $(BIN)/buf format -w protos
	@$(MAKE) --no-print-directory generate

.PHONY: generate
generate: $(GOOGLEAPIS)
	@rm -rf $(GEN)/biofusion && mkdir -p $(GEN)
	@PATH="$(BIN):$$PATH" $(BIN)/python -m grpc_tools.protoc -Iprotos -Ibuild/googleapis \
	  --python_out=$(GEN) --grpc_python_out=$(GEN) --mypy_out=quiet:$(GEN) --mypy_grpc_out=quiet:$(GEN) $(PROTOS)
	@cd protos && cp --parents biofusion/fusion/v1/fusion_grpc_service_config.json $(abspath $(GEN))
	@find $(GEN)/biofusion -type d -exec touch {}/__init__.py \;
