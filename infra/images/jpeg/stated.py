"""What the segments of a lossless JPEG state."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from biometrics.errors import ImageUnsupported
from infra.images.huffman import Code, stated_codes
from infra.images.jpeg.density import Density
from infra.images.jpeg.segments import Marker, damaged

UNSCALED = 0x11
"""Sampling factors of a colour in full resolution."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame header.

    Args:
        precision: bits of a sample, 2 to 16.
        width: in pixels.
        height: in pixels.
        colours: their ids: one for grey, three for RGB.
    """

    precision: int
    width: int
    height: int
    colours: bytes


@dataclass(frozen=True, slots=True)
class Scan:
    """The header of a scan.

    Args:
        tables: for each colour of the scan, which it is and the number of its Huffman table.
        predictor: 1 to 7.
        shift: lowest bits of the samples that were dropped (point transform).
    """

    tables: tuple[tuple[int, int], ...]
    predictor: int
    shift: int


@dataclass(slots=True)
class Stated:
    """What a file has stated so far.

    Args:
        frame: its frame header.
        codes: its Huffman tables, by number.
        restart_interval: pixels between two restart markers; 0: none.
        density: its resolution.
    """

    frame: Frame | None = None
    codes: dict[int, Code] = field(default_factory=dict)
    restart_interval: int = 0
    density: Density = field(default_factory=Density)

    def add(self, marker: int, content: bytes) -> Scan | None:
        """Take in a segment; returns the scan that begins after it.

        Raises:
            ImageUndecodable: the segment is damaged, or the picture is to end.
            ImageUnsupported: a kind of picture that is not read.
        """
        match marker:
            case Marker.LOSSLESS_FRAME if self.frame is None:
                self.frame = _frame(content)
            case Marker.HUFFMAN:
                self.codes |= stated_codes(content)
            case Marker.RESTART_INTERVAL if len(content) == 2:
                self.restart_interval = int.from_bytes(content, "big")
            case Marker.SCAN:
                return self._scan(content)
            case Marker.ADOBE if content[:5] == b"Adobe" and content[11:12] not in (b"\0", b""):
                raise _unsupported()
            case Marker.LOSSLESS_FRAME | Marker.RESTART_INTERVAL:
                raise damaged("one of its headers is wrong")
            case Marker.END:
                raise damaged("it ends before all of its picture")
        self.density.add(marker, content)
        return None

    def _scan(self, content: bytes) -> Scan:
        if self.frame is None or not content or len(content) != 4 + 2 * content[0]:
            raise damaged("a scan's header is wrong")
        count = content[0]
        pairs = [(self.frame.colours.find(content[at]), content[at + 1] >> 4) for at in range(1, 1 + 2 * count, 2)]
        predictor, shift = content[1 + 2 * count], content[3 + 2 * count] & 15
        places = {place for place, _ in pairs}
        if (
            not places
            or -1 in places
            or len(places) != count
            or not 0 < predictor <= 7
            or shift >= self.frame.precision
        ):
            raise damaged("a scan's header is wrong")
        if any(table not in self.codes for _, table in pairs):
            raise damaged("a Huffman table is missing")
        return Scan(tuple(pairs), predictor, shift)


def _frame(content: bytes) -> Frame:
    if len(content) < 6 or len(content) != 6 + 3 * content[5]:
        raise damaged("its frame header is wrong")
    precision, height, width, count = struct.unpack_from(">BHHB", content)
    ids, factors = content[6::3], content[7::3]
    if count not in (1, 3) or len(set(ids)) != count or (count > 1 and set(factors) != {UNSCALED}):
        raise _unsupported()
    if not 2 <= precision <= 16:
        raise damaged("its frame header is wrong")
    return Frame(precision, width, height, ids)


def _unsupported() -> ImageUnsupported:
    return ImageUnsupported("The lossless JPEG is not grey, nor RGB in full resolution. Send it as PNG.")
