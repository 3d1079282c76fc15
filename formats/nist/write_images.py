"""The fields of images: Type-10 for a face, 14 for prints and slaps, 17 for an iris."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from biometrics.errors import FieldInvalid
from biometrics.template import Modality
from formats.codes import eye_code, finger_code, impression_code
from formats.contents import ImageContent, Segment
from formats.nist.written import Values

_COMPRESSIONS = ("NONE", "WSQ20", "JPEGB", "JPEGL", "JP2", "JP2L", "PNG")
_TYPES = {Modality.FACE: 10, Modality.FINGERPRINT: 14, Modality.IRIS: 17}
_NO_UNIT, _PER_INCH = "0", "1"
_UNKNOWN_VENDOR = "0000\x1f0"
_LARGEST = 99999


@dataclass(frozen=True, slots=True)
class Picture:
    """An image to write, with what its file is, as no pixels are decoded here.

    Args:
        content: its image is a file of the given compression, or for NONE a PNM file of 8-bit grey pixels.
        width: px.
        height: px.
        compression: NONE, WSQ20, JPEGB, JPEGL, JP2, JP2L or PNG.
        colour: whether it has colours (faces and irises).
    """

    content: ImageContent
    width: int
    height: int
    compression: str
    colour: bool = False

    def data(self) -> bytes:
        """Return what stands in field .999. Raises FieldInvalid if it cannot be written."""
        if self.compression not in _COMPRESSIONS:
            raise FieldInvalid("compression", f"Use one of {', '.join(_COMPRESSIONS)}.")
        if not 0 < min(self.width, self.height) <= max(self.width, self.height) <= _LARGEST:
            raise FieldInvalid("width", f"Width and height must be 1–{_LARGEST} px.")
        if self.compression != "NONE":
            return self.content.image
        head = b"P5\n%d %d\n255\n" % (self.width, self.height)
        if not self.content.image.startswith(head) or len(self.content.image) != len(head) + self.width * self.height:
            raise FieldInvalid("image", "Without compression it must be a PNM file (P5) of the stated size.")
        return self.content.image[len(head) :]


def picture_fields(picture: Picture, captured: date, source: str) -> tuple[int, Values]:
    """Return the type of an image's record, and its fields.

    Args:
        picture: the image.
        captured: the day that the record states.
        source: the agency that the record states.

    Raises:
        FieldInvalid: the picture's compression, size or bytes cannot be written.
    """
    content, data = picture.content, picture.data()
    kind = _TYPES[content.modality]
    space = "SRGB" if picture.colour else "GRAY"
    fields: Values = [(3, _third(content)), (4, source), (5, f"{captured:%Y%m%d}")]
    fields += [(6, str(picture.width)), (7, str(picture.height)), *_resolution(content), (11, picture.compression)]
    if content.modality is Modality.FACE:
        return kind, [*fields, (12, space), *_quality(content, ""), (999, data)]
    fields.append((12, "24" if picture.colour else "8"))
    if content.modality is Modality.IRIS:
        return kind, [*fields, (13, space), *_quality(content, ""), (999, data)]
    code = finger_code(content.position, content.slap)
    fields += [(13, str(code)), *_segments(content.segments), *_quality(content, f"{code}\x1f")]
    return kind, [*fields, (999, data)]


def _third(content: ImageContent) -> str:
    """Field .003: what the face record shows, the impression of a print, or the eye."""
    if content.modality is Modality.FACE:
        return "FACE"
    return str(eye_code(content.position) if content.modality is Modality.IRIS else impression_code(content.impression))


def _resolution(content: ImageContent) -> Values:
    if content.resolution_dpi is None:
        return [(8, _NO_UNIT), (9, "1"), (10, "1")]
    across, down = content.resolution_dpi
    return [(8, _PER_INCH), (9, str(round(across))), (10, str(round(down)))]


def _segments(segments: tuple[Segment, ...]) -> Values:
    rows = [
        f"{finger_code(one.position)}\x1f{one.left}\x1f{one.right}\x1f{one.top}\x1f{one.bottom}" for one in segments
    ]
    return [(21, "\x1e".join(rows))] if rows else []


def _quality(content: ImageContent, before: str) -> Values:
    return [] if content.quality is None else [(24, f"{before}{round(content.quality)}\x1f{_UNKNOWN_VENDOR}")]
