"""`biofusion demo`: enrol and identify people over gRPC, with all services in this process."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from biometrics.errors import ConfigurationInvalid
from cli.client import Target, connect
from cli.commands.models import ensure_present
from cli.demo import sample_run, trial_run
from cli.local.all_in_one import running
from cli.local.warm_up import compile_comparators
from cli.output.failures import MATCH, NO_MATCH
from cli.output.output import json_option
from cli.stubs import FusionStubs
from infra.settings import Settings, data_dir

DEADLINE_S = 120.0
"""Deadline of every call; long, as the demo may run on a slow machine."""


STORE = "store.db"
CONSOLE_PORT = Settings().console_port


@click.command("demo")
@click.option("--data", type=click.Path(path_type=Path), help="Directory to build the people from instead.")
@click.option(
    "--console",
    "port",
    type=click.IntRange(0, 65535),
    is_flag=False,
    flag_value=CONSOLE_PORT,
    metavar="[PORT]",
    help=f"Run the console on the review case of the last demo; default port: {CONSOLE_PORT}, 0 takes a free one.",
)
@json_option
def command(data: Path | None, port: int | None, *, as_json: bool) -> int:
    """Enrol people and identify them, over gRPC, with all four services in this process.

    Without --data: three people made of images that packages carry under free terms and of rendered eyes. They are
    kept in the folder `demo` of the user's data directory, which each run makes anew, with a review case for the answer
    that is REVIEW.

    With --data, either of two layouts. The research sets fingerprint/fvc2002, iris/casia-interval, face/lfw-devtest:
    20 chimeric people, 20 strangers. Or a folder per person with files named by position (face_1.jpg,
    right_index_1.png, left_eye_2.jpg): the first of each position is enrolled, the others are identified; people
    under strangers/ are not enrolled. Everything is stored in a temporary folder that is removed.

    Exits with 1 if an answer is not as expected.
    """
    if port is not None:
        if data or as_json:
            raise click.UsageError("--console shows what the demo without --data has kept; give it alone.")
        return _console(port)
    cohort = trial_run.read(data) if data else None
    ensure_present(assets=True)
    compile_comparators()
    with (temporary_folder if cohort else kept_folder)() as folder, services(folder) as stub:
        held = trial_run.run(stub, cohort, as_json=as_json) if cohort else sample_run.run(stub, as_json=as_json)
    return MATCH if held else NO_MATCH


def _console(port: int) -> int:
    """Run the console on the folder that is kept."""
    from cli.demo import console_run  # noqa: PLC0415  # the demo itself runs without the packages of the console

    folder = _kept()
    if not (folder / STORE).exists():
        raise ConfigurationInvalid("No demo has been kept. Run `make demo` (or `biofusion demo`) first.")
    ensure_present(assets=True)
    compile_comparators()
    console_run.run(replace(_settings(folder), console_port=port), folder / "console-users")
    return MATCH


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="biofusion-demo-") as folder:
        yield Path(folder)


@contextmanager
def kept_folder() -> Iterator[Path]:
    """The folder that outlives the demo, emptied; only its owner can read it."""
    folder = _kept()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    yield folder


@contextmanager
def services(folder: Path) -> Iterator[FusionStubs]:
    """Run all services in this process on a free port and a store in the folder; gives a client of them."""
    with running(_settings(folder)) as address, connect(Target(address)) as stub:
        yield stub


def _kept() -> Path:
    return data_dir() / "demo"


def _settings(folder: Path) -> Settings:
    return Settings(store_url=f"sqlite:///{folder / STORE}", default_deadline_s=DEADLINE_S, review_keep_images=True)
