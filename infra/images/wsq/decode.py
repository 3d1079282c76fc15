"""Decodes a WSQ file: its size is checked first, then bits become coefficients, and coefficients grey levels."""

from __future__ import annotations

from infra.images.formats.cost import COMPILED_OWN_BYTES, check_memory
from infra.images.formats.facts import Facts, Sink
from infra.images.formats.header import check_effort, check_frame
from infra.images.formats.limits import Effort, ImageLimits
from infra.images.huffman import lookup
from infra.images.wsq.picture import Picture
from infra.images.wsq.segments import Segments
from infra.images.wsq.stated import Stated

PIXEL_BYTES = 5
"""A coefficient, and the grey level made of it."""


def decode(data: bytes, limits: ImageLimits, effort: Effort, sink: Sink) -> Facts:
    """Decode one file; see `infra.images.decode.decode`. Bytes after the picture are ignored.

    Raises:
        ImageUndecodable, ImageUnsupported: truncated, damaged, or with markers that WSQ does not have.
        ImageTooLarge, ImageTooSmall, ImageTooCostly, TakesLonger: by its header, before anything is allocated.
    """
    stated, segments = Stated(), Segments(data)
    _read_to_block(stated, segments)
    frame, filters, quantisation = stated.complete()
    check_frame(frame.width, frame.height, limits)
    check_effort(frame.width, frame.height, effort)
    check_memory(PIXEL_BYTES, frame.width * frame.height, effort, COMPILED_OWN_BYTES)
    picture = Picture(data, frame, filters, quantisation)
    while not picture.is_full:
        segments.at = picture.add(segments.at, lookup(stated.code))
        if not picture.is_full:
            _read_to_block(stated, segments)
    picture.write(sink((frame.height, frame.width)))
    return Facts(resolution_dpi=stated.resolution_dpi)


def _read_to_block(stated: Stated, segments: Segments) -> None:
    while not stated.add(*segments.following()):
        pass
