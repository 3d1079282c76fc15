"""Cutting single fingers out of a slap."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from biometrics.errors import FieldInvalid
from biometrics.template import Position
from formats.contents import Segment, Slap
from infra.images.decode import Image
from rendering.slaps import MadeSlap
from services.extraction import Extraction
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.extraction.placement import place_points
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.slap.cutting import cut, cut_out
from services.fingerprint.slap.segment import segment

INDEX, RING = Position.RIGHT_INDEX, Position.RIGHT_RING
MATCH = 1.0  # three times the score at FMR 1e-3 on FVC2002


@pytest.fixture(scope="module")
def numbered() -> Image:
    """An image of 20×10 px, each of another grey level."""
    return Image(np.arange(200, dtype=np.uint8).reshape(10, 20), 500.0)


def test_bounds_are_inside(numbered: Image) -> None:
    """A box from column 2 to 4 and row 3 to 3 has three pixels, and is placed where it was."""
    (finger,) = cut(numbered, [Segment(INDEX, 2, 3, 4, 3)])
    assert [[62, 63, 64]] == finger.image.pixels.tolist()
    assert (INDEX, 500.0, [2.0, 3.0]) == (finger.position, finger.image.resolution_dpi, finger.placed[:, 2].tolist())


def test_a_box_is_clipped_to_the_image(numbered: Image) -> None:
    """What lies outside of the image is left out."""
    (finger,) = cut(numbered, [Segment(INDEX, -5, 8, 1, 99)])
    assert [[160, 161], [180, 181]] == finger.image.pixels.tolist()


@pytest.mark.parametrize(
    ("boxes", "told"),
    [
        ([], r"segments: There is no segment"),
        ([(INDEX, 5, 2, 4, 3)], r"segments\[0\]: .*no area"),
        ([(INDEX, 5, 4, 5, 3)], r"segments\[0\]: .*no area"),
        ([(INDEX, 20, 0, 25, 3)], r"segments\[0\]: .*outside"),
        ([(INDEX, -9, 0, -1, 3)], r"segments\[0\]: .*outside"),
        ([(INDEX, 0, 10, 5, 12)], r"segments\[0\]: .*outside"),
        ([(INDEX, 0, 0, 5, 5), (RING, 6, 0, 9, 5), (INDEX, 10, 0, 15, 5)], r"segments\[2\]: RIGHT_INDEX has a segment"),
    ],
)
def test_boxes_that_cannot_be_cut_are_named(
    numbered: Image, boxes: list[tuple[Position, int, int, int, int]], told: str
) -> None:
    """No box, an empty one, one outside and a second of one position are refused by their index."""
    with pytest.raises(FieldInvalid, match=told):
        cut(numbered, [Segment(*each) for each in boxes])


def test_positions_may_be_unknown(numbered: Image) -> None:
    """Two boxes of unknown position are two fingers."""
    boxes = [Segment(Position.UNKNOWN, left, 0, left + 3, 5) for left in (0, 8)]
    assert 2 == len(cut(numbered, boxes))


@pytest.mark.parametrize("degrees", [0.0, 35.0])
def test_what_is_cut_out_matches_the_single_prints(
    composed: Callable[..., MadeSlap],
    extractor: FingerprintExtractor,
    extractions: list[Extraction[FingerprintDetails]],
    degrees: float,
) -> None:
    """Each finger cut out is upright, alone, and matches its own print and no other; a map leads back to the slap."""
    made = composed(degrees=degrees)
    image = Image(made.gray, 500.0)
    found = segment(image, Slap.RIGHT_FOUR)
    comparator = FingerprintComparator()
    for finger, cut_finger, own in zip(found.fingers, cut_out(image, found), (0, 2, 1, 2), strict=True):
        taken = extractor.extract(cut_finger.image, cut_finger.position)
        probe = comparator.stack([taken.template])
        scores = comparator.compare(probe, comparator.stack([each.template for each in extractions]))[0]
        assert scores[own] > MATCH
        assert scores[2 if own < 2 else 0] < MATCH
        placed = place_points(np.stack([taken.details.minutiae.x, taken.details.minutiae.y], 1), cut_finger.placed)
        box = finger.segment
        assert ((placed >= (box.left, box.top)) & (placed <= (box.right, box.bottom))).all()
