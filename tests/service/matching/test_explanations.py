"""What every matching service shows of a comparison, with its real models."""

from __future__ import annotations

import grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2

from biometrics.template import Modality
from tests.service import pictures
from tests.service.matching.conftest import Service, extract, refused

FINDINGS = {Modality.FACE: "face", Modality.FINGERPRINT: "fingerprint", Modality.IRIS: "iris"}
MOST_BYTES = 64 * 2**10


def test_an_explanation_has_the_score_of_the_comparison(service: Service) -> None:
    """Score, LLR and FMR are those of CompareTemplates, the terms add up to the score, and the answer is small."""
    template = extract(service, pictures.of(service.modality)).template
    other = extract(service, pictures.another_of(service.modality)).template
    for reference in (template, other):
        compared = service.stub.CompareTemplates(
            matching_pb2.CompareTemplatesRequest(probe=template, references=[reference])
        )
        request = matching_pb2.ExplainComparisonRequest(probe=template, reference=reference)
        found = service.stub.ExplainComparison(request, timeout=60).explanation
        assert compared.comparisons[0] == found.comparison
        assert abs(sum(each.value for each in found.terms) - found.comparison.score) < 1e-5
        assert FINDINGS[service.modality] == found.WhichOneof("findings")
        assert (template.model_id, reference.model_id) == (found.probe_model_id, found.reference_model_id)
        assert found.ByteSize() < MOST_BYTES


def test_templates_that_cannot_be_compared_are_refused(service: Service) -> None:
    """One that is missing, damaged, or of another model; the error says which of the two it is."""
    template = extract(service, pictures.of(service.modality)).template
    damaged = sample_pb2.Template(model_id=template.model_id, data=b"damaged")
    foreign = sample_pb2.Template(model_id="older-1", data=template.data)
    invalid, condition = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION
    for bad, expected in (
        (None, (invalid, "FIELD_INVALID")),
        (damaged, (invalid, "TEMPLATE_MALFORMED")),
        (foreign, (condition, "TEMPLATE_MODEL_MISMATCH")),
    ):
        for name, request in (
            ("probe", matching_pb2.ExplainComparisonRequest(probe=bad, reference=template)),
            ("reference", matching_pb2.ExplainComparisonRequest(probe=template, reference=bad)),
        ):
            assert expected == refused(service.stub.ExplainComparison, request, timeout=60), name
