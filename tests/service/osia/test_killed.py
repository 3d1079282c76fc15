"""The adapter's process is killed while it enrols and identifies with callbacks: nothing is lost or done twice.

Killed three times; BIOFUSION_TEST_KILLS=50 kills it fifty times. `python -m soak adapter_kills` tells the figures.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

from cli.stubs import FusionStubs
from infra.settings import Settings
from tests.service.fusion.requests import someone
from tests.support.adapters.osia_killing import OsiaKilling, arriving
from tests.support.adapters.process import AdapterProcess

KILLS = int(os.environ.get("BIOFUSION_TEST_KILLS", "3"))


def test_kills(osia_settings: Settings, fusion: FusionStubs, tmp_path: Path) -> None:
    """Every request has its callback, equal ones if it has several; everybody is enrolled once."""
    with arriving() as (there, arrivals):
        database = str(tmp_path / "osia.db")
        settings = replace(osia_settings, osia_database=database, osia_callback_origins=there.origin)
        process = AdapterProcess("osia", settings, tmp_path / "log")
        try:
            left = OsiaKilling(process, there, arrivals, someone(), fusion, random.Random(5)).run(KILLS)
        finally:
            process.kill()
    assert (KILLS, True) == (left.kills, left.is_whole), left
    assert left.amid or KILLS < 10
