"""What the calibration of foreign minutiae is fitted on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from biometrics.template import Position
from evaluation.calibrate import read_sensor
from services.fingerprint.comparator import ForeignMinutiaeComparator
from services.fingerprint.template.features import FingerFeatures, Minutiae, mask_shape, pack
from services.fingerprint.template.foreign import to_content
from studies.foreign_minutiae.folders import COMPARATOR_ID, write_folder
from studies.foreign_minutiae.sets import FvcSet


@pytest.fixture
def fvc() -> FvcSet:
    """Three fingers with two impressions each, made up; their records are those of our templates."""
    features = [print_of(finger) for finger in (0, 0, 1, 1, 2, 2)]
    contents = tuple(to_content(each, Position.UNKNOWN, None) for each in features)
    ours = tuple(pack(each) for each in features)
    return FvcSet("made-up", tuple(map(str, range(6))), np.repeat(np.arange(3), 2), ours, contents, contents)


def print_of(finger: int) -> FingerFeatures:
    """Thirty minutiae with signs, the same for every impression of a finger."""
    random = np.random.default_rng(finger)
    places = (random.integers(0, 300, 30).astype(np.float32) for _ in range(2))
    angle = random.uniform(0, 6, 30).astype(np.float32)
    signs = random.integers(0, 2**32, 30, np.uint32)
    minutiae = Minutiae(*places, angle, np.zeros(30, np.bool_), np.ones(30, np.float32), signs)
    return FingerFeatures(300, 300, np.ones(mask_shape(300, 300), np.bool_), minutiae)


def test_every_pair_with_a_foreign_side_is_written(fvc: FvcSet, tmp_path: Path) -> None:
    """15 pairs of records, and 30 of a record with our template of another image; never of one image in two forms."""
    write_folder(tmp_path / "made-up", fvc, ForeignMinutiaeComparator())
    scored = read_sensor(tmp_path / "made-up", COMPARATOR_ID)
    assert (45, 3 + 6) == (scored.scores.size, int(scored.mated.sum()))
    assert (scored.first == scored.second).tolist() == scored.mated.tolist()
    assert scored.scores[scored.mated].min() > scored.scores[~scored.mated].max()
    assert scored.qualities is not None
    assert np.isnan(scored.qualities).all()
