"""Images of fingers: ISO/IEC 19794-4:2005 and :2011 ("FIR")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from biometrics.errors import RecordMalformed, RecordUnsupported
from biometrics.template import Modality
from formats.codes import finger, impression, quality
from formats.contents import Contents, ImageContent, RecordFormat
from formats.cursor import Cursor
from formats.images import head
from formats.images.pixels import grey_picture, picture
from formats.limits import check_samples
from formats.resolution import by_unit

_RAW, _PACKED = 0, 1
_LAST_COMPRESSION = 6
_LEAST_BLOCK_BYTES_2005 = 14


@dataclass(frozen=True, slots=True)
class _Look:
    """How images of a record are stored; in 2005 one for all of them.

    Args:
        resolution: dots per inch, if stated.
        depth: bits a pixel.
        compression: 0 raw, 1 packed; others are files.
    """

    resolution: tuple[float, float] | None
    depth: int
    compression: int

    def image(self, data: memoryview, width: int, height: int, where: str) -> bytes:
        """Return the image file, made from raw pixels if need be."""
        if self.compression == _PACKED:
            raise RecordUnsupported(
                f"{where} has packed pixels (compression 1). Store it unpacked, or as an image file."
            )
        if self.compression == _RAW:
            return grey_picture(data, width, height, self.depth, where)
        if self.compression > _LAST_COMPRESSION:
            raise RecordMalformed(f"{where} has the compression {self.compression}, which has no meaning.")
        return picture(data, width, height, where)


def _look(body: Cursor) -> _Look:
    unit = body.u8("the unit of resolution")
    body.take(4, "the scan resolution")
    resolution = by_unit(unit, body.u16("the resolution"), body.u16("the resolution"))
    return _Look(resolution, body.u8("the depth"), body.u8("the compression"))


def read_2005(data: bytes) -> Contents:
    """Read a record of 2005.

    Raises:
        RecordMalformed: lengths that do not fit, or codes without a meaning.
        RecordUnsupported: palms, combined fingers, packed pixels, other depths than 8 bits.
        ImageTooLarge: the record states more pixels than are read.
    """
    record = head.record(data, length_bytes=6)
    record.take(4, "capture device and level")
    fingers = head.count(record.u8("the number of fingers"))
    look = _look(record)
    record.take(2, "the general header")
    return Contents(RecordFormat.ISO_19794_4_2005, tuple(_views(record, fingers, look)))


def _views(record: Cursor, fingers: int, look: _Look) -> Iterator[ImageContent]:
    """Yield all views of all fingers; how many a finger has, its first view states."""
    seen = 0
    for _ in range(fingers):
        left = 1
        first = True
        while left:
            seen += 1
            check_samples(seen, "The record")
            views, content = _view(record, f"representation {seen}", look)
            left = max(views, 1) - 1 if first else left - 1
            first = False
            yield content


def _view(record: Cursor, where: str, look: _Look) -> tuple[int, ImageContent]:
    length = record.u32(f"the length of {where}")
    if length < _LEAST_BLOCK_BYTES_2005:
        raise RecordMalformed(f"{where} states a length of {length} bytes, less than its header has.")
    body = record.part(length - 4, where)
    position, slap = finger(body.u8("the position"), where)
    views = body.u8("the number of views")
    body.take(1, "the number of the view")
    score, made = body.u8("the quality"), body.u8("the impression")
    width, height = body.u16("the width"), body.u16("the height")
    body.take(1, "the header")
    data = body.rest()
    pixels = data[: width * height] if look.compression == _RAW else data
    return views, ImageContent(
        Modality.FINGERPRINT,
        position,
        look.image(pixels, width, height, where),
        where,
        look.resolution,
        quality(score) if score else None,
        impression(made),
        slap,
    )


def read_2011(data: bytes) -> Contents:
    """Read a record of 2011: each representation states all of its image.

    Raises:
        RecordMalformed: lengths that do not fit, or codes without a meaning.
        RecordUnsupported: palms, combined fingers, packed pixels, other depths than 8 bits.
        ImageTooLarge: the record states more pixels than are read.
    """
    samples = (_representation(body, certified) for body, certified in head.representations(data, 1))
    return Contents(RecordFormat.ISO_19794_4_2011, tuple(samples))


def _representation(body: Cursor, certified: bool) -> ImageContent:  # noqa: FBT001  # as the general header says
    score = head.captured(body)
    if certified:
        head.past_certificates(body)
    position, slap = finger(body.u8("the position"), body.where)
    body.take(1, "the number of the representation")
    look = _look(body)
    made = body.u8("the impression")
    width, height = body.u16("the width"), body.u16("the height")
    data = body.take(body.u32("the length of the picture"), "the picture")
    return ImageContent(
        Modality.FINGERPRINT,
        position,
        look.image(data, width, height, body.where),
        body.where,
        look.resolution,
        score,
        impression(made),
        slap,
    )
