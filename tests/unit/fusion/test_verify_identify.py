from __future__ import annotations

from dataclasses import replace
from math import log10

import pytest

from biometrics.errors import AcquisitionFailed, GalleryNotFound, ServiceUnavailable, SubjectNotFound
from biometrics.sample import Sample
from biometrics.template import MissingReason, Modality, Position
from fusion.decision.decision import DecisionReason, Outcome
from fusion.evidence.evidence import EvidenceStatus
from fusion.use_cases.enroll import EnrolmentRequest, enroll
from fusion.use_cases.identify import IdentificationRequest, identify
from fusion.use_cases.verify import VerificationRequest, verify
from gallery.subject import Missing
from tests.support.builders import enrolment
from tests.support.fakes import MemoryStore
from tests.unit.fusion.world import UUID, FakeMatcher, calibration, matchers, model, sample

LEFT, RIGHT = Position.LEFT_EYE, Position.RIGHT_EYE


def samples_of(who: str) -> tuple[Sample, ...]:
    """A face, a finger and an eye of a person."""
    return (
        sample(Modality.FACE, who),
        sample(Modality.FINGERPRINT, who, Position.RIGHT_INDEX),
        sample(Modality.IRIS, who, LEFT),
    )


async def world(*people: str) -> tuple[MemoryStore, dict[Modality, FakeMatcher]]:
    """A store with these people enrolled, and the services over it."""
    store = MemoryStore()
    services = matchers(store)
    for number, who in enumerate(people):
        request = EnrolmentRequest(UUID.format(number), who, (), "", samples_of(who), (), add_encounter=False)
        await enroll(request, services, store, 1.0)
    return store, services


async def test_verify_mated() -> None:
    """All three modalities of the right person add up to a match."""
    store, services = await world("ann")
    decision = await verify(VerificationRequest("ann", samples_of("ann")), services, store, model(), 1.0)
    assert (Outcome.MATCH, pytest.approx(15.0), 1e-4) == (decision.outcome, decision.llr, decision.thresholds.fmr)


async def test_verify_non_mated() -> None:
    """Somebody else is no match."""
    store, services = await world("ann")
    decision = await verify(VerificationRequest("ann", samples_of("bob")), services, store, model(), 1.0)
    assert (Outcome.NO_MATCH, pytest.approx(-9.0)) == (decision.outcome, decision.llr)


async def test_verify_unknown_subject() -> None:
    """Nobody can be verified as a subject that is not enrolled."""
    store, services = await world()
    with pytest.raises(SubjectNotFound):
        await verify(VerificationRequest("ann", samples_of("ann")), services, store, model(), 1.0)


async def test_every_position_is_accounted_for() -> None:
    """Stated, unstated and unenrolled positions each have their own status, and add nothing."""
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


async def test_service_down_is_said_and_adds_nothing() -> None:
    """With one service down the others decide; the decision names it and its LLR does not rise."""
    store, services = await world("ann")
    services[Modality.FACE].error = ServiceUnavailable("down")
    decision = await verify(VerificationRequest("ann", samples_of("ann")), services, store, model(), 1.0)
    statuses = {each.modality: each.status for each in decision.evidence}
    assert EvidenceStatus.SERVICE_UNAVAILABLE == statuses[Modality.FACE]
    assert (Outcome.MATCH, pytest.approx(10.0)) == (decision.outcome, decision.llr)
    assert DecisionReason.SERVICE_UNAVAILABLE in decision.reasons


async def test_all_services_down() -> None:
    """With every service down there is no decision but an error that says to try again."""
    store, services = await world("ann")
    for service in services.values():
        service.error = ServiceUnavailable("down")
    with pytest.raises(ServiceUnavailable):
        await verify(VerificationRequest("ann", samples_of("ann")), services, store, model(), 1.0)


async def test_unusable_sample_is_said() -> None:
    """One unusable sample is named in the evidence; all unusable is an error."""
    store, services = await world("ann")
    probes = (sample(Modality.FACE, "nobody"), *samples_of("ann")[1:])
    decision = await verify(VerificationRequest("ann", probes), services, store, model(), 1.0)
    assert ("NOTHING_FOUND", pytest.approx(10.0)) == (decision.evidence[0].failure_reason, decision.llr)
    with pytest.raises(AcquisitionFailed):
        await verify(VerificationRequest("ann", probes[:1]), services, store, model(), 1.0)


async def test_identify_finds_the_one() -> None:
    """The person is first, at a threshold that grows with the gallery."""
    store, services = await world("ann", "bob", "cleo")
    found = await identify(IdentificationRequest(samples_of("bob")), services, store, model(), 1.0)
    assert ("bob", Outcome.MATCH, 3) == (found.subject_id, found.decision.outcome, found.subject_count)
    assert pytest.approx(2 + log10(3)) == found.decision.thresholds.match_llr
    assert ["bob"] == [each.subject_id for each in found.candidates]


async def test_identify_stranger() -> None:
    """A stranger is NO_MATCH with an empty list and the evidence against the nearest."""
    store, services = await world("ann", "bob")
    found = await identify(IdentificationRequest(samples_of("zoe")), services, store, model(), 1.0)
    assert ("", (), Outcome.NO_MATCH) == (found.subject_id, found.candidates, found.decision.outcome)
    assert 3 == len(found.decision.evidence)


async def test_identify_in_an_empty_gallery() -> None:
    """Nobody enrolled means NO_MATCH, not an error and not a review."""
    store, services = await world()
    found = await identify(IdentificationRequest(samples_of("ann")), services, store, model(), 1.0)
    assert (Outcome.NO_MATCH, DecisionReason.NO_CANDIDATE) == (found.decision.outcome, found.decision.reasons[0])


async def test_missing_scores_are_completed() -> None:
    """A candidate that one modality did not return is compared there, so that its score is real."""
    store, services = await world("ann", "bob")
    services[Modality.FACE].returned = ("ann",)
    services[Modality.IRIS].returned = ()
    services[Modality.FINGERPRINT].returned = ("bob",)
    found = await identify(IdentificationRequest(samples_of("bob")), services, store, model(), 1.0)
    assert ("bob", pytest.approx(15.0)) == (found.subject_id, found.decision.llr)
    assert (["bob"], ["ann"]) == (services[Modality.FACE].scored, services[Modality.FINGERPRINT].scored)
    assert {"ann", "bob"} == set(services[Modality.IRIS].scored)


async def test_two_matches_are_for_a_person() -> None:
    """When two subjects match, e.g. one person enrolled twice, a person must look."""
    store, services = await world("ann")
    twin = EnrolmentRequest(UUID.format(9), "twin", (), "", samples_of("ann"), (), add_encounter=False)
    await enroll(twin, services, store, 1.0)
    found = await identify(IdentificationRequest(samples_of("ann")), services, store, model(), 1.0)
    assert (Outcome.REVIEW, DecisionReason.SEVERAL_CANDIDATES) == (found.decision.outcome, found.decision.reasons[0])
    assert ["ann", "twin"] == [each.subject_id for each in found.candidates]


async def test_two_matches_are_seen_where_one_is_asked_for() -> None:
    """The most candidates that are returned do not change the decision."""
    store, services = await world("ann")
    twin = EnrolmentRequest(UUID.format(9), "twin", (), "", samples_of("ann"), (), add_encounter=False)
    await enroll(twin, services, store, 1.0)
    found = await identify(IdentificationRequest(samples_of("ann"), limit=1), services, store, model(), 1.0)
    assert (Outcome.REVIEW, 1) == (found.decision.outcome, len(found.candidates))


async def test_a_close_runner_up_is_for_a_person() -> None:
    """A match is not told apart from a subject whose LLR is less than 1 lower, though that one is no match itself."""
    store, services = await world("ann", "bob")
    services[Modality.FACE].mated = 1.0
    services[Modality.FACE].non_mated = 0.4
    face = (sample(Modality.FACE, "ann"), sample(Modality.IRIS, "nobody-enrolled", LEFT))
    services[Modality.IRIS].non_mated = 1.5
    found = await identify(IdentificationRequest(face), services, store, model(), 1.0)
    assert ("ann", Outcome.REVIEW, DecisionReason.RUNNER_UP_CLOSE) == (
        found.subject_id, found.decision.outcome, found.decision.reasons[0]
    )  # fmt: skip
    assert pytest.approx(0.6) == found.runner_up_gap_llr


async def test_posteriors_by_the_prior_of_the_request() -> None:
    """Everybody's and nobody's probabilities add up; a low prior makes nobody likelier and changes no decision."""
    store, services = await world("ann", "bob", "cleo")
    services[Modality.IRIS].mated = services[Modality.FINGERPRINT].mated = 0.0
    likely, rare = [
        await identify(IdentificationRequest(samples_of("bob"), enrolled_prior=prior), services, store, model(), 1.0)
        for prior in (None, 1e-6)
    ]
    (bob,) = likely.candidates
    assert (True, True) == (bob.posterior > 0.99, rare.candidates[0].posterior < 0.5)
    assert pytest.approx(1.0, abs=1e-6) == bob.posterior + likely.none_posterior
    assert pytest.approx(1e5 / 3, rel=1e-6) == bob.posterior / likely.none_posterior
    assert likely.decision == rare.decision


async def test_a_poor_face_does_not_turn_a_match_into_no_match() -> None:
    """What a face of poor quality says against a match of the others is for a person to weigh."""
    store, services = await world("ann")
    services[Modality.FACE].non_mated = -6.0
    services[Modality.IRIS].mated = 4.0
    probes = (sample(Modality.FACE, "blurred"), sample(Modality.IRIS, "ann", LEFT))
    request = VerificationRequest("ann", probes)
    good, poor = [
        await verify(request, services, store, replace(model(), poor_quality={Modality.FACE: limit}), 1.0)
        for limit in (20.0, 90.0)
    ]
    assert DecisionReason.POOR_QUALITY not in good.reasons
    assert (Outcome.REVIEW, DecisionReason.POOR_QUALITY) == (poor.outcome, poor.reasons[0])


@pytest.mark.parametrize(("count", "outcome"), [(3_000_000, Outcome.REVIEW), (4, Outcome.NO_MATCH)])
async def test_somebody_known_by_the_service_that_is_down_alone(count: int, outcome: Outcome) -> None:
    """Nobody found among the others is no answer about a subject that only the missing modality could have found."""
    store, services = await world("ann")
    face_only = EnrolmentRequest(UUID.format(9), "bob", (), "", samples_of("bob")[:1], (), add_encounter=False)
    await enroll(face_only, services, store, 1.0)
    services[Modality.FACE].error = ServiceUnavailable("down")
    services[Modality.IRIS].non_mated = services[Modality.FINGERPRINT].non_mated = -6.0
    face = replace(calibration(Modality.FACE), fmr_log10=(0.0, -log10(count / 3)))
    rule = replace(model(), calibrations={**model().calibrations, face.comparator_id: face})
    found = await identify(IdentificationRequest(samples_of("bob")), services, store, rule, 1.0)
    assert (outcome, "", ()) == (found.decision.outcome, found.subject_id, found.candidates)
    assert DecisionReason.SERVICE_UNAVAILABLE in found.decision.reasons


async def test_identify_with_a_service_down() -> None:
    """A service that fails only for the completion counts as down for every candidate."""
    store, services = await world("ann", "bob")
    services[Modality.FACE].error = ServiceUnavailable("down")
    found = await identify(IdentificationRequest(samples_of("bob")), services, store, model(), 1.0)
    assert ("bob", pytest.approx(10.0), Outcome.MATCH) == (found.subject_id, found.decision.llr, found.decision.outcome)
    assert DecisionReason.SERVICE_UNAVAILABLE in found.decision.reasons


async def test_nobody_found_while_a_service_is_down() -> None:
    """Nobody found is not an answer while a service that might have found somebody is down."""
    store, services = await world("ann")
    services[Modality.FACE].error = ServiceUnavailable("down")
    services[Modality.IRIS].returned = ()
    services[Modality.FINGERPRINT].returned = ()
    found = await identify(IdentificationRequest(samples_of("ann")), services, store, model(), 1.0)
    assert (Outcome.REVIEW, "") == (found.decision.outcome, found.subject_id)


async def test_other_gallery() -> None:
    """Subjects of another gallery are not found; in a gallery that never was nobody is looked for."""
    store, services = await world("ann")
    await store.enroll(enrolment("bob", galleries=("vip",)))
    found = await identify(IdentificationRequest(samples_of("ann"), gallery="vip"), services, store, model(), 1.0)
    assert (Outcome.NO_MATCH, 1) == (found.decision.outcome, found.subject_count)
    with pytest.raises(GalleryNotFound):
        await identify(IdentificationRequest(samples_of("ann"), gallery="vpi"), services, store, model(), 1.0)
