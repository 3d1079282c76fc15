"""Spoiled fingerprints are what their names state."""

from __future__ import annotations

import numpy as np

from biometrics.quality import Quality, QualityReason
from infra.images.decode import Image
from studies.spoiled.spoiled_fingers import notes, spoilings

GRAY = np.arange(100 * 80, dtype=np.uint32).reshape(100, 80).astype(np.uint8)


def test_the_spoilings_are_what_they_are_called() -> None:
    """Sizes, gaps and rotations are those of the names, and the resolution is kept."""
    images = spoilings(Image(GRAY, 500.0), Image(GRAY[:90], 500.0))
    spoiled = {name: image.gray for name, image in images.items()}

    assert {500.0} == {image.resolution_dpi for image in images.values()}
    assert "as it is" == next(iter(spoiled))
    assert (50, 40) == spoiled["half the size"].shape
    assert (100, 160) == spoiled["two, touching"].shape
    assert (100, 208) == spoiled["two, 48 px apart"].shape
    assert GRAY[-1, -1] == spoiled["turned by 180°"][0, 0]
    assert GRAY[0, -1] == spoiled["mirrored"][0, 0]
    assert 0 == np.ptp(spoiled["blank"])
    assert 40 * 100 >= np.count_nonzero(spoiled["smeared band of 40 px"] != GRAY) > 30 * 100


def test_notes_of_a_finger() -> None:
    """The notes are whether ridges were read as light on dark, and whether the print seems upside down."""
    assert [] == list(notes(Quality(50.0, (), {"inverted": 0.0})))
    assert ["inverted", "OFF_POSE"] == list(notes(Quality(5.0, (QualityReason.OFF_POSE,), {"inverted": 1.0})))
