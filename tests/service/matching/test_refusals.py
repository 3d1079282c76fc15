"""What every matching service refuses."""

from __future__ import annotations

import grpc
import numpy as np
import pytest
from biofusion.fingerprint.v1 import fingerprint_pb2_grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2

from biometrics.template import Modality
from tests.service import pictures
from tests.service.matching.conftest import Service, extract, refused


@pytest.mark.parametrize("name", pictures.REFUSED)
def test_images_that_are_refused(service: Service, name: str) -> None:
    """An image that cannot be read is INVALID_ARGUMENT with the reason."""
    data, reason = pictures.REFUSED[name]
    assert (grpc.StatusCode.INVALID_ARGUMENT, reason) == refused(extract, service, data)


def test_nothing_in_the_image(service: Service) -> None:
    """An image without a face, finger or eye is FAILED_PRECONDITION with the reason."""
    assert (grpc.StatusCode.FAILED_PRECONDITION, service.nothing_found) == refused(extract, service, pictures.BLANK)


def test_position_of_another_modality(service: Service) -> None:
    """A position that the modality does not have is refused."""
    image = pictures.of(service.modality)
    code, reason = refused(extract, service, image, position=service.wrong_position)
    assert (grpc.StatusCode.INVALID_ARGUMENT, "POSITION_INVALID") == (code, reason)


def test_position_unknown_to_this_version(service: Service) -> None:
    """An enum value of a later version is refused by the field's name."""
    code, reason = refused(extract, service, pictures.of(service.modality), position=99)
    assert (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID") == (code, reason)


def test_malformed_templates(service: Service) -> None:
    """A template cut short, without data, or of NaN bytes is refused and named as malformed."""
    good = extract(service, pictures.of(service.modality)).template
    nan = np.full(len(good.data) // 4 + 1, np.nan, np.float32).tobytes()[: len(good.data)]
    for data in (good.data[:-1], b"", nan):
        bad = sample_pb2.Template(modality=good.modality, model_id=good.model_id, data=data)
        request = matching_pb2.CompareTemplatesRequest(probe=good, references=[bad])
        assert (grpc.StatusCode.INVALID_ARGUMENT, "TEMPLATE_MALFORMED") == refused(
            service.stub.CompareTemplates, request
        )


def test_template_of_another_model(service: Service) -> None:
    """A template of another model is FAILED_PRECONDITION, in a comparison and as a probe."""
    good = extract(service, pictures.of(service.modality)).template
    other = sample_pb2.Template(modality=good.modality, model_id="older-1", data=good.data)
    request = matching_pb2.CompareTemplatesRequest(probe=other, references=[good])
    expected = (grpc.StatusCode.FAILED_PRECONDITION, "TEMPLATE_MODEL_MISMATCH")
    assert expected == refused(service.stub.CompareTemplates, request)
    search = matching_pb2.SearchGalleryRequest(probe=sample_pb2.Sample(template=other))
    assert expected == refused(service.stub.SearchGallery, search)


def test_counts_out_of_range(service: Service) -> None:
    """No references, no subjects, or too many candidates are refused by the field's name."""
    good = extract(service, pictures.of(service.modality)).template
    probe = sample_pb2.Sample(template=good)
    stub = service.stub
    calls = [
        (stub.CompareTemplates, matching_pb2.CompareTemplatesRequest(probe=good)),
        (stub.ScoreSubjects, matching_pb2.ScoreSubjectsRequest(probe=probe)),
        (stub.SearchGallery, matching_pb2.SearchGalleryRequest(probe=probe, max_candidate_count=1001)),
        (stub.SearchGallery, matching_pb2.SearchGalleryRequest(probe=sample_pb2.Sample())),
        (stub.SearchGallery, matching_pb2.SearchGalleryRequest(probe=probe, consistency_token="junk")),
    ]
    assert {(grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")} == {refused(call, request) for call, request in calls}


def test_a_gallery_that_never_was_is_not_found(service: Service) -> None:
    """An unknown gallery is named in the error; the default one exists before anybody is enrolled in it."""
    good = extract(service, pictures.of(service.modality)).template
    probe = sample_pb2.Sample(template=good)
    service.stub.SearchGallery(matching_pb2.SearchGalleryRequest(probe=probe, max_candidate_count=1))
    misspelt = matching_pb2.SearchGalleryRequest(probe=probe, gallery="defualt")
    assert (grpc.StatusCode.NOT_FOUND, "GALLERY_NOT_FOUND") == refused(service.stub.SearchGallery, misspelt)


def test_deadline(service: Service) -> None:
    """A call past its deadline ends with DEADLINE_EXCEEDED."""
    image = sample_pb2.Image(data=pictures.of(service.modality))
    with pytest.raises(grpc.RpcError) as caught:
        service.stub.ExtractTemplate(matching_pb2.ExtractTemplateRequest(image=image), timeout=0.001)
    assert grpc.StatusCode.DEADLINE_EXCEEDED == caught.value.code()


def test_resolution_out_of_range(channel: grpc.Channel) -> None:
    """A stated resolution outside 250–1000 dpi is refused by the field's name."""
    stub = fingerprint_pb2_grpc.FingerprintServiceStub(channel)
    image = sample_pb2.Image(data=pictures.of(Modality.FINGERPRINT), resolution_dpi=96)
    request = matching_pb2.ExtractTemplateRequest(image=image)
    assert (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID") == refused(stub.ExtractTemplate, request)
