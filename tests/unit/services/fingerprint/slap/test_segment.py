"""Finding the fingertips of composed slaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import pytest

from biometrics.errors import AcquisitionFailed, ImageTooLarge
from biometrics.slap import LEFT_TO_RIGHT
from biometrics.template import Position
from formats.contents import Slap
from infra.images.decode import Image
from rendering.slaps import RIGHT_TIPS, MadeSlap
from services.fingerprint.slap.found import Segmentation
from services.fingerprint.slap.segment import segment

Composer = Callable[..., MadeSlap]
RIGHT, LEFT = LEFT_TO_RIGHT[Slap.RIGHT_FOUR], LEFT_TO_RIGHT[Slap.LEFT_FOUR]
LEFT_TIPS = RIGHT_TIPS[::-1]


def _shares(made: MadeSlap, found: Segmentation) -> list[float]:
    """Of each tip, the share within its outline; −1 if over a twentieth of what is in it is of others."""
    shares = []
    for number, finger in enumerate(found.fingers, 1):
        area = cv2.fillPoly(np.zeros_like(made.labels), [np.round(finger.outline).astype(np.int32)], 1) > 0
        within = made.labels[area & (made.labels > 0)]
        share = float((within == number).sum() / (made.labels == number).sum())
        shares.append(share if (within % 100 != number).mean() < 0.05 else -1.0)
    return shares


def _reason(image: Image, slap: Slap, missing: Sequence[Position] = ()) -> str:
    with pytest.raises(AcquisitionFailed) as caught:
        segment(image, slap, missing)
    return caught.value.reason


@pytest.mark.parametrize("degrees", [-40.0, 0.0, 25.0])
@pytest.mark.parametrize("phalanges", [0, 2])
def test_a_right_hand_is_named_from_index_to_little_finger(composed: Composer, degrees: float, phalanges: int) -> None:
    """The tips of a turned right hand are found whole, alone and in order, with or without lower phalanges."""
    made = composed(degrees=degrees, phalanges=phalanges)
    found = segment(Image(made.gray, 500.0), Slap.RIGHT_FOUR)
    assert RIGHT == tuple(each.position for each in found.segments)
    assert min(_shares(made, found)) > 0.85
    assert abs(found.degrees - degrees) < 15


def test_a_left_hand_is_named_from_little_finger_to_index(composed: Composer) -> None:
    """A left hand begins with its little finger."""
    made = composed(tips=LEFT_TIPS)
    found = segment(Image(made.gray, 500.0), Slap.LEFT_FOUR)
    assert LEFT == tuple(each.position for each in found.segments)
    assert min(_shares(made, found)) > 0.85


@pytest.mark.parametrize(("tips", "slap"), [(RIGHT_TIPS, Slap.RIGHT_FOUR), (LEFT_TIPS, Slap.LEFT_FOUR)])
def test_the_arc_of_the_tips_tells_an_unknown_hand(composed: Composer, tips: tuple[float, ...], slap: Slap) -> None:
    """A hand that is not stated is told by its little finger."""
    found = segment(Image(composed(tips=tips, degrees=-15.0).gray, 500.0), Slap.UNKNOWN_FOUR)
    assert (slap, LEFT_TO_RIGHT[slap]) == (found.slap, tuple(each.position for each in found.segments))


def test_an_unknown_hand_with_level_tips_is_refused(composed: Composer) -> None:
    """Where the tips do not show which hand it is, no position is guessed."""
    image = Image(composed(tips=(0.2, 0.0, 0.0, 0.2)).gray, 500.0)
    assert "SLAP_HAND_UNCERTAIN" == _reason(image, Slap.UNKNOWN_FOUR)


def test_the_other_hand_is_contradicted(composed: Composer) -> None:
    """A right hand that is stated as a left one is refused."""
    assert "SLAP_CONTRADICTED" == _reason(Image(composed().gray, 500.0), Slap.LEFT_FOUR)


def test_fingers_that_touch_are_told_apart(composed: Composer) -> None:
    """Fingers pressed on each other are cut between them; confidence tells."""
    made = composed(gaps_px=(-10, -10, -10))
    found = segment(Image(made.gray, 500.0), Slap.RIGHT_FOUR)
    assert min(_shares(made, found)) > 0.8


def test_a_missing_finger_is_left_out(composed: Composer) -> None:
    """Three fingers are named if the fourth is stated to be missing, and refused otherwise."""
    image = Image(composed(tips=(0.62, 0.0, 0.37), gaps_px=(12, 12)).gray, 500.0)
    found = segment(image, Slap.RIGHT_FOUR, (Position.RIGHT_LITTLE, Position.LEFT_INDEX))
    assert RIGHT[:3] == tuple(each.position for each in found.segments)
    assert "SLAP_FINGERS_MISSING" == _reason(image, Slap.RIGHT_FOUR)
    assert "SLAP_TOO_MANY_FINGERS" == _reason(image, Slap.TWO_THUMBS)
    assert "SLAP_CONTRADICTED" == _reason(image, Slap.RIGHT_FOUR, (Position.RIGHT_INDEX,))


def test_two_thumbs(composed: Composer) -> None:
    """The left thumb is on the left."""
    image = Image(composed(tips=(0.0, 0.1), gaps_px=(60,)).gray, 500.0)
    found = segment(image, Slap.TWO_THUMBS)
    assert (Position.LEFT_THUMB, Position.RIGHT_THUMB) == tuple(each.position for each in found.segments)


def test_a_slap_upside_down_is_refused(composed: Composer) -> None:
    """Ridges arch towards the tips, so an upside-down hand is not named in reverse."""
    gray = np.ascontiguousarray(composed(tips=(0.0,) * 4).gray[::-1, ::-1])
    assert "SLAP_UPSIDE_DOWN" == _reason(Image(gray, 500.0), Slap.RIGHT_FOUR)


@pytest.mark.parametrize(("across", "down"), [(2, 2), (2, 1)])
def test_boxes_are_px_of_the_image(composed: Composer, across: int, down: int) -> None:
    """At 1000 dpi, also in one direction only, the boxes are those of 500 dpi, scaled."""
    gray = composed().gray
    large = cv2.resize(gray, None, fx=across, fy=down, interpolation=cv2.INTER_CUBIC)
    boxes = segment(Image(gray, 500.0), Slap.RIGHT_FOUR).segments
    scaled = segment(Image(large, 500.0 * across, 500.0 * down), Slap.RIGHT_FOUR).segments
    for box, other in zip(boxes, scaled, strict=True):
        assert box.left == pytest.approx(other.left / across, abs=12)
        assert box.bottom == pytest.approx(other.bottom / down, abs=12)


def test_what_is_no_slap_is_refused(composed: Composer, fingers: list[Image], hopper: Image) -> None:
    """A blank image, noise, stripes, one finger, a portrait and a tiny image are refused by name."""
    noise = np.random.default_rng(0).integers(0, 256, (900, 900)).astype(np.uint8)
    stripes = np.tile((128 + 90 * np.sin(np.arange(1200) * 2 * np.pi / 9)).astype(np.uint8), (900, 1))
    for gray in (np.full((900, 900), 220, np.uint8), noise, stripes, np.zeros((1, 1), np.uint8)):
        assert "SLAP_NOT_FOUND" == _reason(Image(gray, 500.0), Slap.RIGHT_FOUR)
    assert "SLAP_FINGERS_MISSING" == _reason(fingers[0], Slap.RIGHT_FOUR)
    assert _reason(hopper, Slap.RIGHT_FOUR).startswith("SLAP_")


def test_a_ten_print_card_is_too_large() -> None:
    """An image larger than any platen is refused before any work."""
    with pytest.raises(ImageTooLarge, match="ten-print card"):
        segment(Image(np.full((4000, 4000), 220, np.uint8), 500.0), Slap.RIGHT_FOUR)
