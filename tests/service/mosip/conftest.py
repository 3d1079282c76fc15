"""MOSIP's SDK in front of the real services, and the schemas of MOSIP's compliance kit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import validator_for

from infra.settings import Settings
from tests.support.mosip.sdk import Client, running_sdk

KIT = Path(__file__).parents[4] / "shared" / "vectors" / "mosip-ctk" / "sdk"
Check = Callable[[str, dict[str, Any]], None]


@pytest.fixture(scope="session")
def sdk(address: str) -> Iterator[Client]:
    """A client of the adapter."""
    with running_sdk(Settings(adapter_port=0, adapter_fusion_target=address, drain_s=0.1)) as client:
        yield client


@pytest.fixture(scope="session")
def valid() -> Check:
    """Checks an answer against a schema of the kit, by its name; the test is skipped without the kit."""
    if not KIT.is_dir():
        pytest.skip("../shared/vectors/mosip-ctk is not there")

    @cache
    def validator(name: str) -> Any:
        schema = json.loads((KIT / f"{name}Schema.json").read_text())
        return validator_for(schema)(schema)

    return lambda name, answer: validator(name).validate(answer)
