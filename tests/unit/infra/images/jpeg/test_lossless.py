"""Lossless JPEG is decoded exactly."""

from __future__ import annotations

import struct
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from biometrics.errors import ImageTooLarge, ImageUndecodable, ImageUnsupported, InvalidInput
from infra.images.decode import decode
from infra.images.formats.decoders import decode_here
from tests.support.lossless_jpeg_files import lossless_jpeg, segment

RANDOM = np.random.default_rng(5)
SMALL = lossless_jpeg(RANDOM.integers(0, 256, (33, 40)), predictor=4)


@pytest.mark.parametrize(("predictor", "restart_rows"), list(product(range(1, 8), (0, 1, 7))))
def test_predictors(ridges: NDArray[np.uint8], predictor: int, restart_rows: int) -> None:
    """All seven, with restart markers and without."""
    pixels, _ = decode_here(lossless_jpeg(ridges, predictor, restart_rows=restart_rows))
    assert np.array_equal(ridges, pixels)


@pytest.mark.parametrize("is_interleaved", [1, 0])
def test_colours(ridges: NDArray[np.uint8], is_interleaved: int) -> None:
    """RGB in one scan or in three."""
    rgb = np.stack([ridges, 255 - ridges, ridges // 2], 2)
    assert np.array_equal(rgb, decode(lossless_jpeg(rgb, 7, is_interleaved=is_interleaved)).pixels)


@pytest.mark.parametrize("precision", [2, 7, 10, 12, 16])
def test_depths(precision: int) -> None:
    """Samples of any depth are scaled to 0–255 by it; differences of 16 bits wrap around."""
    samples = RANDOM.integers(0, 2**precision, (40, 50))
    pixels, _ = decode_here(lossless_jpeg(samples, 6, precision))
    assert np.array_equal(samples * 255 // (2**precision - 1), pixels)


def test_point_transform(ridges: NDArray[np.uint8]) -> None:
    """Dropped low bits are 0."""
    assert np.array_equal(ridges & 0xFC, decode_here(lossless_jpeg(ridges, 2, shift=2))[0])


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        (0xE0, b"JFIF\0\1\1\1" + struct.pack(">HHH", 500, 500, 0), (500, None)),
        (0xE0, b"JFIF\0\1\1\2" + struct.pack(">HHH", 197, 98, 0), (500.38, 248.92)),
        (0xE0, b"JFIF\0\1\1\0" + struct.pack(">HHH", 500, 500, 0), (None, None)),
        (0xFE, b"NIST_COM 9\nPIX_DEPTH 8\nPPI 500\nLOSSY 0\n", (500, None)),
    ],
)
def test_resolution(kind: int, content: bytes, expected: tuple[float | None, float | None]) -> None:
    """From the JFIF header, or NIST's comment."""
    image = decode(SMALL[:2] + segment(kind, content) + SMALL[2:])
    assert pytest.approx(expected) == (image.resolution_dpi, image.vertical_dpi)


def test_truncations() -> None:
    """A file cut at any byte of its headers or its picture is refused."""
    for size in range(3, len(SMALL) - 3):
        with pytest.raises((ImageUndecodable, ImageUnsupported)):
            decode_here(SMALL[:size])


@given(st.lists(st.tuples(st.integers(2, len(SMALL) - 1), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=300)
def test_changed_bytes(changes: list[tuple[int, int]]) -> None:
    """Whatever bytes are changed, the file is decoded or refused by name."""
    data = bytearray(SMALL)
    for at, value in changes:
        data[at] = value
    try:
        decode_here(bytes(data))
    except InvalidInput as error:
        assert error.message  # noqa: PT017  # either outcome is right


def with_frame(content: bytes) -> bytes:
    """The small file with another frame header."""
    at = SMALL.index(b"\xff\xc3")
    return SMALL[:at] + segment(0xC3, content) + SMALL[at + 13 :]


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (struct.pack(">BHHB", 8, 65535, 65535, 1) + b"\1\x11\0", ImageTooLarge),
        (struct.pack(">BHHB", 17, 33, 40, 1) + b"\1\x11\0", ImageUndecodable),
        (struct.pack(">BHHB", 8, 33, 40, 2) + b"\1\x11\0\2\x11\0", ImageUnsupported),
        (struct.pack(">BHHB", 8, 33, 40, 3) + b"\1\x22\0\2\x11\0\3\x11\0", ImageUnsupported),
        (struct.pack(">BHHB", 8, 33, 40, 1) + b"\7\x11\0", ImageUndecodable),
        (struct.pack(">BHHB", 8, 34, 40, 1) + b"\1\x11\0", ImageUndecodable),
        (struct.pack(">BHHB", 8, 33, 40, 1), ImageUndecodable),
    ],
)
def test_wrong_frames(frame: bytes, error: type[InvalidInput]) -> None:
    """Sizes over the limits are refused before anything is allocated; so are frames that do not fit their scan."""
    with pytest.raises(error):
        decode(with_frame(frame))


def test_wrong_scans(ridges: NDArray[np.uint8]) -> None:
    """No table, no such predictor, converted colours, a restart interval of half a row, a missing restart marker."""
    at = SMALL.index(b"\xff\xda")
    whole = lossless_jpeg(ridges, restart_rows=10)
    for data in (
        SMALL[:at] + segment(0xDA, bytes([1, 1, 0x10, 4, 0, 0])) + SMALL[at + 10 :],
        SMALL[:at] + segment(0xDA, bytes([1, 1, 0, 0, 0, 0])) + SMALL[at + 10 :],
        SMALL[:at] + segment(0xDA, bytes([0, 4, 0, 0])) + SMALL[at + 10 :],
        SMALL[:at] + segment(0xEE, b"Adobe\0\x64\0\0\0\0\1") + SMALL[at:],
        SMALL[:at] + segment(0xDD, b"\0\x14") + SMALL[at:],
        whole.replace(b"\xff\xd0", b""),
    ):
        with pytest.raises((ImageUndecodable, ImageUnsupported)):
            decode_here(data)
