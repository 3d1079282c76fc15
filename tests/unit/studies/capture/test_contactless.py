"""Counting the looks of prints and what becomes of photographs."""

from __future__ import annotations

from services.fingerprint.quality.contactless import look_of
from studies.capture.contactless import KINDS, looks, outcomes
from tests.unit.services.fingerprint.areas import arched_finger


def test_looks_and_outcomes_are_counted() -> None:
    """Every form of every print has a look, and every photograph, in colour, grey and raised, an outcome."""
    grays = [arched_finger()]
    assert {1} == {count.total() for count in looks(grays).values()}
    found = outcomes(grays, lambda image: look_of(image).name)
    assert (3 * len(KINDS) + 3, {1}) == (len(found), {count.total() for count in found.values()})
    assert {"PHOTOGRAPH": 1} == found["out of focus, grey"]
