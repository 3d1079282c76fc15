from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import COMMANDS, cli

NOBODY_LISTENS = "127.0.0.1:1"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    """Each row of the table is a command of that name with help."""
    result = CliRunner().invoke(cli, [name, "--help"])

    assert result.exit_code == 0
    assert f"biofusion {name}" in result.output
    assert "\\b" not in result.output


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
    """Arguments that cannot be parsed or read give exit code 3 and no traceback."""
    result = CliRunner().invoke(cli, words)

    assert result.exit_code == 3
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_wrong_usage_is_an_object_for_machines() -> None:
    """With --json wrong usage also prints an error object on standard output."""
    result = CliRunner().invoke(cli, ["identify", "--json"])

    assert json.loads(result.stdout)["error"]["reason"] == "USAGE"


def test_without_a_command_the_help_is_shown() -> None:
    """Without a command the help is printed, line breaks kept, and the exit code is that of wrong usage."""
    result = CliRunner().invoke(cli, [])

    assert result.exit_code == 3
    assert "\n    1  no match" in result.stderr
    assert result.stderr.count("Usage:") == 1


def test_a_closed_pipe_is_not_an_answer() -> None:
    """A closed pipe ends a command without a traceback and with 141, not with 1, which would be NO_MATCH."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-m", "cli", "--help"], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)

    assert (141, b"") == (done.returncode, done.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_not_an_answer(unbuffered: str) -> None:
    """Output that cannot be written is reported as an error, with --json too, whether it is buffered or not."""
    with Path("/dev/full").open("wb") as full:
        words = [sys.executable, "-m", "cli", "list", "--server", NOBODY_LISTENS, "--timeout", "5", "--json"]
        environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, env=environment, check=False)

    assert 5 == done.returncode
    assert b"Traceback" not in done.stderr


def test_no_server_exits_with_5() -> None:
    """The sentence says how to start one."""
    result = CliRunner().invoke(cli, ["list", "--server", NOBODY_LISTENS, "--timeout", "5"])

    assert result.exit_code == 5
    assert "biofusion serve" in result.stderr
