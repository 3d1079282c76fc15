"""Every error of one field names it by its path on the wire."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from tests.service import pictures
from tests.service.fusion.requests import fields_named
from tests.service.matching.conftest import Service, extract

NO_IMAGE = sample_pb2.Image(data=b"this is no image")
DPI = sample_pb2.Image(data=b"x", resolution_dpi=96)


def test_extraction(service: Service) -> None:
    """The image, its resolution, or the position."""
    wrong = service.wrong_position
    requests = {
        "image": [{}, {"image": NO_IMAGE}],
        "image.resolution_dpi": [{"image": DPI}],
        "position": [{"image": NO_IMAGE, "position": 99}, {"image": NO_IMAGE, "position": wrong}],
    }
    for field, each in ((field, each) for field, several in requests.items() for each in several):
        request = matching_pb2.ExtractTemplateRequest(**each)
        assert [field] == fields_named(service.stub.ExtractTemplate, request), each


def test_comparison(service: Service) -> None:
    """The probe, or which of the references."""
    good = extract(service, pictures.of(service.modality)).template
    broken, empty = sample_pb2.Template(), sample_pb2.Template(model_id=good.model_id)
    broken.CopyFrom(good)
    broken.data = good.data[:-1]
    other = next(each for each in modality_pb2.Modality.values()[1:] if each != good.modality)
    stray = sample_pb2.Template(modality=other, model_id=good.model_id, data=good.data)
    requests: list[tuple[str, dict[str, Any]]] = [
        ("probe", {"references": [good]}),
        ("probe", {"probe": broken, "references": [good]}),
        ("probe.data", {"probe": empty, "references": [good]}),
        ("probe.modality", {"probe": stray, "references": [good]}),
        ("references[3]", {"probe": good, "references": [good, good, good, broken]}),
        ("references[40]", {"probe": good, "references": [*[good] * 40, broken]}),
        ("references[3].data", {"probe": good, "references": [good, good, good, empty]}),
        ("references", {"probe": good}),
        ("references", {"probe": good, "references": [sample_pb2.Template()] * 10_001}),
    ]
    for field, each in requests:
        request = matching_pb2.CompareTemplatesRequest(**each)
        assert [field] == fields_named(service.stub.CompareTemplates, request)


def test_a_reference_of_another_model_is_named(service: Service) -> None:
    """It is no wrong field and no BadRequest; the message begins with its path."""
    good = extract(service, pictures.of(service.modality)).template
    older = sample_pb2.Template(modality=good.modality, model_id="older-1", data=good.data)
    with pytest.raises(grpc.RpcError) as caught:
        service.stub.CompareTemplates(matching_pb2.CompareTemplatesRequest(probe=good, references=[good, older]))
    assert grpc.StatusCode.FAILED_PRECONDITION == caught.value.code()
    assert caught.value.details().startswith("references[1]: The template was made by older-1")


def probes(service: Service) -> list[tuple[str, sample_pb2.Sample]]:
    """Bad probes by the field that is wrong."""
    good = extract(service, pictures.of(service.modality)).template
    broken = sample_pb2.Template(modality=good.modality, model_id=good.model_id, data=good.data[:-1])
    return [
        ("probe", sample_pb2.Sample()),
        ("probe.image", sample_pb2.Sample(image=NO_IMAGE)),
        ("probe.image.resolution_dpi", sample_pb2.Sample(image=DPI)),
        ("probe.position", sample_pb2.Sample(template=good, position=99)),
        ("probe.position", sample_pb2.Sample(template=good, position=service.wrong_position)),
        ("probe.template_quality", sample_pb2.Sample(template=good, template_quality=101)),
        ("probe.template", sample_pb2.Sample(template=broken)),
        ("probe.template.model_id", sample_pb2.Sample(template=sample_pb2.Template(data=b"x"))),
    ]


def test_search(service: Service) -> None:
    """The part of the probe, the gallery, the number of candidates, or the token."""
    for field, probe in probes(service):
        assert [field] == fields_named(service.stub.SearchGallery, matching_pb2.SearchGalleryRequest(probe=probe))
    good = sample_pb2.Sample(template=extract(service, pictures.of(service.modality)).template)
    for field, value in {"gallery": "no name", "max_candidate_count": -1, "consistency_token": "junk"}.items():
        request = matching_pb2.SearchGalleryRequest(probe=good, **{field: value})
        assert [field] == fields_named(service.stub.SearchGallery, request)


def test_scores_of_named_subjects(service: Service) -> None:
    """The part of the probe, the list, or which of the ids."""
    for field, probe in probes(service):
        request = matching_pb2.ScoreSubjectsRequest(probe=probe, subject_ids=["ann"])
        assert [field] == fields_named(service.stub.ScoreSubjects, request)
    good = sample_pb2.Sample(template=extract(service, pictures.of(service.modality)).template)
    for field, ids in {"subject_ids": [], "subject_ids[1]": ["ann", "no name"]}.items():
        request = matching_pb2.ScoreSubjectsRequest(probe=good, subject_ids=ids)
        assert [field] == fields_named(service.stub.ScoreSubjects, request)
