"""`biofusion demo` as a user runs it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result
from PIL import Image

from cli.main import cli
from rendering.eyes import render_eye

Biofusion = Callable[..., Result]


WORDS_OF_THE_CORE = re.compile("^[IWEF][0-9]{4} |absl::|GOAWAY", re.MULTILINE)
"""The beginning of log lines by gRPC's core, and words in them."""


def test_the_demo_answers_as_expected(behind_a_dead_proxy: dict[str, str]) -> None:
    """Three people and a stranger, with all modalities, one missing, poor samples and a wrong claim.

    A proxy in the environment changes nothing, and gRPC's core logs nothing.
    """
    words = [sys.executable, "-m", "cli", "demo", "--json"]
    done = subprocess.run(words, env=behind_a_dead_proxy, capture_output=True, text=True, check=False)
    scenarios = json.loads(done.stdout)["scenarios"]

    assert {True} == {scenario["asExpected"] for scenario in scenarios}
    assert done.returncode == 0
    assert len(scenarios) == 6
    assert not WORDS_OF_THE_CORE.search(done.stdout + done.stderr)


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
