"""Decodes a lossless JPEG: its size is checked first, then its scans are decoded and scaled to 8 bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.images.bit_depth import DEPTHS, depth_of, narrowed
from infra.images.formats.cost import COMPILED_OWN_BYTES, check_memory
from infra.images.formats.facts import Facts, Sink
from infra.images.formats.header import check_effort, check_frame
from infra.images.formats.limits import Effort, ImageLimits
from infra.images.huffman import lookup
from infra.images.jpeg.scan import WRONG, decode_scan
from infra.images.jpeg.segments import Segments, damaged
from infra.images.jpeg.stated import Frame, Scan, Stated

BYTE = 8
SAMPLE_BYTES = 4
"""A sample of 16 bits, the grey level made of it, and what is copied in between."""


def decode(data: bytes, limits: ImageLimits, effort: Effort, sink: Sink) -> Facts:
    """Decode one file; see `infra.images.decode.decode`.

    Samples of other than 8 bits are scaled by the stated depth, those of 16 by the depth used.

    Raises:
        ImageUndecodable, ImageUnsupported: truncated, damaged, or of a kind that is not read.
        ImageTooLarge, ImageTooSmall, ImageTooCostly, TakesLonger: by its header, before anything is allocated.
    """
    stated, segments = Stated(), Segments(data)
    scan = _following_scan(stated, segments)
    frame = stated.frame
    assert frame
    count = len(frame.colours)
    check_frame(frame.width, frame.height, limits)
    check_effort(frame.width, frame.height, effort)
    check_memory(SAMPLE_BYTES * count, frame.width * frame.height, effort, COMPILED_OWN_BYTES)
    samples = np.zeros((frame.height, frame.width, count), np.uint16)
    missing = set(range(count))
    while True:
        segments.at = _decode(np.frombuffer(data, np.uint8), segments.at, scan, stated, samples)
        missing -= {place for place, _ in scan.tables}
        if not missing:
            break
        scan = _following_scan(stated, segments)
    _write(samples, frame, sink)
    return stated.density.facts


def _following_scan(stated: Stated, segments: Segments) -> Scan:
    while (scan := stated.add(*segments.following())) is None:
        pass
    return scan


def _decode(data: NDArray[np.uint8], at: int, scan: Scan, stated: Stated, samples: NDArray[np.uint16]) -> int:
    frame = stated.frame
    assert frame
    if stated.restart_interval % frame.width:
        raise damaged("its restart interval is not made of whole rows")
    lookups = np.stack([lookup(stated.codes[table]) for _, table in scan.tables])
    places = np.array([place for place, _ in scan.tables], np.int64)
    first = 1 << (frame.precision - scan.shift - 1)
    rows = stated.restart_interval // frame.width
    end = int(decode_scan(data, at, lookups, places, scan.predictor, first, rows, samples))
    if end == WRONG:
        raise damaged("its coded data is wrong, or ends before all of its picture")
    for place in places if scan.shift else ():
        samples[..., place] <<= scan.shift
    return end


def _write(samples: NDArray[np.uint16], frame: Frame, sink: Sink) -> None:
    values = samples[..., 0] if samples.shape[2] == 1 else samples
    if frame.precision != BYTE:
        depths = DEPTHS if frame.precision == DEPTHS[-1] else (frame.precision,)
        sink(values.shape)[...] = narrowed(values, depth_of(values, depths))
    else:
        sink(values.shape)[...] = values
