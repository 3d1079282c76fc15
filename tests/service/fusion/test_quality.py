"""CheckQuality: what would be enrolled of each sample, and why not."""

from __future__ import annotations

import pytest
from biofusion.fusion.v1 import subjects_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from tests.service import pictures
from tests.service.fusion.requests import Stub, eye, fields_named

FACE = modality_pb2.MODALITY_FACE


def face(data: bytes) -> sample_pb2.Sample:
    """A picture as a sample of a face."""
    return sample_pb2.Sample(modality=FACE, image=sample_pb2.Image(data=data))


def test_each_sample_has_a_report(fusion: Stub) -> None:
    """A good sample, one without a face, and one with two: reports in order, and no error."""
    samples = [eye(1, 0), face(pictures.BLANK), face(pictures.two_people())]
    reports = fusion.subjects.CheckQuality(subjects_pb2.CheckQualityRequest(samples=samples)).reports
    assert [(True, ""), (False, "FACE_NOT_FOUND"), (False, "FACES_AMBIGUOUS")] == [
        (each.is_sufficient, each.failure_reason) for each in reports
    ]
    assert "iris-gabor-2" == reports[0].report.model_id
    assert [0, 1, 2] == [each.report.sample_index for each in reports]
    assert [True, False, True] == [each.report.HasField("quality") for each in reports]
    assert [True, False, False] == [not each.failure_message for each in reports]
    assert not any("samples[" in each.failure_message for each in reports)


@pytest.mark.parametrize("name", pictures.REFUSED)
def test_what_is_no_image_is_refused(fusion: Stub, name: str) -> None:
    """An image that cannot be decoded is an error of the call, which names it."""
    data, _ = pictures.REFUSED[name]
    request = subjects_pb2.CheckQualityRequest(samples=[eye(1, 0), face(data)])
    assert ["samples[1].image"] == fields_named(fusion.subjects.CheckQuality, request)


def test_no_sample_is_refused(fusion: Stub) -> None:
    """There is nothing to report."""
    assert ["samples"] == fields_named(fusion.subjects.CheckQuality, subjects_pb2.CheckQualityRequest())
