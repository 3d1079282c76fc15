"""Pictures of fingers as records of ISO/IEC 19794-4:2011."""

from __future__ import annotations

import pytest

from biometrics.errors import FieldInvalid
from biometrics.template import Modality, Position
from formats.contents import Impression, RecordFormat
from formats.detect import detect
from formats.images.fingers import read_2011
from formats.images.writing import FingerPicture, write_finger
from tests.support.records.of_pictures import encoded, finger

PIXELS = finger(1)[:90, :70]
PNG = encoded(PIXELS)


@pytest.mark.parametrize("quality", [None, 0.0, 73.4, 100.0])
@pytest.mark.parametrize("position", [Position.UNKNOWN, Position.RIGHT_THUMB, Position.LEFT_LITTLE])
def test_what_is_written_is_read(position: Position, quality: float | None) -> None:
    """Position, resolution, quality and the picture's bytes come back."""
    data = write_finger(FingerPicture(position, PNG, 70, 90, (500.0, 499.6), quality))
    assert RecordFormat.ISO_19794_4_2011 is detect(data)
    (content,) = read_2011(data).samples
    assert (Modality.FINGERPRINT, position, None) == (content.modality, content.position, content.slap)
    assert (PNG, (500.0, 500.0), Impression.LIVE_PLAIN) == (content.image, content.resolution_dpi, content.impression)
    assert content.quality == (None if quality is None else round(quality))


@pytest.mark.parametrize(
    ("width", "height", "dots", "name"),
    [
        (0, 90, (500.0, 500.0), "width"),
        (70, 65_536, (500.0, 500.0), "height"),
        (70, 90, (500.0, 0.0), "resolution_dpi"),
        (70, 90, (65_536.0, 500.0), "resolution_dpi"),
    ],
)
def test_what_a_record_cannot_state(width: int, height: int, dots: tuple[float, float], name: str) -> None:
    """Sides and resolutions that its fields have no room for are refused by name."""
    with pytest.raises(FieldInvalid, match=name):
        FingerPicture(Position.UNKNOWN, PNG, width, height, dots)
