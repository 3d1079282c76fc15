"""The adapter's process is killed while it inserts and identifies: nothing is done twice, and nothing is lost.

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
from tests.support.adapters.process import AdapterProcess
from tests.support.mosip_abis import kits
from tests.support.mosip_abis.broker import Broker
from tests.support.mosip_abis.killing import AbisKilling
from tests.support.mosip_abis.partner import Partner
from tests.support.mosip_abis.share import Share

KILLS = int(os.environ.get("BIOFUSION_TEST_KILLS", "3"))


def test_kills(abis_settings: Settings, broker: Broker, shared: Share, fusion: FusionStubs, tmp_path: Path) -> None:
    """Every request is answered, by equal answers if by several; everybody is inserted once."""
    queues = {"mosip_abis_requests": someone(), "mosip_abis_answers": someone()}
    database = str(tmp_path / "abis.db")
    settings = replace(abis_settings, mosip_abis_gallery=someone(), mosip_abis_database=database, **queues)  # type: ignore[arg-type]
    process = AdapterProcess("mosip-abis", settings, tmp_path / "log")
    partner = Partner(broker.address, *queues.values(), check=kits.check)
    try:
        left = AbisKilling(process, partner, shared, fusion, random.Random(5)).run(KILLS)
    finally:
        process.kill()
        partner.close()
    assert (KILLS, True) == (left.kills, left.is_whole), left
    assert left.amid or KILLS < 10
