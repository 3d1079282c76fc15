"""Stores killed amid concurrent enrolments, with power cuts; the long form is `python -m soak durability`."""

from __future__ import annotations

import pytest

from soak.durability import EVERY_SECOND, RedisVictim, SqliteVictim, killed
from tests.support.stores.power_cut import has_compiler

pytestmark = pytest.mark.skipif(not has_compiler(), reason="power cuts are modelled with a C compiler (cc)")


@pytest.mark.parametrize("victim", [SqliteVictim, RedisVictim])
def test_power_cuts_lose_no_acknowledged_enrolment(victim: type[SqliteVictim | RedisVictim]) -> None:
    """After each of three power cuts unacknowledged requests are repeated: all are there once, whole, and sealed."""
    found = killed(victim, 200, 3)
    assert (3, 0, 0, [], []) == (found.kills, found.lost, found.doubled, found.findings, found.in_clear)
    assert found.acknowledged >= 200


def test_a_redis_that_syncs_once_a_second_loses_acknowledged_enrolments() -> None:
    """The same test shows the loss of a server whose configuration is accepted only explicitly."""
    found = killed(lambda cut: RedisVictim(cut, EVERY_SECOND), 300, 3, unsafe=True)
    assert found.lost > 0
