"""Images of fingers → records of ISO/IEC 19794-4:2011."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import pack

from biometrics.errors import FieldInvalid
from biometrics.template import Position
from formats.codes import finger_code

_MOST_PX = 0xFFFF
_INCH_UNIT, _PNG, _LIVE_PLAIN = 1, 6, 0
_UNKNOWN_DATE = b"\xff" * 9
_UNKNOWN_DEVICE = bytes(5)
_UNSTATED_ALGORITHM = pack(">HH", 0, 0)


@dataclass(frozen=True, slots=True)
class FingerPicture:
    """A picture of one finger.

    Args:
        position: the finger, or UNKNOWN.
        png: a PNG file of 8-bit grey pixels.
        width: px, 1–65,535.
        height: px, 1–65,535.
        resolution_dpi: horizontal and vertical dots per inch, each 1–65,535.
        quality: 0–100; None if it is not known.

    Raises:
        FieldInvalid: a side or a resolution is outside its range.
    """

    position: Position
    png: bytes = field(repr=False)
    width: int
    height: int
    resolution_dpi: tuple[float, float]
    quality: float | None = None

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            if not 1 <= getattr(self, name) <= _MOST_PX:
                raise FieldInvalid(name, f"a record states 1 to {_MOST_PX} px.")
        if not all(1 <= each <= _MOST_PX for each in self.resolution_dpi):
            raise FieldInvalid("resolution_dpi", f"a record states 1 to {_MOST_PX} dots per inch.")


def write_finger(picture: FingerPicture) -> bytes:
    """Return a record with one live-scan plain image; of date, device and algorithm it says that they are not known."""
    dots = [round(each) for each in picture.resolution_dpi] * 2
    score = b"" if picture.quality is None else bytes([round(picture.quality)]) + _UNSTATED_ALGORITHM
    body = (
        _UNKNOWN_DATE
        + _UNKNOWN_DEVICE
        + bytes([bool(score)])
        + score
        + pack(">BBB4H", finger_code(picture.position), 1, _INCH_UNIT, *dots)
        + pack(">BBB", 8, _PNG, _LIVE_PLAIN)
        + pack(">HHI", picture.width, picture.height, len(picture.png))
        + picture.png
    )
    header = pack(">HBB", 1, 0, 1)
    length = 12 + len(header) + 4 + len(body)
    return b"FIR\x00020\x00" + pack(">I", length) + header + pack(">I", len(body) + 4) + body
