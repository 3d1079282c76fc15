"""Collects what the segments before a picture's blocks state, and checks that it is complete."""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.images.huffman import Code, stated_codes
from infra.images.nist_comment import resolution
from infra.images.wsq import tables
from infra.images.wsq.segments import FIRST_RESTART, LAST_RESTART, Marker, damaged


@dataclass(slots=True)
class Stated:
    """What a file has stated so far.

    Args:
        frame: its frame header.
        filters: its filters.
        quantisation: its quantisation.
        codes: its Huffman tables, by number.
        resolution_dpi: from NIST's comment.
        selected: number of the Huffman table that the last block chose; blocks after a restart marker use it too.
    """

    frame: tables.Frame | None = None
    filters: tables.Filters | None = None
    quantisation: tables.Quantisation | None = None
    codes: dict[int, Code] = field(default_factory=dict)
    resolution_dpi: float | None = None
    selected: int | None = None

    def add(self, marker: int, content: bytes) -> bool:
        """Take in a segment; returns whether a block begins after it.

        Raises:
            ImageUndecodable: the segment is damaged, or the picture is to end.
        """
        match marker:
            case Marker.BLOCK:
                self.selected = content[0] if content else None
                return True
            case Marker.END:
                raise damaged("it ends before all of its picture")
            case Marker.FRAME:
                if self.frame:
                    raise damaged("it has two frame headers")
                self.frame = tables.frame(content)
            case Marker.FILTERS:
                self.filters = tables.filters(content)
            case Marker.QUANTISATION:
                self.quantisation = tables.quantisation(content)
            case Marker.HUFFMAN:
                self.codes |= stated_codes(content)
            case Marker.COMMENT:
                self.resolution_dpi = resolution(content) or self.resolution_dpi
        return FIRST_RESTART <= marker <= LAST_RESTART

    @property
    def code(self) -> Code:
        """The Huffman table of the block that begins.

        Raises:
            ImageUndecodable: the file has not stated it.
        """
        if self.selected not in self.codes:
            raise damaged("a Huffman table is missing")
        return self.codes[self.selected]

    def complete(self) -> tuple[tables.Frame, tables.Filters, tables.Quantisation]:
        """What a picture needs.

        Raises:
            ImageUndecodable: part of it is missing.
        """
        if not (self.frame and self.filters and self.quantisation):
            raise damaged("its frame header, filters or quantisation table are missing")
        return self.frame, self.filters, self.quantisation
