"""Templates with too few minutiae to compare."""

from __future__ import annotations

import pytest

from benchmarks.fingerprint.synthetic_fingers import finger
from biometrics.errors import TemplateMalformed
from biometrics.template import Modality, Template
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.template.features import MODEL_ID, FingerFeatures, pack, unpack


def with_minutiae(count: int) -> Template:
    """A template with this number of minutiae of a finger."""
    whole = unpack(finger(1).data)
    kept = whole.minutiae.select([n < count for n in range(len(whole.minutiae))])
    return Template(
        Modality.FINGERPRINT, MODEL_ID, pack(FingerFeatures(whole.width_px, whole.height_px, whole.mask, kept))
    )


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_minutiae_are_refused(count: int) -> None:
    """A print that would score 0 with every other one is refused as a probe and in enrolment."""
    with pytest.raises(TemplateMalformed, match=f"{count} minutiae"):
        FingerprintComparator().check(with_minutiae(count))


def test_a_stored_one_does_no_harm() -> None:
    """One enrolled before such templates were refused scores 0, and the others score as without it."""
    comparator, probe = FingerprintComparator(), with_minutiae(40)
    comparator.check(probe)
    scores = comparator.compare_templates(probe, [with_minutiae(0), probe]).tolist()
    assert [0.0, *comparator.compare_templates(probe, [probe]).tolist()] == scores
