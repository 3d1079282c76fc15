from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
import pytest
from biofusion.face.v1 import face_pb2, face_pb2_grpc
from biofusion.fingerprint.v1 import fingerprint_pb2, fingerprint_pb2_grpc
from biofusion.iris.v1 import iris_pb2, iris_pb2_grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from biometrics.template import Modality
from infra.wire.status import error_info
from tests.service import pictures


@dataclass(frozen=True)
class Service:
    """One matching service, its protobuf module and its peculiarities."""

    modality: Modality
    contract: Any
    stub: Any
    wrong_position: int
    nothing_found: str

    @property
    def name(self) -> str:
        """Full name of the service."""
        return str(next(iter(self.contract.DESCRIPTOR.services_by_name.values())).full_name)


@pytest.fixture(params=Modality, ids=str.lower)
def service(request: pytest.FixtureRequest, channel: grpc.Channel) -> Service:
    """Each matching service in turn."""
    match request.param:
        case Modality.FACE:
            stub = face_pb2_grpc.FaceServiceStub(channel)
            return Service(request.param, face_pb2, stub, modality_pb2.POSITION_LEFT_EYE, "FACE_NOT_FOUND")
        case Modality.FINGERPRINT:
            stub = fingerprint_pb2_grpc.FingerprintServiceStub(channel)
            return Service(request.param, fingerprint_pb2, stub, modality_pb2.POSITION_FACE, "FINGER_NOT_FOUND")
        case _:
            stub = iris_pb2_grpc.IrisServiceStub(channel)
            return Service(request.param, iris_pb2, stub, modality_pb2.POSITION_RIGHT_THUMB, "IRIS_NOT_FOUND")


def extract(service: Service, data: bytes, **fields: object) -> Any:
    """ExtractTemplate of an image."""
    image = sample_pb2.Image(data=data)
    return service.stub.ExtractTemplate(matching_pb2.ExtractTemplateRequest(image=image, **fields), timeout=60)


def refused(call: Any, *args: Any, **options: Any) -> tuple[grpc.StatusCode, str]:
    """Status code and reason of a call that fails; the message must be readable text."""
    with pytest.raises(grpc.RpcError) as caught:
        call(*args, **options)
    assert re.match(r"[A-Z`a-z_0-9]+.* .*[.\]]$", caught.value.details(), re.DOTALL)
    return caught.value.code(), error_info(caught.value.trailing_metadata()).reason


def test_extracts_and_compares(service: Service) -> None:
    """An image gives a template with quality and details, and the template matches itself above FMR 1e-2."""
    response = extract(service, pictures.of(service.modality))
    assert 0 < response.quality.value <= 100
    assert response.HasField("details")
    request = matching_pb2.CompareTemplatesRequest(probe=response.template, references=[response.template] * 2)
    first, second = service.stub.CompareTemplates(request).comparisons
    assert first == second
    assert first.llr > 0
    assert first.fmr < 0.01


def test_info_states_model_and_calibration(service: Service) -> None:
    """GetServiceInfo names the model, the comparator, its calibration's source and the models' hashes."""
    info = service.stub.GetServiceInfo(matching_pb2.GetServiceInfoRequest()).info
    template = extract(service, pictures.of(service.modality)).template
    assert (template.model_id, info.comparator_id) == (info.model_id, info.calibration.comparator_id)
    assert info.calibration.source
    assert 0 < info.calibration.effective_non_mated_count < info.calibration.non_mated_count
    assert 0.0 < info.calibration.lowest_fmr < 1e-4
    assert info.calibration.people_count == sum(each.people_count for each in info.calibration.sensors)
    assert info.calibration.sensor_count == len(info.calibration.sensors)
    assert all(rate.ratio <= 1.5 for each in info.calibration.sensors for rate in each.rates)
    assert all(re.fullmatch("[0-9a-f]{64}", model.sha256) for model in info.models)


def test_health_by_name(service: Service, channel: grpc.Channel) -> None:
    """Health is SERVING under the service's own name, and NOT_FOUND under an unknown name."""
    stub = health_pb2_grpc.HealthStub(channel)
    response = stub.Check(health_pb2.HealthCheckRequest(service=service.name))
    assert health_pb2.HealthCheckResponse.SERVING == response.status
    with pytest.raises(grpc.RpcError) as caught:
        stub.Check(health_pb2.HealthCheckRequest(service="nobody"))
    assert grpc.StatusCode.NOT_FOUND == caught.value.code()


def test_reflection(service: Service, channel: grpc.Channel) -> None:
    """Reflection lists the service and describes its methods."""
    database = ProtoReflectionDescriptorDatabase(channel)
    assert service.name in database.get_services()
    methods = database.FindFileContainingSymbol(service.name).service[0].method
    assert {"ExtractTemplate", "CompareTemplates", "SearchGallery", "ScoreSubjects", "GetServiceInfo"} == {
        method.name for method in methods
    }


@pytest.mark.parametrize("name", pictures.REFUSED)
def test_images_that_are_refused(service: Service, name: str) -> None:
    """An image that cannot be read is INVALID_ARGUMENT with the reason."""
    data, reason = pictures.REFUSED[name]
    assert (grpc.StatusCode.INVALID_ARGUMENT, reason) == refused(extract, service, data)


def test_nothing_in_the_image(service: Service) -> None:
    """An image without a face, finger or eye is FAILED_PRECONDITION with the reason."""
    assert (grpc.StatusCode.FAILED_PRECONDITION, service.nothing_found) == refused(extract, service, pictures.BLANK)


def test_a_second_face_is_reported_and_doubted(channel: grpc.Channel) -> None:
    """The answer has both faces with their sizes, a template of the larger one, and the reason SEVERAL_FACES."""
    request = matching_pb2.ExtractTemplateRequest(image=sample_pb2.Image(data=pictures.two_people()))
    response = face_pb2_grpc.FaceServiceStub(channel).ExtractTemplate(request, timeout=60)
    widths = [face.box.width_px for face in response.details.faces]
    assert (2, max(widths)) == (len(widths), widths[response.details.chosen_index])
    assert [sample_pb2.QUALITY_REASON_SEVERAL_FACES] == list(response.quality.reasons)


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
