from __future__ import annotations

from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, fusion_models_pb2, subjects_pb2
from biofusion.iris.v1 import iris_pb2_grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from gallery.store.tokens import parse
from gallery.store.values import ConsistencyToken
from tests.service import pictures
from tests.service.fusion.requests import Stub, enrolment, eye, fields_named, refused, someone

FINGER, LEFT_EYE = modality_pb2.MODALITY_FINGERPRINT, modality_pb2.POSITION_LEFT_EYE


def finger(**fields: object) -> sample_pb2.Sample:
    """A sample of a finger."""
    return sample_pb2.Sample(modality=FINGER, **fields)


BAD_SAMPLES = {
    "samples[1].image": finger(image=sample_pb2.Image(data=b"this is no image")),
    "samples[1]": finger(),
    "samples[1].modality": sample_pb2.Sample(image=sample_pb2.Image(data=b"x")),
    "samples[1].position": finger(position=99, image=sample_pb2.Image(data=b"x")),
    "samples[1].image.resolution_dpi": finger(image=sample_pb2.Image(data=b"x", resolution_dpi=0)),
    "samples[1].template.data": finger(template=sample_pb2.Template(model_id="m")),
    "samples[1].template.modality": finger(template=sample_pb2.Template(modality=1, model_id="m", data=b"x")),
    "samples[1].template_quality": finger(
        template=sample_pb2.Template(model_id="m", data=b"x"), template_quality=float("nan")
    ),
}


@pytest.mark.parametrize("field", BAD_SAMPLES)
def test_a_bad_sample_is_named(fusion: Stub, field: str) -> None:
    """The error for one of several samples names the sample, whichever service found it."""
    assert [field] == fields_named(fusion.subjects.EnrollSubject, enrolment(someone(), eye(1, 0), BAD_SAMPLES[field]))


def test_a_template_of_another_kind_is_named(fusion: Stub) -> None:
    """A template that a matching service refuses is named too."""
    template = sample_pb2.Template(model_id="iris-gabor-2", data=b"x")
    bad = sample_pb2.Sample(modality=modality_pb2.MODALITY_IRIS, template=template)
    request = decisions_pb2.IdentifySubjectsRequest(samples=[eye(1, 0), bad])
    assert ["samples[1].template"] == fields_named(fusion.decisions.IdentifySubjects, request)


def missing(reason: int, position: int = LEFT_EYE) -> sample_pb2.MissingPosition:
    """An eye that is missing."""
    return sample_pb2.MissingPosition(modality=modality_pb2.MODALITY_IRIS, position=position, reason=reason)


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        ([missing(modality_pb2.MISSING_REASON_BANDAGED)], "missing"),
        ([missing(1, modality_pb2.POSITION_RIGHT_EYE), missing(2, modality_pb2.POSITION_RIGHT_EYE)], "missing"),
        ([missing(0, modality_pb2.POSITION_RIGHT_EYE)], "missing[0].reason"),
    ],
    ids=["sampled too", "twice", "no reason"],
)
def test_a_contradictory_missing_position_is_refused(
    fusion: Stub, stated: list[sample_pb2.MissingPosition], field: str
) -> None:
    """A position that is both sampled and missing, or missing for two reasons, is refused; nothing is enrolled."""
    assert [field] == fields_named(fusion.subjects.EnrollSubject, enrolment(someone(), eye(1, 0), missing=stated))


@pytest.mark.parametrize(
    ("score", "field"),
    [
        ({"score": float("nan")}, "scores[1].score"),
        ({"comparison_count": -5}, "scores[1].comparison_count"),
        ({"comparison_count": 0}, "scores[1].comparison_count"),
        ({"comparison_count": 2**31 - 1}, "scores[1].comparison_count"),
        ({"comparator_id": "iris-hamming-3"}, "scores[1].modality"),
        ({"comparator_id": ""}, "scores[1].comparator_id"),
        ({"modality": 0}, "scores[1].modality"),
    ],
    ids=str,
)
def test_a_bad_score_is_named(fusion: Stub, score: dict[str, Any], field: str) -> None:
    """Scores that are not finite, with impossible counts or for another modality's comparator are refused by field."""
    good = {"modality": modality_pb2.MODALITY_FACE, "comparator_id": "face-cosine-1", "score": 0.9}
    scores = [decisions_pb2.NamedScore(**good), decisions_pb2.NamedScore(**(good | score))]
    assert [field] == fields_named(fusion.decisions.FuseScores, decisions_pb2.FuseScoresRequest(scores=scores))


def test_a_missing_modality_of_a_score_names_those_of_the_wire(fusion: Stub) -> None:
    """The names in the error are those that the caller can send."""
    score = decisions_pb2.NamedScore(comparator_id="face-cosine-1", score=0.9)
    with pytest.raises(grpc.RpcError, match="MODALITY_FACE, MODALITY_FINGERPRINT, MODALITY_IRIS"):
        fusion.decisions.FuseScores(decisions_pb2.FuseScoresRequest(scores=[score]))


def test_a_gallery_of_an_enrolment_is_named_by_its_place(fusion: Stub) -> None:
    """Of several galleries the malformed one is told."""
    request = enrolment(someone(), eye(1, 0), galleries=["staff", "no name"])
    assert ["galleries[1]"] == fields_named(fusion.subjects.EnrollSubject, request)


def test_a_stated_0_is_no_default(fusion: Stub) -> None:
    """An explicit 0 of an optional field is validated as 0, and named if invalid; only unset means the default."""
    probe = eye(1, 0)
    for field in ("fpir", "enrolled_prior", "max_candidate_count"):
        request = decisions_pb2.IdentifySubjectsRequest(samples=[probe], **{field: 0})
        assert [field] == fields_named(fusion.decisions.IdentifySubjects, request)
    subject = someone()
    fusion.subjects.EnrollSubject(enrolment(subject, probe))
    verification = decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=[probe], fmr=0)
    assert ["fmr"] == fields_named(fusion.decisions.VerifySubject, verification)
    score = decisions_pb2.NamedScore(modality=1, comparator_id="face-cosine-1", score=0.9)
    fused = decisions_pb2.FuseScoresRequest(scores=[score], fmr=0)
    assert ["fmr"] == fields_named(fusion.decisions.FuseScores, fused)


def test_a_page_size_above_the_maximum_is_coerced(fusion: Stub) -> None:
    """In both lists a page_size above the maximum becomes the maximum; a negative one is refused by name."""
    subjects, models = subjects_pb2.ListSubjectsRequest, fusion_models_pb2.ListFusionModelsRequest
    assert fusion.subjects.ListSubjects(subjects(page_size=2**31 - 1))
    assert fusion.models.ListFusionModels(models(page_size=2**31 - 1))
    assert ["page_size"] == fields_named(fusion.subjects.ListSubjects, subjects(page_size=-1))
    assert ["page_size"] == fields_named(fusion.models.ListFusionModels, models(page_size=-1))


def test_listing_a_gallery_with_an_invalid_name(fusion: Stub) -> None:
    """An invalid gallery name is refused as in a search, not answered with an empty list."""
    assert ["gallery"] == fields_named(fusion.subjects.ListSubjects, subjects_pb2.ListSubjectsRequest(gallery="a b"))


def test_a_gallery_that_never_was_is_not_found(fusion: Stub) -> None:
    """An unknown gallery is neither searched nor listed, so that a misspelt name is no empty gallery."""
    search = decisions_pb2.IdentifySubjectsRequest(samples=[eye(1, 0)], gallery="defualt")
    listing = subjects_pb2.ListSubjectsRequest(gallery="defualt")
    expected = (grpc.StatusCode.NOT_FOUND, "GALLERY_NOT_FOUND")
    assert (
        expected == refused(fusion.decisions.IdentifySubjects, search) == refused(fusion.subjects.ListSubjects, listing)
    )


def test_a_token_of_a_write_that_was_lost_is_named(fusion: Stub) -> None:
    """Every read with the token of a lost write fails at once with STORE_SET_BACK."""
    subject = someone()
    token = fusion.subjects.EnrollSubject(enrolment(subject, eye(31, 0))).consistency_token
    (position,) = parse(ConsistencyToken(token), token.partition(".")[0]).of.values()
    lost = token.replace(position.mark, "0" * 8 if position.mark != "0" * 8 else "1" * 8)
    expected = (grpc.StatusCode.FAILED_PRECONDITION, "STORE_SET_BACK")
    verify = decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=[eye(31, 1)], consistency_token=lost)
    identify = decisions_pb2.IdentifySubjectsRequest(samples=[eye(31, 1)], consistency_token=lost)
    assert (
        expected
        == refused(fusion.decisions.VerifySubject, verify)
        == refused(fusion.decisions.IdentifySubjects, identify)
    )
    for call, request in (
        (
            fusion.subjects.GetSubject,
            subjects_pb2.GetSubjectRequest(subject_id=subject, consistency_token=lost),
        ),
        (fusion.subjects.ListSubjects, subjects_pb2.ListSubjectsRequest(consistency_token=lost)),
    ):
        assert expected == refused(call, request)


@pytest.mark.parametrize("character", ["x", "ü"])
def test_a_long_value_does_not_break_its_error(fusion: Stub, channel: grpc.Channel, character: str) -> None:
    """An error about a value of 100,000 characters still arrives, from a matching service and through fusion."""
    template = sample_pb2.Template(model_id=character * 100_000, data=b"x")
    compare = matching_pb2.CompareTemplatesRequest(probe=template, references=[template])
    sample = sample_pb2.Sample(modality=modality_pb2.MODALITY_IRIS, template=template)
    expected = (grpc.StatusCode.FAILED_PRECONDITION, "TEMPLATE_MODEL_MISMATCH")
    assert expected == refused(iris_pb2_grpc.IrisServiceStub(channel).CompareTemplates, compare)
    assert expected == refused(fusion.subjects.EnrollSubject, enrolment(someone(), sample))


def test_a_sample_of_another_modality(channel: grpc.Channel) -> None:
    """A fingerprint sample is refused by the iris service, even if its position is unknown."""
    request = matching_pb2.SearchGalleryRequest(probe=finger(image=sample_pb2.Image(data=pictures.eye(1))))
    assert ["probe.modality"] == fields_named(iris_pb2_grpc.IrisServiceStub(channel).SearchGallery, request)


def test_a_face_among_others_is_not_enrolled(fusion: Stub) -> None:
    """Enrolment with a second face of comparable size is refused as FACES_AMBIGUOUS, in a dry run too."""
    image = sample_pb2.Image(data=pictures.two_people())
    face = sample_pb2.Sample(modality=modality_pb2.MODALITY_FACE, image=image)
    expected = (grpc.StatusCode.FAILED_PRECONDITION, "FACES_AMBIGUOUS")
    assert expected == refused(fusion.subjects.EnrollSubject, enrolment(someone(), face))
    assert expected == refused(fusion.subjects.EnrollSubject, enrolment(someone(), face, validate_only=True))
