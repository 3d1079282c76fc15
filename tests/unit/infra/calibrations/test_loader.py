"""The shipped calibrations."""

from __future__ import annotations

import pytest

from biometrics.errors import ComparatorUncalibrated
from infra.calibrations import load_all, load_calibration


@pytest.mark.parametrize("comparator_id", ["no-such-comparator-1", "", "../calibrations/face-cosine-1"])
def test_a_comparator_without_calibration_is_refused(comparator_id):
    """Nothing is guessed, and an id is never a path."""
    with pytest.raises(ComparatorUncalibrated, match="has no calibration"):
        load_calibration(comparator_id)


def test_every_shipped_calibration_is_of_the_comparator_it_is_named_for():
    """File name and content agree, and each can be loaded alone."""
    for comparator_id, calibration in load_all().items():
        assert comparator_id == calibration.comparator_id
        assert calibration == load_calibration(comparator_id)
