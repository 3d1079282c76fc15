"""The broker, fusion or the share is gone for a while: the adapter says so, waits, and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from adapters.mosip_abis.app import build
from infra.settings import Settings
from tests.service.fusion.requests import someone
from tests.support.adapters.running import running_adapter
from tests.support.mosip_abis import kits
from tests.support.mosip_abis.adapter import running_abis, settings_of, wait_until_ready
from tests.support.mosip_abis.broker import Broker
from tests.support.mosip_abis.partner import Partner, failed, found, insertion, new_id, request, search, untimed
from tests.support.mosip_abis.people import person
from tests.support.mosip_abis.share import Share


@pytest.fixture
def keeping_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that keeps what is persistent."""
    made = Broker(tmp_path / "broker", is_persistent=True)
    made.start()
    yield made
    made.stop()


def test_the_broker_is_gone(keeping_broker: Broker, shared: Share, address: str, tmp_path: Path) -> None:
    """After its end and start requests of before are answered, new ones are, and answers of before are there."""
    settings = replace(settings_of(tmp_path, address, keeping_broker.address, shared), mosip_abis_gallery=someone())
    first, second = new_id(), new_id()
    with running_abis(settings) as abis:
        sender = Partner(keeping_broker.address, is_listening=False)
        urls = {name: shared.put(person(201, capture)) for capture, name in enumerate((first, second))}
        urls |= {new_id(): shared.put(person(202 + number)) for number in range(4)}
        names = [sender.send(insertion(name, url)) for name, url in urls.items()]
        sender.close()
        keeping_broker.stop()
        wait_until_ready(abis, 503)
        assert 200 == httpx.get(f"{abis}/health/live", trust_env=False).status_code
        keeping_broker.start()
        partner = Partner(keeping_broker.address, check=kits.check)
        answers = partner.collect(names)
        assert {"1"} == {each["returnValue"] for each in answers.values()}
        assert [first] == found(partner.identify(second))
        wait_until_ready(abis)
        partner.close()


def test_the_broker_is_not_there_at_first(abis_settings: Settings, broker: Broker, tmp_path: Path) -> None:
    """The adapter starts without a broker, says that it is not ready, and tries the next one of several."""
    queues = {"mosip_abis_requests": someone(), "mosip_abis_answers": someone()}
    settings = replace(
        abis_settings,
        **queues,  # type: ignore[arg-type]
        mosip_abis_database=str(tmp_path / "abis.db"),
        mosip_abis_broker=f"127.0.0.1:9,{broker.address}",
    )
    partner = Partner(broker.address, *queues.values(), check=kits.check)
    name = partner.send(request("ping"))
    with running_abis(settings):
        assert name == partner.receive()["requestId"]
    partner.close()


def test_fusion_is_not_there(abis_settings: Settings, broker: Broker, shared: Share, tmp_path: Path) -> None:
    """What needs fusion is failure 1, which is not kept: once fusion is there the same request succeeds."""
    queues = {"mosip_abis_requests": someone(), "mosip_abis_answers": someone()}
    database = str(tmp_path / "abis.db")
    settings = replace(abis_settings, mosip_abis_database=database, mosip_abis_gallery=someone(), **queues)  # type: ignore[arg-type]
    partner = Partner(broker.address, *queues.values(), check=kits.check)
    asked = insertion(new_id(), shared.put(person(207)))
    with running_adapter(replace(settings, adapter_fusion_target="127.0.0.1:9"), build) as abis:
        assert "1" == failed(partner.ask(asked))
        assert "1" == failed(partner.ask(search(asked["referenceId"])))
        assert 503 == httpx.get(f"{abis}/health", trust_env=False).status_code
    with running_abis(settings):
        answer = partner.ask(asked)
        assert "1" == answer["returnValue"]
        assert untimed(answer) == untimed(partner.ask(asked))
    partner.close()
