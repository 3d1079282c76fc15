"""What every matching service answers."""

from __future__ import annotations

import re

import grpc
import pytest
from biofusion.face.v1 import face_pb2_grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from biometrics.template import Modality
from tests.service import pictures
from tests.service.matching.conftest import Service, extract


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
    common = {"ExtractTemplate", "CompareTemplates", "ExplainComparison", "SearchGallery", "ScoreSubjects"}
    common.add("GetServiceInfo")
    own = {"ExtractFingers", "ExportTemplates"} if service.modality is Modality.FINGERPRINT else set()
    assert common | own == {method.name for method in methods}


def test_a_second_face_is_reported_and_doubted(channel: grpc.Channel) -> None:
    """The answer has both faces with their sizes, a template of the larger one, and the reason SEVERAL_FACES."""
    request = matching_pb2.ExtractTemplateRequest(image=sample_pb2.Image(data=pictures.two_people()))
    response = face_pb2_grpc.FaceServiceStub(channel).ExtractTemplate(request, timeout=60)
    widths = [face.box.width_px for face in response.details.faces]
    assert (2, max(widths)) == (len(widths), widths[response.details.chosen_index])
    assert [sample_pb2.QUALITY_REASON_SEVERAL_FACES] == list(response.quality.reasons)
