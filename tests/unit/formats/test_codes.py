"""Codes that the standards share."""

from __future__ import annotations

import pytest

from biometrics.errors import RecordMalformed, RecordUnsupported
from biometrics.template import EYES, FINGERS, Position
from formats.codes import eye, eye_code, finger, finger_code, impression, impression_code, quality
from formats.contents import Impression, Slap


def test_fingers_and_slaps_there_and_back() -> None:
    """0–10 are fingers from the right thumb on, 13–15 slaps; a slap of an unknown hand has no code."""
    for code, position in enumerate((Position.UNKNOWN, *FINGERS)):
        assert ((position, None), code) == (finger(code, "it"), finger_code(position))
    for code, slap in ((13, Slap.RIGHT_FOUR), (14, Slap.LEFT_FOUR), (15, Slap.TWO_THUMBS)):
        assert ((Position.UNKNOWN, slap), code) == (finger(code, "it"), finger_code(Position.UNKNOWN, slap))
    assert 0 == finger_code(Position.UNKNOWN, Slap.UNKNOWN_FOUR)


@pytest.mark.parametrize(
    ("codes", "error"),
    [((20, 38, 19, 40, 50), RecordUnsupported), ((16, 18, 39, 51, 255), RecordMalformed)],
)
def test_codes_of_no_finger(codes: tuple[int, ...], error: type[Exception]) -> None:
    """Palms, tips and combinations are known and not read; others have no meaning."""
    for code in codes:
        with pytest.raises(error):
            finger(code, "it")


def test_eyes_there_and_back() -> None:
    """1 is the right eye, 2 the left."""
    for code, position in enumerate((Position.UNKNOWN, *EYES)):
        assert (position, code) == (eye(code, "it"), eye_code(position))


def test_impressions_there_and_back() -> None:
    """Each impression is written with a code that is read as it; none as unknown."""
    for known in (*Impression, None):
        assert known is impression(impression_code(known))
    expected = [Impression.LATENT, Impression.LATENT, Impression.OTHER, Impression.LIVE_ROLLED, Impression.CONTACTLESS]
    assert expected == [impression(code) for code in (4, 7, 28, 9, 43)]


def test_qualities() -> None:
    """0–100 are qualities; all else states none."""
    assert [0.0, 100.0, None, None, None] == [quality(score) for score in (0, 100, 101, 254, -1)]
