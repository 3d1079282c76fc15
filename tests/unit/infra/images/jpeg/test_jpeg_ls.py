"""JPEG-LS is decoded exactly, within the limits."""

from __future__ import annotations

import struct

import jpeg_ls
import numpy as np
import pytest
from numpy.typing import NDArray

from biometrics.errors import ImageTooLarge, ImageUndecodable, ImageUnsupported, InvalidInput
from infra.images.decode import decode
from infra.images.formats.decoders import decode_here
from infra.images.formats.limits import FULL, ImageLimits
from infra.images.guard.guard import Guard, Spent
from tests.support.mutations import mutated

SMALL = bytes(jpeg_ls.encode_array(np.random.default_rng(5).integers(0, 256, (33, 40), np.uint8)))


@pytest.mark.parametrize("mode", [0, 1, 2])
def test_colours(ridges: NDArray[np.uint8], mode: int) -> None:
    """RGB by planes, lines or pixels."""
    rgb = np.ascontiguousarray(np.stack([ridges, 255 - ridges, ridges // 2], 2))
    planar = np.ascontiguousarray(np.moveaxis(rgb, 2, 0)) if mode == 0 else rgb
    coded = jpeg_ls.encode_buffer(planar.tobytes(), *ridges.shape, 3, 8, interleave_mode=mode)
    assert np.array_equal(rgb, decode(bytes(coded)).pixels)


@pytest.mark.parametrize("precision", [8, 10, 12, 16])
def test_depths(precision: int) -> None:
    """Samples are scaled to 0–255 by their depth."""
    samples = np.random.default_rng(5).integers(0, 2**precision, (40, 50))
    samples[0, 0] = 2**precision - 1
    kind = np.uint8 if precision == 8 else np.uint16
    coded = jpeg_ls.encode_buffer(samples.astype(kind).tobytes(), 40, 50, 1, precision)
    assert np.array_equal(samples * 255 // (2**precision - 1), decode(bytes(coded)).pixels)


def test_resolution() -> None:
    """From a JFIF header."""
    density = b"\xff\xe0\0\x10JFIF\0\1\1\1" + struct.pack(">HHH", 500, 500, 0)
    assert 500 == decode(SMALL[:2] + density + SMALL[2:]).resolution_dpi


def test_truncations() -> None:
    """A file cut at any byte is refused."""
    for size in range(3, len(SMALL) - 3):
        with pytest.raises((ImageUndecodable, ImageUnsupported)):
            decode_here(SMALL[:size])


@pytest.mark.parametrize(
    ("size", "colours", "error"),
    [
        ((65535, 65535), b"\1\1\x11\0", ImageTooLarge),
        ((33, 40), b"\2\1\x11\0\2\x11\0", ImageUnsupported),
        ((34, 40), b"\1\1\x11\0", ImageUndecodable),
        ((33, 40), b"\3\1\x11\0", ImageUndecodable),
    ],
)
def test_wrong_frames(size: tuple[int, int], colours: bytes, error: type[InvalidInput]) -> None:
    """Sizes over the limits are refused before anything is allocated."""
    at = SMALL.index(b"\xff\xf7")
    frame = struct.pack(">BHH", 8, *size) + colours
    with pytest.raises(error):
        decode(SMALL[:at] + struct.pack(">HH", 0xFFF7, 2 + len(frame)) + frame + SMALL[at + 13 :])


def test_mutations() -> None:
    """Damaged files take at most 250 ms of CPU and 256 MiB, and are decoded or refused by name."""
    spent: list[Spent] = []
    guard = Guard(spent.append)
    refused = 0
    for number in range(300):
        try:
            guard.decode(mutated(SMALL, number), ImageLimits(), FULL)
        except InvalidInput:
            refused += 1
    guard.close()
    assert refused
    assert 256 * 2**20 >= max(each.peak_bytes for each in spent)
    assert 0.25 >= max(each.cpu_s for each in spent)
