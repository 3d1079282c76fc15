"""Adapters killed (SIGKILL) at random points of insertions and searches: nothing is done twice, and nothing is lost.

MOSIP's is between a real broker, which hands out again what was not acknowledged, and the real services; OSIA's has
requests with callbacks, and the caller sends again what was not accepted. `SOAK_KILLS` is the number of kills of each,
50 by default.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import grpc

from cli.local.all_in_one import running
from cli.stubs import FusionStubs
from infra.settings import Settings
from soak.figures import Figure
from tests.support.adapters.left import Left
from tests.support.adapters.osia_killing import OsiaKilling, arriving
from tests.support.adapters.process import AdapterProcess
from tests.support.mosip_abis import kits
from tests.support.mosip_abis.adapter import settings_of
from tests.support.mosip_abis.broker import Broker, missing
from tests.support.mosip_abis.killing import AbisKilling
from tests.support.mosip_abis.partner import Partner
from tests.support.mosip_abis.share import share

KILLS = int(os.environ.get("SOAK_KILLS", "50"))


def campaign() -> list[Figure]:
    """Each adapter, with a store of its own."""
    return [*_with_services("mosip-abis", _abis), *_with_services("osia", _osia)]


def _with_services(name: str, kill: Callable[[Path, str, FusionStubs], Left]) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="biofusion-soak-") as text:
        folder = Path(text)
        settings = Settings(store_url=f"sqlite:///{folder / 'store.db'}", log_level="WARNING")
        with running(settings) as address, grpc.insecure_channel(address) as channel:
            return _told(name, kill(folder, address, FusionStubs(channel)))


def _abis(folder: Path, address: str, stubs: FusionStubs) -> Left:
    if missing():
        raise SystemExit(f"The campaign {missing()}.")
    broker = Broker(folder / "broker")
    broker.start()
    try:
        with share() as shared:
            settings = replace(settings_of(folder, address, broker.address, shared), mosip_abis_gallery="people")
            process = AdapterProcess("mosip-abis", settings, folder / "log")
            partner = Partner(broker.address, check=kits.check)
            try:
                return AbisKilling(process, partner, shared, stubs, random.Random(1)).run(KILLS)
            finally:
                process.kill()
                partner.close()
    finally:
        broker.stop()


def _osia(folder: Path, address: str, stubs: FusionStubs) -> Left:
    (folder / "key").write_bytes(b"k" * 32)
    with arriving() as (there, arrivals):
        settings = Settings(
            adapter_port=0,
            adapter_fusion_target=address,
            osia_database=str(folder / "osia.db"),
            osia_key_file=str(folder / "key"),
            osia_callback_origins=there.origin,
        )
        process = AdapterProcess("osia", settings, folder / "log")
        try:
            return OsiaKilling(process, there, arrivals, "people", stubs, random.Random(1)).run(KILLS)
        finally:
            process.kill()


def _told(name: str, left: Left) -> list[Figure]:
    what = f"{name}: {left.insertions} insertions, {left.searches} searches, {left.kills} kills"
    wrong = len(left.wrong) + len(left.unequal)
    twice = len(left.not_once) + abs(left.counted - left.insertions)
    return [
        Figure(f"{what}; kills before all was answered", "> half", str(left.amid), left.amid > left.kills // 2),
        Figure(f"{name}: requests without an answer", "0", str(len(left.lost)), not left.lost),
        Figure(f"{name}: wrong answers, or two different ones", "0", str(wrong), wrong == 0),
        Figure(f"{name}: people who are not there exactly once", "0", str(twice), twice == 0),
        Figure(f"{name}: answers that came again, equal", "any", str(left.again), True),
    ]
