"""The interface's own file, where it is: it says which answers each operation may give."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from jsonschema import Draft4Validator

FILE = Path(__file__).parents[3].parent / "shared" / "vectors" / "osia" / "abis.yaml"


def path() -> Path:
    """Where it is; the test is skipped where it is not there."""
    for each in (FILE, *(folder / "shared/vectors/osia/abis.yaml" for folder in FILE.parents)):
        if each.exists():
            return each
    pytest.skip("needs ../shared/vectors/osia/abis.yaml, which is not there")


@cache
def interface() -> dict[str, Any]:
    """What the file holds; the test is skipped where it is not there."""
    found: dict[str, Any] = yaml.safe_load(path().read_text(encoding="utf-8"))
    return found


def check(answer: httpx.Response) -> None:
    """Fail if the file does not allow this answer to its request."""
    asked = answer.request.url.path
    for template, methods in interface()["paths"].items():
        shape = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(shape, asked) and answer.request.method.lower() in methods:
            documented = methods[answer.request.method.lower()]["responses"]
            break
    else:
        raise AssertionError(f"no operation of the file: {answer.request.method} {asked}")
    assert str(answer.status_code) in documented, answer.text[:300]
    content = documented[str(answer.status_code)].get("content", {})
    if "application/json" in content and answer.headers.get("content-type") == "application/json":
        check_body(answer.json(), content["application/json"]["schema"])


def check_body(body: Any, schema: dict[str, Any]) -> None:
    """Fail if a body is not of a schema of the file."""
    whole = {"allOf": [schema], "components": interface()["components"]}
    assert [] == [f"{list(each.path)}: {each.message[:200]}" for each in Draft4Validator(whole).iter_errors(body)]
