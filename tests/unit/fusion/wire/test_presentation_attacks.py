"""What the evidence of decisions says of presentation attacks."""

from __future__ import annotations

import pytest
from biofusion.type.v1 import sample_pb2

from biometrics.template import Modality, Position
from fusion.configured import fusion_model
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.wire.answers import decision_to_wire
from infra.settings import Settings

MODEL = fusion_model(Settings())
PLACES = {Modality.FACE: Position.FACE, Modality.FINGERPRINT: Position.LEFT_THUMB, Modality.IRIS: Position.LEFT_EYE}


@pytest.mark.parametrize("status", EvidenceStatus)
@pytest.mark.parametrize("modality", Modality)
def test_no_evidence_looks_as_if_it_were_assessed(modality: Modality, status: EvidenceStatus) -> None:
    """Evidence of every modality and status says NOT_ASSESSED on the wire, compared or not."""
    evidence = Evidence(modality, PLACES[modality], status)
    if status is EvidenceStatus.COMPARED:
        comparison = MODEL.comparison(MODEL.comparators[modality], 0.5)
        evidence = Evidence(modality, PLACES[modality], status, comparison=comparison, comparison_count=1)

    (wire,) = decision_to_wire(MODEL.verification([evidence], None)).evidence

    assert sample_pb2.PRESENTATION_ATTACK_NOT_ASSESSED == wire.presentation_attack
