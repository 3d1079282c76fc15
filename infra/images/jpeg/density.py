"""The resolution that a JPEG file states: in a comment of NIST's, else in its JFIF header."""

from __future__ import annotations

import struct

from infra.images.formats.facts import Facts
from infra.images.jpeg.segments import Marker
from infra.images.nist_comment import resolution

CM_PER_INCH = 2.54
PER_INCH, PER_CM = 1, 2


class Density:
    """What the segments have stated so far."""

    def __init__(self) -> None:
        self._comment: float | None = None
        self._across: float | None = None
        self._down: float | None = None

    def add(self, marker: int, content: bytes) -> None:
        """Take in a segment; those that state no resolution are passed over."""
        if marker == Marker.COMMENT:
            self._comment = resolution(content) or self._comment
        elif marker == Marker.JFIF and content.startswith(b"JFIF\0") and len(content) >= 12:
            unit, across, down = struct.unpack_from(">BHH", content, 7)
            if unit in (PER_INCH, PER_CM) and across > 1 and down > 1:
                factor = CM_PER_INCH if unit == PER_CM else 1.0
                self._across, self._down = across * factor, down * factor

    @property
    def facts(self) -> Facts:
        """The resolution; vertical only if it differs."""
        if self._comment:
            return Facts(self._comment)
        return Facts(self._across, None if self._down == self._across else self._down)
