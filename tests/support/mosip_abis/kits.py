"""The schemas and cases of MOSIP's two kits, where they are: ../shared/vectors/mosip-atk and mosip-ctk."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema.validators import validator_for

VECTORS = Path(__file__).parents[4] / "shared" / "vectors"
OLDER, NEWER = VECTORS / "mosip-atk", VECTORS / "mosip-ctk" / "abis"
_SUCCESS = "1"


def need(folder: Path) -> None:
    """Skip the test where a kit is not there."""
    if not folder.is_dir():
        pytest.skip(f"../shared/vectors/{folder.relative_to(VECTORS)} is not there")


def cases() -> list[dict[str, Any]]:
    """The older kit's cases; none where it is not there."""
    path = OLDER / "test_cases.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return found


@cache
def _validator(path: Path) -> Any:
    schema = json.loads(path.read_text(encoding="utf-8"))
    return validator_for(schema)(schema)


def check_request(message: dict[str, Any]) -> None:
    """Fail if the compliance kit would not send such a request."""
    operation = message["id"].removeprefix("mosip.abis.")
    _validator(NEWER / f"{operation.title()}RequestSchema.json").validate(message)


def check(asked: dict[str, Any], answer: dict[str, Any]) -> None:
    """Fail if an answer is none to its request, or is one that a kit does not accept, where that is."""
    assert asked["requestId"] == answer["requestId"]
    assert datetime.fromisoformat(answer["responsetime"])
    operation = answer["id"].removeprefix("mosip.abis.")
    is_success = answer["returnValue"] == _SUCCESS
    assert is_success == ("failureReason" not in answer)
    names = [re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", operation) + "_response.json"]
    schemas = [OLDER / name for name in names]
    if operation in ("insert", "identify"):
        schemas.append(NEWER / f"{operation.title()}{'' if is_success else 'Error'}ResponseSchema.json")
    for each in schemas:
        if each.exists():
            _validator(each).validate(answer)
