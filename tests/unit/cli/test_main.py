from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from cli.main import COMMANDS, cli

NOBODY_LISTENS = "127.0.0.1:1"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    """Each row of the table has a command of that name with help."""
    result = CliRunner().invoke(cli, [name, "--help"])

    assert result.exit_code == 0
    assert f"biofusion {name}" in result.output


def test_help_lists_the_commands_and_the_exit_codes_without_loading_them() -> None:
    """Starting imports neither gRPC nor numpy."""
    script = "import sys\nfrom cli.main import cli\ntry: cli(['--help'])\nfinally: print(sorted(sys.modules))"

    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert all(name in shown for name in COMMANDS)
    assert "3  wrong usage" in shown
    assert "'grpc'" not in shown
    assert "'numpy'" not in shown


@pytest.mark.parametrize(
    "words",
    [
        ["enrol"],
        ["verify"],
        ["verify", "p1"],
        ["identify", "--face", "no-such-file.png"],
        ["extract", "no-such-file.png", "--modality", "face"],
        ["extract", "x.png", "--modality", "gait"],
        ["serve", "--port", "70000"],
        ["serve", "--host", "0.0.0.0"],
    ],
)
def test_wrong_usage_exits_with_3(words: list[str]) -> None:
    """Whatever cannot be understood or read; no traceback."""
    result = CliRunner().invoke(cli, words)

    assert result.exit_code == 3
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_wrong_usage_is_an_object_for_machines() -> None:
    """With --json also an error object on standard output."""
    result = CliRunner().invoke(cli, ["identify", "--json"])

    assert json.loads(result.stdout)["error"]["reason"] == "USAGE"


def test_no_server_exits_with_5() -> None:
    """The sentence says how to start one."""
    result = CliRunner().invoke(cli, ["list", "--server", NOBODY_LISTENS, "--timeout", "5"])

    assert result.exit_code == 5
    assert "biofusion serve" in result.stderr
