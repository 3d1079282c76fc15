"""Moving templates by scale and angle, and counting missed mates."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.template import Modality, Template
from services.fingerprint.template.features import MODEL_ID, FingerFeatures, Minutiae, pack, unpack
from studies.capture.print_tolerance import missed, moved


def _print(seed: int = 0, count: int = 40) -> Template:
    random = np.random.default_rng(seed)
    x, y = random.uniform(20, 300, (2, count)).astype(np.float32)
    angle = random.uniform(0, 6, count).astype(np.float32)
    signs = random.integers(0, 2**32, count, np.uint32)
    minutiae = Minutiae(x, y, angle, x > 150, np.full(count, 0.9, np.float32), signs)
    return Template(
        Modality.FINGERPRINT, MODEL_ID, pack(FingerFeatures(320, 320, np.ones((20, 20), np.bool_), minutiae))
    )


def test_distances_are_scaled_and_directions_turned() -> None:
    """Scaling by 1.2 extends it by a fifth; turning by 90° swaps its sides and adds 90° to all angles; signs stay."""
    before, scaled, turned = (
        unpack(each.data).minutiae for each in (_print(), moved(_print(), 1.2), moved(_print(), degrees=90))
    )
    assert np.ptp(scaled.x) == pytest.approx(1.2 * np.ptp(before.x), abs=2)
    assert np.ptp(turned.y) == pytest.approx(np.ptp(before.x), abs=2)
    rises = np.sort((before.angle + np.pi / 2) % (2 * np.pi))
    assert np.allclose(rises, np.sort(turned.angle), atol=1e-3)
    assert before.signs is not None
    assert turned.signs is not None
    assert sorted(before.signs.tolist()) == sorted(turned.signs.tolist())


def test_what_is_not_moved_is_found_and_what_is_far_off_is_missed() -> None:
    """Of two equal prints of each of two fingers, none is missed when not moved, and all are when upside down."""
    shares = dict(missed([[_print(1), _print(1)], [_print(2), _print(2)]]))
    assert (0.0, 0.0, 1.0) == (shares["scaled by 1"], shares["turned by 30°"], shares["turned by 180°"])
