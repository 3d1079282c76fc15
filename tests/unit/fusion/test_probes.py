from __future__ import annotations

import pytest

from biometrics.errors import AcquisitionFailed, ServiceUnavailable
from biometrics.template import Modality
from fusion.evidence import EvidenceStatus
from fusion.probes import Probe
from tests.unit.fusion.world import sample


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ServiceUnavailable("No.", cause="VERSION_SKEW"), (EvidenceStatus.SERVICE_UNAVAILABLE, "VERSION_SKEW")),
        (ServiceUnavailable("No."), (EvidenceStatus.SERVICE_UNAVAILABLE, "")),
        (AcquisitionFailed("No.", reason="IRIS_ABSENT"), (EvidenceStatus.SAMPLE_UNUSABLE, "IRIS_ABSENT")),
    ],
)
def test_evidence_says_why_a_sample_was_not_compared(
    error: AcquisitionFailed | ServiceUnavailable, expected: tuple[EvidenceStatus, str]
) -> None:
    """What is wrong with the sample, or with the service."""
    evidence = Probe(sample(Modality.IRIS, "ann")).failed(error).without_comparison()
    assert expected == (evidence.status, evidence.failure_reason)
