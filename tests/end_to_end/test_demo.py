"""`biofusion demo` as a user runs it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from cli.main import cli
from rendering.eyes import render_eye
from tests.support.console.running import ETAG, browser

Completed = subprocess.CompletedProcess[str]

TOLD = re.compile(r"Open (?P<address>\S+) in a browser.*\nPassword, until this ends: (?P<password>\S+)\n")


WORDS_OF_THE_CORE = re.compile("^[IWEF][0-9]{4} |absl::|GOAWAY", re.MULTILINE)
"""The beginning of log lines by gRPC's core, and words in them."""


@pytest.fixture(scope="module")
def at_home(behind_a_dead_proxy: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with a data directory of its own, and proxies that do not answer."""
    home = str(tmp_path_factory.mktemp("home"))
    return behind_a_dead_proxy | {"XDG_DATA_HOME": home, "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="module")
def demo(at_home: dict[str, str]) -> Completed:
    """The demo, run once."""
    words = [sys.executable, "-m", "cli", "demo", "--json"]
    return subprocess.run(words, env=at_home, capture_output=True, text=True, check=False)


def test_the_demo_answers_as_expected(demo: Completed) -> None:
    """Three people and a stranger, with all modalities, one missing, poor samples and a wrong claim.

    A proxy in the environment changes nothing, and gRPC's core logs nothing.
    """
    scenarios = json.loads(demo.stdout)["scenarios"]

    assert {True} == {scenario["asExpected"] for scenario in scenarios}
    assert demo.returncode == 0
    assert len(scenarios) == 6
    assert not WORDS_OF_THE_CORE.search(demo.stdout + demo.stderr)


def test_the_review_of_the_demo_waits_in_the_console(demo: Completed, at_home: dict[str, str]) -> None:
    """The person whom `biofusion demo --console` lets in finds the case, claims it, sees both faces and decides."""
    (case,) = (name.removeprefix("reviewCases/") for name in json.loads(demo.stdout)["reviewCases"])
    with demo_console(at_home) as (address, password), browser(address, "ada", password) as ada:
        assert f"/cases/{case}" in ada.get("/queue").text
        page = ada.post(f"/cases/{case}/claim", on="/queue")
        pictures = [ada.get(f"/cases/{case}/{side}/0.png") for side in ("probe", "candidate")]
        etag = ETAG.search(ada.get(f"/cases/{case}").text)
        assert etag
        verdict = {"verdict": "SAME", "reason": "DETAILS_AGREE", "note": "", "etag": etag[1]}
        decided = ada.post(f"/cases/{case}/verdict", verdict, on=f"/cases/{case}")
        after = ada.get(f"/cases/{case}").text
    assert [303, 303] == [page.status_code, decided.status_code]
    assert [(200, "image/png")] * 2 == [(each.status_code, each.headers["Content-Type"]) for each in pictures]
    assert "waits for a second person" in after


@contextmanager
def demo_console(environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    """`biofusion demo --console` on a free port; gives address and password. It ends with 0 by a signal."""
    words = [sys.executable, "-m", "cli", "demo", "--console", "0"]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = "".join(islice(process.stdout, 2))
            found = TOLD.match(told)
            assert found, told
            yield found["address"], found["password"]
        finally:
            process.terminate()
    assert 0 == process.returncode


def test_a_console_without_a_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Before the first demo, what is missing is said."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    result = CliRunner().invoke(cli, ["demo", "--console"])
    assert 0 != result.exit_code
    assert "Run `make demo` (or `biofusion demo`) first." in result.output


def test_the_demo_is_held_on_a_folder_per_person(tmp_path: Path) -> None:
    """In the demo on a folder per person, two people of rendered eyes are named, and a stranger is not."""
    for person, identity in (("ada", 1), ("bob", 3), ("strangers/eve", 5)):
        (tmp_path / person).mkdir(parents=True)
        for side, seed in (("right", identity), ("left", identity + 1)):
            for capture in (1, 2):
                Image.fromarray(render_eye(seed, capture)).save(tmp_path / person / f"{side}_eye_{capture}.png")

    result = CliRunner().invoke(cli, ["demo", "--data", str(tmp_path), "--json"])
    trial = json.loads(result.stdout)
    (row,) = trial["subsets"]

    assert result.exit_code == 0, result.output
    assert row["modalities"] == ["IRIS"]
    assert row["known"]["MATCH"] + row["known"]["REVIEW"] == 2
    assert row["strangers"]["NO_MATCH"] == 2
    assert (4, 0) == (trial["referenceCount"], trial["failedProbeSamples"])
