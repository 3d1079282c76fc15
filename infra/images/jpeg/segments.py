"""Walks through the marker segments of a JPEG file up to its scans."""

from __future__ import annotations

from enum import IntEnum

from biometrics.errors import ImageUndecodable

START = b"\xff\xd8\xff"
MOST_SEGMENTS = 1000
"""More are refused: each takes time."""


class Marker(IntEnum):
    """Second bytes of markers (T.81, table B.1)."""

    LOSSLESS_FRAME = 0xC3
    HUFFMAN = 0xC4
    END = 0xD9
    SCAN = 0xDA
    RESTART_INTERVAL = 0xDD
    JFIF = 0xE0
    ADOBE = 0xEE
    JPEG_LS_FRAME = 0xF7
    COMMENT = 0xFE


FRAMES = frozenset({*range(0xC0, 0xD0), Marker.JPEG_LS_FRAME} - {0xC4, 0xC8, 0xCC})


def damaged(what: str) -> ImageUndecodable:
    """The error for a file that breaks the format."""
    return ImageUndecodable(f"The JPEG is damaged: {what}. Send the whole file.")


class Segments:
    """The segments of a file, in order.

    Args:
        data: the file; begins with the start marker.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._count = 0
        self.at = 2
        """Where the next marker begins: whoever reads a scan moves it."""

    def following(self) -> tuple[int, bytes]:
        """The second byte of the next marker, and the content of its segment; empty for the end marker.

        Raises:
            ImageUndecodable: no marker is here, or its segment reaches past the end of the file.
        """
        self._count += 1
        head = self._data[self.at : self.at + 4]
        if self._count > MOST_SEGMENTS or len(head) < 2 or head[0] != 0xFF:
            raise damaged("no marker is where one must be")
        if head[1] == Marker.END:
            self.at += 2
            return Marker.END, b""
        length = int.from_bytes(head[2:], "big")
        content = self._data[self.at + 4 : self.at + 2 + length]
        if length < 2 or len(content) != length - 2:
            raise damaged("it ends within a segment")
        self.at += 2 + length
        return head[1], content


def frame_kind(data: bytes) -> int | None:
    """The second byte of a JPEG file's frame marker, which tells its process; None if it has none."""
    if not data.startswith(START):
        return None
    segments = Segments(data)
    try:
        while (marker := segments.following()[0]) not in (Marker.SCAN, Marker.END):
            if marker in FRAMES:
                return marker
    except ImageUndecodable:
        return None
    return None
