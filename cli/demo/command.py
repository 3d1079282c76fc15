"""`biofusion demo`: enrol and identify people over gRPC, with all services in this process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from cli.client import Target, connect
from cli.commands.models import ensure_present
from cli.demo import sample_run, trial_run
from cli.local.all_in_one import running
from cli.local.warm_up import compile_comparators
from cli.output.failures import MATCH, NO_MATCH
from cli.output.output import json_option
from cli.stubs import FusionStubs
from infra.settings import Settings

DEADLINE_S = 120.0
"""Deadline of every call; long, as the demo may run on a slow machine."""


@click.command("demo")
@click.option("--data", type=click.Path(path_type=Path), help="Directory to build the people from instead.")
@json_option
def command(data: Path | None, *, as_json: bool) -> int:
    """Enrol people and identify them, over gRPC, with all four services in this process.

    Without --data: three people made of images that packages carry under free terms and of rendered eyes.

    With --data, either of two layouts. The research sets fingerprint/fvc2002, iris/casia-interval, face/lfw-devtest:
    20 chimeric people, 20 strangers. Or a folder per person with files named by position (face_1.jpg,
    right_index_1.png, left_eye_2.jpg): the first of each position is enrolled, the others are identified; people
    under strangers/ are not enrolled.

    Exits with 1 if an answer is not as expected. Everything is stored in a temporary folder that is removed.
    """
    cohort = trial_run.read(data) if data else None
    ensure_present(assets=True)
    compile_comparators()
    with temporary_services() as stub:
        held = trial_run.run(stub, cohort, as_json=as_json) if cohort else sample_run.run(stub, as_json=as_json)
    return MATCH if held else NO_MATCH


@contextmanager
def temporary_services() -> Iterator[FusionStubs]:
    """Run all four services in this process on a free port and a temporary store; gives a client of them."""
    with tempfile.TemporaryDirectory(prefix="biofusion-demo-") as folder:
        settings = Settings(store_url=f"sqlite:///{folder}/store.db", default_deadline_s=DEADLINE_S)
        with running(settings) as address, connect(Target(address)) as stub:
            yield stub
