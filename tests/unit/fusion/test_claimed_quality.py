"""A quality that the caller states for a template is marked as claimed, and never improves a decision."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.sample import Sample
from biometrics.template import Modality, Position
from fusion.configured import fusion_model
from fusion.decision.decision import DecisionReason, Outcome
from fusion.matching.matchers import Hit
from fusion.models.model import FusionModel
from fusion.samples.probes import Probe, compared
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.verify import VerificationRequest, verify
from fusion.wire.answers import decision_to_wire
from fusion.wire.subjects import report_to_wire, subject_to_wire
from gallery.operations.record import pack, unpack
from infra.settings import Settings
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.world import UUID, matchers, model, template

SHIPPED = fusion_model(Settings())
PLACES = {Modality.FACE: Position.FACE, Modality.FINGERPRINT: Position.LEFT_THUMB, Modality.IRIS: Position.LEFT_EYE}
RANK = [Outcome.NO_MATCH, Outcome.REVIEW, Outcome.MATCH]
QUALITIES = st.none() | st.floats(0.0, 100.0)
HALF = st.floats(-4.0, 6.0)


def claiming(modality: Modality, quality: float | None, who: str = "ann") -> Sample:
    """A template with a stated quality."""
    return Sample(modality, PLACES[modality], template(modality, who), quality)


def decided(rule: FusionModel, scores: list[float], qualities: list[float | None]) -> tuple[Outcome, float]:
    """A verification with templates of these scores and claimed qualities: two of each modality."""
    places = [modality for modality in Modality for _ in range(2)]
    probes = [
        Probe(claiming(modality, quality), template(modality, "ann"), number=number)
        for number, (modality, quality) in enumerate(zip(places, qualities, strict=True))
    ]
    evidence = [
        compared(probe, [Hit("ann", score, probe.position, 1)], rule)[0]
        for probe, score in zip(probes, scores, strict=True)
    ]
    decision = rule.verification(rule.merged(evidence), None)
    return decision.outcome, decision.llr


@given(st.lists(HALF, min_size=6, max_size=6), st.lists(QUALITIES, min_size=6, max_size=6))
def test_no_decision_gains_by_a_claim(scores: list[float], qualities: list[float | None]) -> None:
    """With any claimed qualities the LLR is no higher, and the outcome no better, than without."""
    strict = replace(model(), poor_quality=dict.fromkeys(Modality, 20.0))
    for rule, own in ((strict, scores), (SHIPPED, [np.interp(each, [-4.0, 6.0], [0.0, 1.0]) for each in scores])):
        with_claims, without = decided(rule, own, qualities), decided(rule, own, [None] * 6)
        assert with_claims[1] <= without[1] + 1e-9
        assert RANK.index(with_claims[0]) <= RANK.index(without[0])


@pytest.mark.parametrize("modality", list(Modality))
def test_a_claimed_quality_only_lowers_the_llr(modality: Modality) -> None:
    """The lower of the LLRs with and without a claimed quality is used; a measured quality is used as it is."""
    comparator_id = SHIPPED.comparators[modality]
    knots = SHIPPED.calibrations[comparator_id].scores
    scores = np.linspace(knots[0], knots[-1], 20).tolist()
    for quality in (0.0, 30.0, 60.0, 100.0):
        known, unknown, claimed = (
            [each.llr for each in SHIPPED.comparisons(comparator_id, scores, value, is_claimed=is_claimed)]
            for value, is_claimed in ((quality, False), (None, False), (quality, True))
        )
        assert np.minimum(known, unknown).tolist() == claimed


async def test_a_claimed_poor_quality_does_not_prevent_a_no_match() -> None:
    """A claimed poor quality leaves NO_MATCH as it is, but turns a match that hinges on the sample into REVIEW."""
    store = MemoryStore()
    services = matchers(store)
    samples = tuple(claiming(modality, None) for modality in Modality)
    await enroll(
        EnrolmentRequest(UUID.format(1), "ann", (), "", samples, (), add_encounter=False), services, store, 9.0
    )
    strict = replace(model(), poor_quality=dict.fromkeys(Modality, 20.0))
    found = {}
    for who in ("ann", "bob"):
        claims = tuple(claiming(modality, 5.0, who) for modality in Modality)
        found[who] = await verify(VerificationRequest("ann", claims), services, store, strict, 9.0)
    assert Outcome.NO_MATCH == found["bob"].outcome
    assert (Outcome.REVIEW, DecisionReason.POOR_QUALITY) == (found["ann"].outcome, found["ann"].reasons[0])


async def test_a_claimed_quality_is_marked_wherever_it_is_shown() -> None:
    """It is marked in the evidence, the report of an enrolment and the stored reference; a measured one is not."""
    store = MemoryStore()
    services = matchers(store)
    samples = (claiming(Modality.FACE, 70.0), claiming(Modality.IRIS, None))
    request = EnrolmentRequest(UUID.format(1), "ann", (), "", samples, (), add_encounter=False)
    result = await enroll(request, services, store, 9.0)
    assert [True, False] == [report_to_wire(probe).quality_is_claimed for probe in result.probes]
    stored = unpack(pack(store.subjects["ann"]))
    assert stored == store.subjects["ann"]
    references = subject_to_wire(stored).encounters[0].references
    assert [(70.0, True), (0.0, False)] == [(each.quality, each.quality_is_claimed) for each in references]
    decision = await verify(VerificationRequest("ann", samples), services, store, model(), 9.0)
    assert [True, False] == [each.quality_is_claimed for each in decision_to_wire(decision).evidence]
