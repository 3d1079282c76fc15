"""Decodes JPEG-LS (ITU-T T.87): its size is checked here, its coded data decoded by CharLS."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import jpeg_ls
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ImageUnsupported
from infra.images.bit_depth import DEPTHS, depth_of, narrowed
from infra.images.formats.cost import check_memory
from infra.images.formats.facts import Facts, Sink
from infra.images.formats.header import check_effort, check_frame
from infra.images.formats.limits import Effort, ImageLimits
from infra.images.jpeg.density import Density
from infra.images.jpeg.segments import Marker, Segments, damaged

BYTE = 8
END = b"\xff\xd9"
"""Appended to every file: CharLS 2.4 never returns from one that ends within its coded data."""

PLANES, LINES, PIXELS = 0, 1, 2
"""Interleave modes. CharLS returns lines and pixels as pixels."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the headers of a file state.

    Args:
        precision: bits of a sample, 2 to 16.
        width: in pixels.
        height: in pixels.
        colours: 1 or 3.
        interleave: PLANES, LINES or PIXELS.
        facts: the resolution.
    """

    precision: int
    width: int
    height: int
    colours: int
    interleave: int
    facts: Facts


def decode(data: bytes, limits: ImageLimits, effort: Effort, sink: Sink) -> Facts:
    """Decode one file; see `infra.images.decode.decode`. Samples are scaled as those of lossless JPEG.

    Raises:
        ImageUndecodable, ImageUnsupported: truncated, damaged, or of a kind that is not read.
        ImageTooLarge, ImageTooSmall, ImageTooCostly, TakesLonger: by its header, before anything is allocated.
    """
    header = _header(data)
    pixels, count = header.width * header.height, header.colours
    sample = np.dtype("<u1" if header.precision <= BYTE else "<u2")
    check_frame(header.width, header.height, limits)
    check_effort(header.width, header.height, effort)
    check_memory(count * (2 * sample.itemsize + 1), pixels, effort)
    try:
        coded = jpeg_ls.decode_from_buffer(data + END)
    except (RuntimeError, ValueError) as error:
        raise damaged("its coded data is wrong, or ends before all of its picture") from error
    if len(coded) != pixels * count * sample.itemsize:
        raise damaged("its coded data is wrong")
    _write(_shaped(np.frombuffer(coded, sample), header), header, sink)
    return header.facts


def _shaped(samples: NDArray[np.integer], header: Header) -> NDArray[np.integer]:
    if header.colours == 1:
        return samples.reshape(header.height, header.width)
    if header.interleave == PLANES:
        return np.moveaxis(samples.reshape(header.colours, header.height, header.width), 0, 2)
    return samples.reshape(header.height, header.width, header.colours)


def _write(samples: NDArray[np.integer], header: Header, sink: Sink) -> None:
    target = sink(samples.shape)
    if header.precision == BYTE:
        target[...] = samples
        return
    wide = samples.astype(np.uint16, copy=False)
    depths = DEPTHS if header.precision == DEPTHS[-1] else (header.precision,)
    target[...] = narrowed(wide, depth_of(wide, depths))


def _header(data: bytes) -> Header:
    segments, density, frame = Segments(data), Density(), b""
    while (found := segments.following())[0] != Marker.SCAN:
        marker, content = found
        if marker == Marker.END:
            raise damaged("it ends before its picture")
        if marker == Marker.JPEG_LS_FRAME:
            frame = content
        density.add(marker, content)
    scan = found[1]
    if len(frame) < 6 or len(frame) != 6 + 3 * frame[5] or len(scan) < 4:
        raise damaged("its headers are wrong")
    precision, height, width, count = struct.unpack_from(">BHHB", frame)
    if count not in (1, 3):
        raise ImageUnsupported("The JPEG-LS is neither grey nor RGB. Send it as PNG.")
    if not 2 <= precision <= 16:
        raise damaged("its frame header is wrong")
    return Header(precision, width, height, count, scan[-2], density.facts)
