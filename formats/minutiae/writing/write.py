"""Minutiae → a finger minutiae record, as its standard says: exact lengths, reserved bytes 0, no extended data."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from biometrics.errors import FieldInvalid
from formats.contents import MinutiaeContent, RecordFormat
from formats.minutiae.codes import impression_code
from formats.minutiae.points import write_points
from formats.minutiae.reading.versions import MAGIC
from formats.minutiae.reading.views_2011 import UNKNOWN_DATE
from formats.minutiae.units import NOT_COMPUTED, STANDARD_PER_CM
from formats.minutiae.writing.views import Written, written_views

NO_EXTENDED_DATA = b"\0\0"
MOST_ID = 0xFFFF
_SIX_BYTES = 0x60
_RESOLUTION = (STANDARD_PER_CM, STANDARD_PER_CM)


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What a record says beside its minutiae.

    Args:
        owner: IBIA number of who defined the product, 0–65,535. Only ANSI records have it, and their strict validators
            refuse 0.
        product: its number, likewise.
        with_qualities: whether minutiae have their confidence as quality. Without, they have the code for none: what
            such a quality means differs between extractors, and MINEX tests leave it out.

    Raises:
        FieldInvalid: a number out of range.
    """

    owner: int = 0
    product: int = 0
    with_qualities: bool = True

    def __post_init__(self) -> None:
        for name, value in (("owner", self.owner), ("product", self.product)):
            if not 0 <= value <= MOST_ID:
                raise FieldInvalid(name, f"it is {value}, and must be 0 to {MOST_ID}.")


DEFAULT = WriteOptions()


def write_record(
    contents: Sequence[MinutiaeContent], record_format: RecordFormat, options: WriteOptions = DEFAULT
) -> bytes:
    """Write a record of one or more views at 500 dpi (197 pixels per cm).

    Positions are rounded to 1 px and angles to the unit of the standard. Of over 255 minutiae in a view the most
    confident are written. A quality of a view that is not known is written as 0 where the standard has no code for it.

    Args:
        contents: views in the order to write, 1–255.
        record_format: ISO_19794_2_2005, ISO_19794_2_2011, ANSI_378_2004 or ANSI_378_2009.
        options: see there.

    Raises:
        FieldInvalid: no such format of records, or what the views hold cannot be written.
        PositionInvalid: not a finger's position.
    """
    if record_format not in _WRITERS:
        raise FieldInvalid("format", f"{record_format} is no minutiae record. Use one of: {', '.join(_WRITERS)}.")
    views = written_views(contents, record_format, with_qualities=options.with_qualities)
    return _WRITERS[record_format](views, options)


def _iso_2005(views: Sequence[Written], _: WriteOptions) -> bytes:
    head = struct.pack(">HHHHHBB", 0, *_size(views), *_RESOLUTION, len(views), 0)
    body = head + b"".join(map(_view_2004, views))
    return MAGIC + b" 20\0" + struct.pack(">I", 12 + len(body)) + body


def _ansi_2004(views: Sequence[Written], options: WriteOptions) -> bytes:
    head = struct.pack(">HHHHHHHBB", options.owner, options.product, 0, *_size(views), *_RESOLUTION, len(views), 0)
    body = head + b"".join(map(_view_2004, views))
    length = 10 + len(body)
    written = struct.pack(">H", length) if length <= MOST_ID else struct.pack(">HI", 0, length + 4)
    return MAGIC + b" 20\0" + written + body


def _size(views: Sequence[Written]) -> tuple[int, int]:
    """The image size that holds every view's image, as there is only one."""
    return max(view.size[0] for view in views), max(view.size[1] for view in views)


def _view_2004(view: Written) -> bytes:
    impression = view.number << 4 | impression_code(view.impression, is_new=False)
    head = bytes((view.position, impression, view.quality or 0, len(view.points)))
    return head + write_points(view.points, 6) + NO_EXTENDED_DATA


def _ansi_2009(views: Sequence[Written], options: WriteOptions) -> bytes:
    body = struct.pack(">HHBHBB", options.owner, options.product, 0, 0, len(views), 0)
    body += b"".join(map(_view_2009, views))
    return MAGIC + b"030\0" + struct.pack(">I", 12 + len(body)) + body


def _view_2009(view: Written) -> bytes:
    quality = NOT_COMPUTED if view.quality is None else view.quality
    head = bytes((view.position, view.number, impression_code(view.impression, is_new=True), quality))
    head += struct.pack(">HHHHHHB", 0, 0, *view.size, *_RESOLUTION, len(view.points))
    return head + write_points(view.points, 6) + NO_EXTENDED_DATA


def _iso_2011(views: Sequence[Written], _: WriteOptions) -> bytes:
    body = struct.pack(">HB", len(views), 0) + b"".join(map(_view_2011, views))
    return MAGIC + b"030\0" + struct.pack(">I", 12 + len(body)) + body


def _view_2011(view: Written) -> bytes:
    body = UNKNOWN_DATE + struct.pack(">BHH", 0, 0, 0)
    body += b"\0" if view.quality is None else struct.pack(">BBHH", 1, view.quality, 0, 0)
    body += struct.pack(">BBHH", view.position, view.number, *_RESOLUTION)
    body += struct.pack(
        ">BHHBB", impression_code(view.impression, is_new=True), *view.size, _SIX_BYTES, len(view.points)
    )
    body += write_points(view.points, 6) + NO_EXTENDED_DATA
    return struct.pack(">I", 4 + len(body)) + body


_WRITERS: dict[RecordFormat, Callable[[Sequence[Written], WriteOptions], bytes]] = {
    RecordFormat.ISO_19794_2_2005: _iso_2005,
    RecordFormat.ISO_19794_2_2011: _iso_2011,
    RecordFormat.ANSI_378_2004: _ansi_2004,
    RecordFormat.ANSI_378_2009: _ansi_2009,
}
