"""Decisions about subjects whose fingerprint references others made, or some of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from biometrics.sample import Sample
from biometrics.template import Modality
from cli.local.local_matcher import LocalMatcher
from fusion.decision.decision import Decision
from fusion.evidence.evidence import EvidenceStatus
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.identify import IdentificationRequest, identify
from fusion.use_cases.verify import VerificationRequest, verify
from infra.calibrations.pairs import FOREIGN_COMPARATOR, FOREIGN_MINUTIAE, OWN_MINUTIAE
from tests.service.matching.foreign_service import (
    INDEX,
    OWN_COMPARATOR,
    Running,
    enrolled,
    foreign,
    rule,
    started,
    with_foreign,
    without_foreign,
)
from tests.unit.fusion.world import UUID


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """A service that compares foreign minutiae."""
    async for each in started(with_foreign):
        yield each


@pytest.fixture
async def uncalibrated() -> AsyncIterator[Running]:
    """A service without the calibration of foreign minutiae."""
    async for each in started(without_foreign):
        yield each


async def test_decisions_calibrate_each_comparison_by_its_pair(running: Running) -> None:
    """A foreign record is enrolled, verified and identified; evidence states the comparator and model of its pair."""
    matchers = {Modality.FINGERPRINT: LocalMatcher(running.service.recognizer)}
    first, second, other = (
        Sample(Modality.FINGERPRINT, INDEX, each, 80.0)
        for each in (foreign(running.first), running.second, foreign(running.other))
    )
    for number, (name, sample) in enumerate((("ann", first), ("ben", other))):
        request = EnrolmentRequest(UUID.format(number), name, (), "", (sample,), (), add_encounter=False)
        result = await enroll(request, matchers, running.store, 60.0)
    await running.service.index.wait_for(result.token, 30)
    assert FOREIGN_MINUTIAE == running.store.subjects["ann"].active_references[0].template.model_id

    for probe in (second, Sample(Modality.FINGERPRINT, INDEX, foreign(running.second), 80.0)):
        decision = await verify(VerificationRequest("ann", (probe,)), matchers, running.store, rule(), 60.0)
        assert (FOREIGN_COMPARATOR, FOREIGN_MINUTIAE, 1) == _evidence(decision)
        expected = with_foreign(FOREIGN_COMPARATOR).llr([decision.evidence[0].comparison.score])[0]
        assert pytest.approx(float(expected)) == decision.llr > 1.0
        found = await identify(IdentificationRequest((probe,)), matchers, running.store, rule(), 60.0)
        assert ("ann", pytest.approx(decision.llr)) == (found.subject_id, found.decision.llr)
        assert (FOREIGN_COMPARATOR, FOREIGN_MINUTIAE, 1) == _evidence(found.decision)

    await enrolled(running, "cid", foreign(running.other), running.first)
    decision = await verify(VerificationRequest("cid", (second,)), matchers, running.store, rule(), 60.0)
    assert (OWN_COMPARATOR, OWN_MINUTIAE, 2) == _evidence(decision)


def _evidence(decision: Decision) -> tuple[str, str, int]:
    each = decision.evidence[0]
    assert each.comparison is not None
    return each.comparison.comparator_id, each.model_id, each.comparison_count


async def test_references_that_cannot_be_compared_do_not_fail_a_verification(uncalibrated: Running) -> None:
    """They are left out; a subject who has only such references is one without a reference."""
    matchers = {Modality.FINGERPRINT: LocalMatcher(uncalibrated.service.recognizer)}
    await enrolled(uncalibrated, "both", foreign(uncalibrated.first), uncalibrated.first)
    await enrolled(uncalibrated, "foreign", foreign(uncalibrated.first))
    shipped = replace(rule(), pairs={})
    probe = Sample(Modality.FINGERPRINT, INDEX, uncalibrated.second)
    decision = await verify(VerificationRequest("both", (probe,)), matchers, uncalibrated.store, shipped, 60.0)
    assert (OWN_COMPARATOR, OWN_MINUTIAE, 1) == _evidence(decision)
    decision = await verify(VerificationRequest("foreign", (probe,)), matchers, uncalibrated.store, shipped, 60.0)
    assert EvidenceStatus.REFERENCE_MISSING == decision.evidence[0].status
