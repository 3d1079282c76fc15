"""Reads the display resolution of a JPEG 2000 file (ITU-T T.800, I.5.3.7.2), which Pillow passes over.

Pillow reads the capture resolution, which says what was scanned. The other counts only where that is missing: some
scanners write nothing else.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

INCHES_PER_M = 0.0254
MOST_BOXES = 100


def display_resolution(data: bytes) -> tuple[float, float] | None:
    """Horizontal and vertical dots per inch of the display resolution box (`resd`); None if there is none.

    Args:
        data: the file; a bare codestream has no boxes.
    """
    for kind in (b"jp2h", b"res ", b"resd"):
        found = next((content for name, content in _boxes(data) if name == kind), None)
        if found is None:
            return None
        data = found
    try:
        down, down_by, across, across_by, down_power, across_power = struct.unpack(">HHHHbb", data)
    except struct.error:
        return None
    if not down_by or not across_by:
        return None
    return (
        across / across_by * 10.0**across_power * INCHES_PER_M,
        down / down_by * 10.0**down_power * INCHES_PER_M,
    )


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the boxes in these bytes, until one is damaged or the codestream begins."""
    at = 0
    for _ in range(MOST_BOXES):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if length < 8 or at + length > len(data) or name == b"jp2c":
            return
        yield name, data[at + 8 : at + length]
        at += length
