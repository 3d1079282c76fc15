"""Searches among a few."""

from __future__ import annotations

from tests.service.mosip_abis.conftest import Inserted
from tests.support.mosip_abis.partner import Partner, found

RATE = {"targetFPIR": "60"}


def test_few_are_decided_about_as_few(partner: Partner, inserted: Inserted) -> None:
    """A rate at which somebody is no candidate among many lets a person look at him if he is the only one listed."""
    first, probe = inserted(191), inserted(191, 1)
    others = [inserted(1900 + each) for each in range(12)]
    assert [] == found(partner.identify(probe, flags=RATE))
    (candidate,) = partner.identify(probe, [first], flags=RATE)["candidateList"]["candidates"]
    assert (first, "REVIEW") == (candidate["referenceId"], candidate["analytics"]["outcome"])
    assert [] == found(partner.identify(probe, others[:1], flags=RATE))
