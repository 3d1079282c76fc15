from __future__ import annotations

import pytest

from biometrics.errors import AcquisitionFailed, BiofusionError, DeadlineExpired, ServiceUnavailable
from biometrics.template import Modality
from fusion.evidence.evidence import EvidenceStatus
from fusion.samples.probes import Probe, require_usable
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
    """The evidence names what is wrong with the sample, or with the service."""
    evidence = Probe(sample(Modality.IRIS, "ann")).failed(error).without_comparison()
    assert expected == (evidence.status, evidence.failure_reason)


LATE = ServiceUnavailable("late", code="DEADLINE_EXCEEDED")


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ((LATE,), DeadlineExpired),
        ((LATE, LATE), DeadlineExpired),
        ((LATE, AcquisitionFailed("No.")), ServiceUnavailable),
        ((ServiceUnavailable("hangs", cause="SILENT"), LATE), ServiceUnavailable),
        ((AcquisitionFailed("No."), LATE), AcquisitionFailed),
    ],
)
def test_what_lacked_only_time_is_no_outage(
    errors: tuple[AcquisitionFailed | ServiceUnavailable, ...], expected: type[BiofusionError]
) -> None:
    """A call whose samples only ran out of time fails with DeadlineExpired, which callers do not retry at once."""
    with pytest.raises(BiofusionError) as caught:
        require_usable([Probe(sample(Modality.IRIS, "ann")).failed(error) for error in errors])
    assert expected is type(caught.value)
