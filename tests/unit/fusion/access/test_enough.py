from __future__ import annotations

import pytest

from biometrics.errors import AccessDenied, ServiceUnavailable
from biometrics.template import Modality, Position
from fusion.access.enough import checked_decision, checked_search
from fusion.access.needs import Needs, counted
from fusion.decision.decision import DecisionReason, Outcome
from fusion.use_cases.identify import IdentificationRequest, identify
from fusion.use_cases.verify import VerificationRequest, verify
from tests.unit.fusion.enrolled_people import samples_of, world
from tests.unit.fusion.world import model, sample

NOT_A_FACE_ALONE = (Needs(((("fingerprint", 1),), (("face", 1), ("iris", 1)))),)


def test_second_samples_of_a_position_are_no_more_evidence() -> None:
    """Positions are counted, and samples of unknown position are one."""
    finger, unknown = (Modality.FINGERPRINT, Position.LEFT_THUMB), (Modality.FINGERPRINT, Position.UNKNOWN)
    assert {"FINGERPRINT": 1} == counted([finger, finger, unknown])
    assert {"FINGERPRINT": 1} == counted([unknown, unknown])
    assert {"FINGERPRINT": 2, "FACE": 1} == counted(
        [finger, (Modality.FINGERPRINT, Position.RIGHT_THUMB), (Modality.FACE, Position.FACE)]
    )


def test_one_alternative_must_be_met() -> None:
    """Alternatives stand beside each other; within one all is needed; `any` counts over all modalities."""
    (needs,) = NOT_A_FACE_ALONE
    assert [False, False, True, True] == [
        needs.met_by(each) for each in ({}, {"FACE": 1}, {"FACE": 1, "IRIS": 1}, {"FINGERPRINT": 1})
    ]
    assert [False, True] == [Needs(((("any", 2),),)).met_by(each) for each in ({"FACE": 1}, {"FACE": 1, "IRIS": 1})]


async def test_a_match_that_a_face_alone_supports_is_a_review() -> None:
    """A print that speaks against the subject does not make a face enough, whatever the sum."""
    store, services = await world("ann")
    services[Modality.FACE].mated, services[Modality.FINGERPRINT].non_mated = 6.0, -0.5
    request = VerificationRequest(
        "ann", (sample(Modality.FACE, "ann"), sample(Modality.FINGERPRINT, "bob", Position.RIGHT_INDEX))
    )
    decision = await verify(request, services, store, model(), 1.0)
    assert Outcome.MATCH is decision.outcome
    checked = checked_decision(decision, NOT_A_FACE_ALONE, "1@d")
    assert (Outcome.REVIEW, DecisionReason.EVIDENCE_NOT_ENOUGH) == (checked.outcome, checked.reasons[0])
    assert decision.reasons == checked.reasons[1:]
    assert decision == checked_decision(decision, (), "")


async def test_samples_that_cannot_be_used_do_not_count() -> None:
    """A decision on one face, as the finger shows nothing or its service is down, is withheld."""
    store, services = await world("ann")
    request = VerificationRequest(
        "ann", (sample(Modality.FACE, "ann"), sample(Modality.FINGERPRINT, "nobody", Position.RIGHT_INDEX))
    )
    decision = await verify(request, services, store, model(), 1.0)
    with pytest.raises(AccessDenied, match=r"1 × fingerprint or 1 × face and 1 × iris\. There are: 1 × face") as caught:
        checked_decision(decision, NOT_A_FACE_ALONE, "1@d")
    assert ("EVIDENCE_NOT_ENOUGH", "1@d") == (caught.value.reason, caught.value.metadata["policy"])
    services[Modality.FINGERPRINT].error = ServiceUnavailable("down")
    decision = await verify(VerificationRequest("ann", samples_of("ann")[:2]), services, store, model(), 1.0)
    with pytest.raises(AccessDenied):
        checked_decision(decision, NOT_A_FACE_ALONE, "1@d")


async def test_candidates_too_are_not_matched_by_a_face_alone() -> None:
    """Of a search, the decision and every candidate are held to the same; what is enough stays as it is."""
    store, services = await world("ann", "bob")
    whole = await identify(IdentificationRequest(samples_of("ann")), services, store, model(), 1.0)
    assert whole == checked_search(whole, NOT_A_FACE_ALONE, "1@d")
    services[Modality.FACE].mated, services[Modality.FINGERPRINT].non_mated = 6.0, -0.5
    mixed = (sample(Modality.FACE, "ann"), sample(Modality.FINGERPRINT, "zoe", Position.RIGHT_INDEX))
    found = await identify(IdentificationRequest(mixed), services, store, model(), 1.0)
    assert Outcome.MATCH is found.candidates[0].decision.outcome
    checked = checked_search(found, NOT_A_FACE_ALONE, "1@d")
    assert [Outcome.REVIEW] * 2 == [checked.decision.outcome, checked.candidates[0].decision.outcome]
    assert "ann" == checked.subject_id


async def test_an_empty_gallery_is_searched_with_enough() -> None:
    """Samples count as used where there is nobody to compare them with."""
    store, services = await world()
    found = await identify(IdentificationRequest(samples_of("ann")), services, store, model(), 1.0)
    assert found == checked_search(found, NOT_A_FACE_ALONE, "1@d")
