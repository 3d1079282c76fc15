from __future__ import annotations

import socket

import pytest

from fusion.matching.diagnosis import Diagnoser
from infra.wire.faults import Fault

REFUSED = "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Connection refused"


async def test_an_outage_is_diagnosed_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """An outage is logged once for all calls that fail, and a later outage is logged again."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        diagnoser = Diagnoser("iris", f"127.0.0.1:{taken.getsockname()[1]}", None)
        assert {Fault.REFUSED} == {await diagnoser.fault(REFUSED) for _ in range(5)}
        assert 1 == len(caplog.records)
        diagnoser.is_well()
        await diagnoser.fault(REFUSED)
    assert ["the iris service cannot be reached: nothing listens there"] * 2 == [
        each.getMessage().split(" (")[0] for each in caplog.records
    ]
