"""fusion.use_cases.identify: identifications with all services, and with some of them down."""

from __future__ import annotations

from dataclasses import replace
from math import log10

import pytest

from biometrics.errors import GalleryNotFound, ServiceUnavailable
from biometrics.template import Modality
from fusion.decision.decision import DecisionReason, Outcome
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.identify import IdentificationRequest, identify
from fusion.use_cases.verify import VerificationRequest, verify
from tests.support.builders import enrolment
from tests.unit.fusion.enrolled_people import LEFT, samples_of, world
from tests.unit.fusion.world import UUID, calibration, model, sample


async def test_identify_finds_the_mate() -> None:
    """The mate is ranked first, at a threshold that grows with the gallery."""
    store, services = await world("ann", "bob", "cleo")
    found = await identify(IdentificationRequest(samples_of("bob")), services, store, model(), 1.0)
    assert ("bob", Outcome.MATCH, 3) == (found.subject_id, found.decision.outcome, found.subject_count)
    assert pytest.approx(2 + log10(3)) == found.decision.thresholds.match_llr
    assert ["bob"] == [each.subject_id for each in found.candidates]


async def test_identify_unenrolled_person() -> None:
    """A person who is not enrolled is a NO_MATCH with an empty list and the evidence against the best subject."""
    store, services = await world("ann", "bob")
    found = await identify(IdentificationRequest(samples_of("zoe")), services, store, model(), 1.0)
    assert ("", (), Outcome.NO_MATCH) == (found.subject_id, found.candidates, found.decision.outcome)
    assert 3 == len(found.decision.evidence)


async def test_identify_in_an_empty_gallery() -> None:
    """An empty gallery gives NO_MATCH, not an error and not REVIEW."""
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


async def test_a_mate_found_by_an_incomplete_search_is_a_review() -> None:
    """If a part of the gallery was not searched, a MATCH becomes REVIEW with SEARCH_INCOMPLETE."""
    store, services = await world("ann", "bob", "cleo")
    services[Modality.FACE].unsearched = 4
    found = await identify(IdentificationRequest(samples_of("bob")), services, store, model(), 1.0)
    assert ("bob", Outcome.REVIEW) == (found.subject_id, found.decision.outcome)
    assert DecisionReason.SEARCH_INCOMPLETE == found.decision.reasons[0]
    assert found.unseen_llr is not None


async def test_nobody_found_by_an_incomplete_search_is_a_review() -> None:
    """If a part of the gallery was not searched, NO_MATCH becomes REVIEW with SEARCH_INCOMPLETE."""
    store, services = await world("ann", "bob")
    services[Modality.FACE].unsearched = 4
    found = await identify(IdentificationRequest(samples_of("zoe")), services, store, model(), 1.0)
    assert (Outcome.REVIEW, ()) == (found.decision.outcome, found.candidates)
    assert DecisionReason.SEARCH_INCOMPLETE in found.decision.reasons


async def test_a_search_that_is_complete_at_the_second_attempt_decides() -> None:
    """A search that left a part out is repeated, and if that is complete, its answer counts."""
    store, services = await world("ann", "bob")
    services[Modality.FACE].unsearched, services[Modality.FACE].unsearched_calls = 4, 1
    found = await identify(IdentificationRequest(samples_of("bob")), services, store, model(), 1.0)
    assert ("bob", Outcome.MATCH) == (found.subject_id, found.decision.outcome)
    assert DecisionReason.SEARCH_INCOMPLETE not in found.decision.reasons


async def test_two_matches_are_a_review() -> None:
    """If two subjects match, e.g. one person enrolled twice, the answer is REVIEW."""
    store, services = await world("ann")
    twin = EnrolmentRequest(UUID.format(9), "twin", (), "", samples_of("ann"), (), add_encounter=False)
    await enroll(twin, services, store, 1.0)
    found = await identify(IdentificationRequest(samples_of("ann")), services, store, model(), 1.0)
    assert (Outcome.REVIEW, DecisionReason.SEVERAL_CANDIDATES) == (found.decision.outcome, found.decision.reasons[0])
    assert ["ann", "twin"] == [each.subject_id for each in found.candidates]


async def test_two_matches_are_seen_if_one_candidate_is_asked_for() -> None:
    """The number of candidates to return does not change the decision."""
    store, services = await world("ann")
    twin = EnrolmentRequest(UUID.format(9), "twin", (), "", samples_of("ann"), (), add_encounter=False)
    await enroll(twin, services, store, 1.0)
    found = await identify(IdentificationRequest(samples_of("ann"), limit=1), services, store, model(), 1.0)
    assert (Outcome.REVIEW, 1) == (found.decision.outcome, len(found.candidates))


async def test_a_close_runner_up_is_a_review() -> None:
    """A match is a REVIEW if another subject's LLR is less than 1 lower, even if that one is no match itself."""
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
    """Posteriors add up to 1; a low prior makes "none of them" more probable and changes no decision."""
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
    """A face of poor quality that opposes a match of the others gives REVIEW."""
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
async def test_a_subject_that_only_a_service_that_is_down_could_find(count: int, outcome: Outcome) -> None:
    """The answer is REVIEW if a subject could have been found only by the modality whose service is down."""
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
    """A service that fails during the completion counts as unavailable for every candidate."""
    store, services = await world("ann", "bob")
    services[Modality.FACE].error = ServiceUnavailable("down")
    found = await identify(IdentificationRequest(samples_of("bob")), services, store, model(), 1.0)
    assert ("bob", pytest.approx(10.0), Outcome.MATCH) == (found.subject_id, found.decision.llr, found.decision.outcome)
    assert DecisionReason.SERVICE_UNAVAILABLE in found.decision.reasons


async def test_no_candidate_while_a_service_is_down() -> None:
    """Without a candidate the answer is REVIEW while a service that might have found one is down."""
    store, services = await world("ann")
    services[Modality.FACE].error = ServiceUnavailable("down")
    services[Modality.IRIS].returned = ()
    services[Modality.FINGERPRINT].returned = ()
    found = await identify(IdentificationRequest(samples_of("ann")), services, store, model(), 1.0)
    assert (Outcome.REVIEW, "") == (found.decision.outcome, found.subject_id)


async def test_other_gallery() -> None:
    """Subjects of another gallery are not found, and a gallery that never existed is an error."""
    store, services = await world("ann")
    await store.enroll(enrolment("bob", galleries=("vip",)))
    found = await identify(IdentificationRequest(samples_of("ann"), gallery="vip"), services, store, model(), 1.0)
    assert (Outcome.NO_MATCH, 1) == (found.decision.outcome, found.subject_count)
    with pytest.raises(GalleryNotFound):
        await identify(IdentificationRequest(samples_of("ann"), gallery="vpi"), services, store, model(), 1.0)
