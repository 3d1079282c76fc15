"""Commands of `biofusion gallery`, run in this process."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from cli.main import cli

PEOPLE = 70


def run(*words: object, exit_code: int = 0) -> Result:
    """Run a command of the group, which must exit with this code."""
    result = CliRunner().invoke(cli, ["gallery", *map(str, words)])
    assert exit_code == result.exit_code, result.output
    return result


def fields(*words: object, exit_code: int = 0) -> dict[str, Any]:
    """The JSON that a command prints."""
    found: dict[str, Any] = json.loads(run(*words, "--json", exit_code=exit_code).stdout)
    return found
