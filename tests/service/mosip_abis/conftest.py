"""MOSIP's ABIS adapter between a real broker and the real services, and a partner that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from infra.settings import Settings
from tests.service.fusion.requests import someone
from tests.support.mosip_abis import kits
from tests.support.mosip_abis.adapter import running_abis, settings_of
from tests.support.mosip_abis.broker import Broker
from tests.support.mosip_abis.partner import Partner, new_id
from tests.support.mosip_abis.people import person
from tests.support.mosip_abis.share import Share, share


class Inserted:
    """Inserts people, each with an id of their own."""

    def __init__(self, partner: Partner, shared: Share) -> None:
        self._partner, self._share = partner, shared

    def __call__(self, identity: int, capture: int = 0) -> str:
        """The id of somebody who was inserted."""
        name = new_id()
        answer = self._partner.insert(name, self._share.put(person(identity, capture)))
        assert "1" == answer["returnValue"], answer
        return name


@pytest.fixture(scope="package")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker."""
    made = Broker(tmp_path_factory.mktemp("broker"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="package")
def shared() -> Iterator[Share]:
    """A data share."""
    with share() as made:
        yield made


@pytest.fixture(scope="package")
def abis_settings(broker: Broker, shared: Share, address: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of an adapter that takes what is shared as it is, and asks once."""
    made = settings_of(tmp_path_factory.mktemp("abis"), address, broker.address, shared)
    return replace(made, mosip_abis_gallery=someone(), mosip_abis_attempts=1)


@pytest.fixture(scope="package")
def abis(abis_settings: Settings) -> Iterator[str]:
    """The adapter; its address."""
    with running_abis(abis_settings) as address:
        yield address


@pytest.fixture
def partner(abis: str, broker: Broker) -> Iterator[Partner]:
    """Who asks it; every answer must be one that both kits accept."""
    assert abis
    made = Partner(broker.address, check=kits.check)
    yield made
    made.close()


@pytest.fixture
def inserted(partner: Partner, shared: Share) -> Inserted:
    """Inserts people."""
    return Inserted(partner, shared)
