"""Explanations of comparisons: wire ↔ domain."""

from __future__ import annotations

from biofusion.type.v1 import explanation_pb2

from biometrics.comparison import Comparison
from biometrics.explanation import (
    Explanation,
    FaceFindings,
    Findings,
    FingerprintFindings,
    IrisFindings,
)
from infra.wire.convert import comparison_to_wire
from infra.wire.explanations.prints import fingerprint_from_wire, fingerprint_to_wire


def explanation_to_wire(explanation: Explanation) -> explanation_pb2.Explanation:
    """An explanation."""
    message = explanation_pb2.Explanation(
        comparison=comparison_to_wire(explanation.comparison),
        probe_model_id=explanation.probe_model_id,
        reference_model_id=explanation.reference_model_id,
        terms=[explanation_pb2.ScoreTerm(name=name, value=value) for name, value in explanation.terms],
    )
    match explanation.findings:
        case FingerprintFindings():
            message.fingerprint.CopyFrom(fingerprint_to_wire(explanation.findings))
        case IrisFindings():
            message.iris.CopyFrom(_iris_to_wire(explanation.findings))
        case FaceFindings():
            networks = (explanation_pb2.NetworkCosine(network=n, cosine=c) for n, c in explanation.findings.cosines)
            message.face.CopyFrom(explanation_pb2.FaceFindings(networks=networks))
    return message


def explanation_from_wire(message: explanation_pb2.Explanation) -> Explanation:
    """An explanation of a matching service.

    Raises:
        ValueError: it has no findings that this version knows.
    """
    said = message.comparison
    return Explanation(
        Comparison(said.score, said.llr, said.fmr, said.comparator_id),
        message.probe_model_id,
        message.reference_model_id,
        tuple((each.name, each.value) for each in message.terms),
        _findings_from_wire(message),
    )


def _findings_from_wire(message: explanation_pb2.Explanation) -> Findings:
    match message.WhichOneof("findings"):
        case "fingerprint":
            return fingerprint_from_wire(message.fingerprint)
        case "iris":
            return _iris_from_wire(message.iris)
        case "face":
            return FaceFindings(tuple((each.network, each.cosine) for each in message.face.networks))
    raise ValueError("an explanation without findings")


def _iris_to_wire(found: IrisFindings) -> explanation_pb2.IrisFindings:
    return explanation_pb2.IrisFindings(
        probe_mask_png=found.probe_mask_png,
        reference_mask_png=found.reference_mask_png,
        compared_png=found.compared_png,
        differing_png=found.differing_png,
        compared_count=found.compared_count,
        differing_count=found.differing_count,
        compared_fraction=found.compared_fraction,
        differing_fraction=found.differing_fraction,
        rotation_degrees=found.rotation_degrees,
    )


def _iris_from_wire(message: explanation_pb2.IrisFindings) -> IrisFindings:
    return IrisFindings(
        message.probe_mask_png,
        message.reference_mask_png,
        message.compared_png,
        message.differing_png,
        message.compared_count,
        message.differing_count,
        message.compared_fraction,
        message.differing_fraction,
        message.rotation_degrees,
    )
