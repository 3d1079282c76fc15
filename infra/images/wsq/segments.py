"""Walks through the marker segments of a WSQ file; nothing is allocated for what they announce."""

from __future__ import annotations

from enum import IntEnum

from biometrics.errors import ImageUndecodable, ImageUnsupported

MOST_SEGMENTS = 1000
"""More are refused: no encoder writes more than a dozen, but each takes time."""

FIRST_RESTART, LAST_RESTART = 0xFFB0, 0xFFB7


class Marker(IntEnum):
    """Markers of IAFIS-IC-0110, table A.1."""

    START = 0xFFA0
    END = 0xFFA1
    FRAME = 0xFFA2
    BLOCK = 0xFFA3
    FILTERS = 0xFFA4
    QUANTISATION = 0xFFA5
    HUFFMAN = 0xFFA6
    RESTART_INTERVAL = 0xFFA7
    COMMENT = 0xFFA8


def damaged(what: str) -> ImageUndecodable:
    """The error for a file that breaks the format."""
    return ImageUndecodable(f"The WSQ file is damaged: {what}. Send the whole file as its encoder wrote it.")


class Segments:
    """The segments of a file, in order.

    Args:
        data: the file; begins with the start marker.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._count = 0
        self.at = 2
        """Where the next marker, or the coded data of a block, begins: whoever reads a block moves it."""

    def following(self) -> tuple[int, bytes]:
        """The next marker and the content of its segment; empty for markers that stand alone.

        A restart marker counts as the start of a block with the table of the block before.

        Raises:
            ImageUndecodable: no marker is here, or its segment reaches past the end of the file.
            ImageUnsupported: a marker that WSQ does not have.
        """
        self._count += 1
        marker = self._number(self.at)
        self.at += 2
        if self._count > MOST_SEGMENTS:
            raise damaged(f"it has more than {MOST_SEGMENTS} segments")
        if marker == Marker.END or FIRST_RESTART <= marker <= LAST_RESTART:
            return marker, b""
        if not Marker.START < marker <= Marker.COMMENT:
            raise ImageUnsupported(f"The WSQ file has an unknown marker {marker:04X}. Encode it again, or send PNG.")
        length = self._number(self.at)
        content = self._data[self.at + 2 : self.at + length]
        if length < 2 or len(content) != length - 2:
            raise damaged("it ends within a segment")
        self.at += length
        return marker, content

    def _number(self, at: int) -> int:
        if at + 2 > len(self._data):
            raise damaged("it ends before all of its picture")
        return int.from_bytes(self._data[at : at + 2], "big")
