"""fusion.use_cases.verify: verifications with all services, and with some of them down."""

from __future__ import annotations

import pytest

from biometrics.errors import AcquisitionFailed, ServiceUnavailable, SubjectNotFound
from biometrics.template import MissingReason, Modality, Position
from fusion.decision.decision import DecisionReason, Outcome
from fusion.evidence.evidence import EvidenceStatus
from fusion.use_cases.verify import VerificationRequest, verify
from gallery.subject import Missing
from tests.unit.fusion.enrolled_people import LEFT, RIGHT, samples_of, world
from tests.unit.fusion.world import model, sample


async def test_verify_mated() -> None:
    """All three modalities of the right person add up to a match."""
    store, services = await world("ann")
    decision = await verify(VerificationRequest("ann", samples_of("ann")), services, store, model(), 1.0)
    assert (Outcome.MATCH, pytest.approx(15.0), 1e-4) == (decision.outcome, decision.llr, decision.thresholds.fmr)


async def test_verify_non_mated() -> None:
    """Samples of another person are a NO_MATCH."""
    store, services = await world("ann")
    decision = await verify(VerificationRequest("ann", samples_of("bob")), services, store, model(), 1.0)
    assert (Outcome.NO_MATCH, pytest.approx(-9.0)) == (decision.outcome, decision.llr)


async def test_verify_unknown_subject() -> None:
    """A subject that is not enrolled cannot be verified."""
    store, services = await world()
    with pytest.raises(SubjectNotFound):
        await verify(VerificationRequest("ann", samples_of("ann")), services, store, model(), 1.0)


async def test_every_position_is_accounted_for() -> None:
    """Positions stated as missing, not mentioned and not enrolled have their own status, and contribute 0."""
    store, services = await world("ann")
    request = VerificationRequest(
        "ann",
        (sample(Modality.FACE, "ann"), sample(Modality.IRIS, "ann", RIGHT)),
        (Missing(Modality.FINGERPRINT, Position.RIGHT_INDEX, MissingReason.BANDAGED),),
    )
    decision = await verify(request, services, store, model(), 1.0)
    assert {
        Position.FACE: (EvidenceStatus.COMPARED, None),
        RIGHT: (EvidenceStatus.REFERENCE_MISSING, None),
        Position.RIGHT_INDEX: (EvidenceStatus.PROBE_MISSING, MissingReason.BANDAGED),
        LEFT: (EvidenceStatus.PROBE_MISSING, MissingReason.NOT_CAPTURED),
    } == {each.position: (each.status, each.missing_reason) for each in decision.evidence}
    assert pytest.approx(5.0) == decision.llr


async def test_service_down_is_stated_and_adds_nothing() -> None:
    """With one service down the others decide; the decision names it and its LLR does not rise."""
    store, services = await world("ann")
    services[Modality.FACE].error = ServiceUnavailable("down")
    decision = await verify(VerificationRequest("ann", samples_of("ann")), services, store, model(), 1.0)
    statuses = {each.modality: each.status for each in decision.evidence}
    assert EvidenceStatus.SERVICE_UNAVAILABLE == statuses[Modality.FACE]
    assert (Outcome.MATCH, pytest.approx(10.0)) == (decision.outcome, decision.llr)
    assert DecisionReason.SERVICE_UNAVAILABLE in decision.reasons


async def test_all_services_down() -> None:
    """With every service down the call fails with an error that says to try again."""
    store, services = await world("ann")
    for service in services.values():
        service.error = ServiceUnavailable("down")
    with pytest.raises(ServiceUnavailable):
        await verify(VerificationRequest("ann", samples_of("ann")), services, store, model(), 1.0)


async def test_unusable_sample_is_stated() -> None:
    """One unusable sample is named in the evidence; if all are unusable it is an error."""
    store, services = await world("ann")
    probes = (sample(Modality.FACE, "nobody"), *samples_of("ann")[1:])
    decision = await verify(VerificationRequest("ann", probes), services, store, model(), 1.0)
    assert ("NOTHING_FOUND", pytest.approx(10.0)) == (decision.evidence[0].failure_reason, decision.llr)
    with pytest.raises(AcquisitionFailed):
        await verify(VerificationRequest("ann", probes[:1]), services, store, model(), 1.0)
