"""The tags around a face record: DG2 of a passport (ICAO 9303), ISO/IEC 7816-11, and those of ISO/IEC 39794-5."""

from __future__ import annotations

from formats.limits import check_samples
from formats.tagged import tlv

FACE_39794 = b"\x65"
"""[APPLICATION 5]: a face image data block of ISO/IEC 39794-5."""
_FACE_19794 = b"FAC\x00"
_OUTER = (0x75, 0x7F61, 0x7F60, 0x7F2E, 0x5F2E, 0x61, 0xA1)
"""Data group 2, group of templates, template, data block (constructed, primitive), and two of 39794's wrappers."""
_MOST_DEPTH = 6


def blocks(data: bytes | memoryview) -> list[memoryview]:
    """Return the records inside wrappers, in their order; none if there is no wrapper, or no face record in it.

    Raises:
        RecordMalformed: a wrapper's length does not fit.
    """
    view = memoryview(data)
    if view[:1] != FACE_39794 and not _is_wrapper(view):
        return []
    level = [tlv.first(view, "The wrapper").whole]
    found: list[memoryview] = []
    for _ in range(_MOST_DEPTH):
        found += [part for part in level if _is_record(part)]
        level = [inner for part in level if _is_wrapper(part) for inner in _inside(part)]
        check_samples(len(level), "The wrapper")
    return found


def _is_record(part: memoryview) -> bool:
    return part[:1] == FACE_39794 or part[:4] == _FACE_19794


def _is_wrapper(part: memoryview) -> bool:
    return any(part[: len(code)] == code for code in (tag.to_bytes((tag > 0xFF) + 1, "big") for tag in _OUTER))


def _inside(part: memoryview) -> list[memoryview]:
    """Return the elements in a wrapper, each with tag and length; its value as one piece if it is a record of 19794."""
    value = tlv.first(part, "The wrapper").value
    return [value] if value[:4] == _FACE_19794 else [one.whole for one in tlv.elements(value, "The wrapper")]
