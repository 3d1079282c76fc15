"""Samples sent twice, under two positions or under the wrong one, and samples too poor to decide on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from biometrics.calibration.score_calibration import Calibration
from biometrics.errors import ServiceUnavailable
from biometrics.sample import Sample
from biometrics.template import Modality, Position
from fusion.decision.decision import Decision, DecisionReason, Outcome
from fusion.models.model import FusionModel
from fusion.ranking.identification import Identification
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.identify import IdentificationRequest, identify
from fusion.use_cases.verify import VerificationRequest, verify
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.world import UUID, FakeMatcher, matchers, model, sample

LEFT, RIGHT = Position.LEFT_EYE, Position.RIGHT_EYE
INDEX, MIDDLE, RING = Position.RIGHT_INDEX, Position.RIGHT_MIDDLE, Position.RIGHT_RING
CALIBRATIONS = model().calibrations
POOR = replace(model(), poor_quality=dict.fromkeys(Modality, 20.0))


def eyes(left: str, right: str) -> tuple[Sample, Sample]:
    """A left and a right eye."""
    return sample(Modality.IRIS, left, LEFT), sample(Modality.IRIS, right, RIGHT)


def fingers(index: str, middle: str, ring: str) -> tuple[Sample, ...]:
    """Three fingers of a hand."""
    given = zip((index, middle, ring), (INDEX, MIDDLE, RING), strict=True)
    return tuple(sample(Modality.FINGERPRINT, who, where) for who, where in given)


async def world() -> tuple[MemoryStore, dict[Modality, FakeMatcher]]:
    """Ann and Bob enrolled with a face, both eyes and three fingers, all different."""
    store = MemoryStore()
    services = matchers(store)
    for number, who in enumerate(("ann", "bob")):
        samples = (
            sample(Modality.FACE, who),
            *eyes(f"{who} left", f"{who} right"),
            *fingers(f"{who} index", f"{who} middle", f"{who} ring"),
        )
        await enroll(
            EnrolmentRequest(UUID.format(number), who, (), "", samples, (), add_encounter=False), services, store, 1
        )
    return store, services


async def verified(*samples: Sample, by: FusionModel | None = None, quality: float = 80.0) -> Decision:
    """Verify the samples as Ann's."""
    store, services = await world()
    for service in services.values():
        service.quality = quality
    return await verify(VerificationRequest("ann", samples), services, store, by or model(), 1.0)


async def identified(*samples: Sample, by: FusionModel | None = None, quality: float = 80.0) -> Identification:
    """Identify the samples among Ann and Bob."""
    store, services = await world()
    for service in services.values():
        service.quality = quality
    return await identify(IdentificationRequest(samples), services, store, by or model(), 1.0)


@pytest.mark.parametrize("count", [2, 3, 10])
async def test_a_sample_sent_again_counts_once(count: int) -> None:
    """Copies of a sample have the fused LLR of one in verification and identification, and are remarked on."""
    face = sample(Modality.FACE, "ann")
    alone, again = await verified(face), await verified(*[face] * count)
    found = await identified(*[face] * count)
    assert pytest.approx(alone.llr) == again.llr == found.decision.llr
    assert alone.outcome == again.outcome
    assert DecisionReason.SAME_SAMPLE_TWICE in again.reasons
    assert DecisionReason.SAME_SAMPLE_TWICE in found.decision.reasons
    assert again.llr == pytest.approx(sum(each.contribution or 0.0 for each in again.evidence))


async def test_one_eye_as_left_and_right_counts_once() -> None:
    """The same eye sent as left and right has the LLR of one, and is remarked on."""
    decision = await verified(*eyes("ann left", "ann left"))
    assert DecisionReason.POSITIONS_ALIKE in decision.reasons
    assert decision.llr < 5.0


async def test_samples_whose_likeness_is_not_known_count_once() -> None:
    """If the service fails while samples are compared with each other, copies are still worth one."""
    store, services = await world()
    face = services[Modality.FACE]

    class Failing(FakeMatcher):
        async def compare(self, probe, references, timeout_s):  # type: ignore[no-untyped-def] # the port's
            if len(references) > 1:
                raise ServiceUnavailable("down")
            return await super().compare(probe, references, timeout_s)

    services[Modality.FACE] = Failing(face.modality, store)
    twice = [sample(Modality.FACE, "ann")] * 2
    decision = await verify(VerificationRequest("ann", tuple(twice)), services, store, model(), 1.0)
    assert pytest.approx(5.0) == decision.llr


async def test_two_faces_under_one_request_are_a_contradiction() -> None:
    """Ann's face together with another person's is a REVIEW, as the samples are of two people."""
    decision = await verified(sample(Modality.FACE, "ann"), sample(Modality.FACE, "eve"))
    assert (Outcome.REVIEW, True) == (decision.outcome, DecisionReason.SAMPLES_DIFFER in decision.reasons)


@pytest.mark.parametrize(
    "samples",
    [
        eyes("ann right", "ann left"),
        fingers("ann middle", "ann index", "ann ring"),
        fingers("ann middle", "ann ring", "ann index"),
        (sample(Modality.IRIS, "ann left", RIGHT),),
    ],
    ids=["eyes", "two fingers", "three fingers", "one eye"],
)
async def test_swapped_positions_are_a_review(samples: tuple[Sample, ...]) -> None:
    """Samples that match in swapped positions give REVIEW, with the matched positions in the evidence."""
    decision = await verified(*samples)
    assert (Outcome.REVIEW, DecisionReason.POSITIONS_SWAPPED) == (decision.outcome, decision.reasons[0])
    assert any(each.is_crossed for each in decision.evidence)


async def test_swapped_positions_name_the_candidate() -> None:
    """An identification that finds no match by position searches all positions."""
    found = await identified(*eyes("bob right", "bob left"))
    assert ("bob", Outcome.REVIEW) == (found.subject_id, found.decision.outcome)
    assert DecisionReason.POSITIONS_SWAPPED in found.decision.reasons
    assert ["bob"] == [each.subject_id for each in found.candidates]


async def test_a_face_does_not_hide_swapped_eyes() -> None:
    """If the face makes a candidate that the swapped eyes contradict, the swap is found and stated."""
    found = await identified(sample(Modality.FACE, "bob"), *eyes("bob right", "bob left"))
    assert ("bob", Outcome.REVIEW) == (found.subject_id, found.decision.outcome)
    assert DecisionReason.POSITIONS_SWAPPED in found.decision.reasons


async def test_eyes_of_another_person_stay_a_no_match_when_swapped() -> None:
    """The eyes of another person match in neither order."""
    decision = await verified(*eyes("eve left", "eve right"))
    found = await identified(*eyes("eve left", "eve right"))
    assert (Outcome.NO_MATCH, Outcome.NO_MATCH) == (decision.outcome, found.decision.outcome)
    assert DecisionReason.POSITIONS_SWAPPED not in (*decision.reasons, *found.decision.reasons)


async def test_matching_positions_are_not_compared_with_others() -> None:
    """A match is not compared with other positions, and has no doubt."""
    assert (Outcome.MATCH, (DecisionReason.STRONG_EVIDENCE,)) == (
        (decision := await verified(*eyes("ann left", "ann right"))).outcome,
        decision.reasons,
    )


@pytest.mark.parametrize("who", ["ann", "eve"])
async def test_a_poor_sample_alone_is_a_review(who: str) -> None:
    """A poor sample alone gives REVIEW, whether it matches or not."""
    decision = await verified(sample(Modality.FACE, who), by=POOR, quality=10.0)
    assert (Outcome.REVIEW, DecisionReason.POOR_QUALITY) == (decision.outcome, decision.reasons[0])


async def test_a_poor_sample_of_an_unenrolled_person_is_a_review_without_candidates() -> None:
    """A poor sample names no subject of the gallery, and rules none out."""
    found = await identified(sample(Modality.FACE, "eve"), by=POOR, quality=10.0)
    assert ("", (), Outcome.REVIEW) == (found.subject_id, found.candidates, found.decision.outcome)
    assert {DecisionReason.POOR_QUALITY, DecisionReason.NO_CANDIDATE} <= set(found.decision.reasons)


async def test_an_unusable_file_does_not_prevent_a_no_match() -> None:
    """An unusable file beside a face that matches no subject leaves NO_MATCH without candidates."""
    useless = sample(Modality.FINGERPRINT, "nobody", INDEX)
    decision = await verified(sample(Modality.FACE, "eve"), useless)
    found = await identified(sample(Modality.FACE, "eve"), useless)
    assert (Outcome.NO_MATCH, Outcome.NO_MATCH, ()) == (decision.outcome, found.decision.outcome, found.candidates)
    assert DecisionReason.SAMPLE_UNUSABLE in decision.reasons


async def test_two_copies_reach_no_more_than_one() -> None:
    """The reachable LLR is computed by the same sum: NOT_CARRIED is stated, as copies do not make up for low counts."""
    face = sample(Modality.FACE, "ann")
    asked = VerificationRequest("ann", (face, face), fmr=1e-8)
    store, services = await world()
    decision = await verify(asked, services, store, replace(model(), calibrations=few()), 1.0)
    assert DecisionReason.NOT_CARRIED in decision.reasons


def few() -> dict[str, Calibration]:
    """Calibrations that support an FMR of 1e-6, so LLR 6 at most; two independent faces would reach 9."""
    return {key: replace(each, fmr_scores=(0.0, 6.0), fmr_log10=(0.0, -6.0)) for key, each in CALIBRATIONS.items()}
