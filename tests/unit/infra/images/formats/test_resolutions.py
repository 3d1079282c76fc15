"""Resolutions in the files that records hold: which field counts, and in which unit it is."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image as Pillow

from infra.images.decode import Image, decode
from infra.images.formats.jp2_boxes import display_resolution
from tests.support.made_files import chunk, encoded

IMAGE = Pillow.fromarray(np.arange(64 * 48, dtype=np.uint8).reshape(64, 48))
JP2 = encoded(IMAGE, "JPEG2000")
PER_M = 19685  # 500 dots per inch


def jp2(*resolutions: tuple[bytes, tuple[int, int], int]) -> bytes:
    """A JPEG 2000 file with resolution boxes: name, samples per metre across and down, divided by 10^exponent."""
    at = JP2.index(b"jp2h") - 4
    end = at + int.from_bytes(JP2[at : at + 4], "big")
    boxes = b"".join(
        struct.pack(">I4sHHHHbb", 18, name, down, 1, across, 1, power, power)
        for name, (across, down), power in resolutions
    )
    header = JP2[at + 4 : end] + struct.pack(">I4s", 8 + len(boxes), b"res ") + boxes
    return JP2[:at] + struct.pack(">I", 4 + len(header)) + header + JP2[end:]


def stated(image: Image) -> tuple[float | None, ...]:
    """Resolution across and down, rounded; None: not stated, or the same down as across."""
    return tuple(value and round(value, 2) for value in (image.resolution_dpi, image.vertical_dpi))


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ([(b"resc", (PER_M, PER_M), 0)], (500, None)),
        ([(b"resd", (PER_M, PER_M), 0)], (500, None)),
        ([(b"resd", (PER_M, 2 * PER_M), 0)], (500, 1000)),
        ([(b"resd", (197, 197), 2)], (500.38, None)),
        ([(b"resc", (PER_M, PER_M), 0), (b"resd", (2835, 2835), 0)], (500, None)),
        ([(b"resd", (2835, 2835), 0), (b"resc", (PER_M, PER_M), 0)], (500, None)),
    ],
)
def test_jpeg2000(boxes: list[tuple[bytes, tuple[int, int], int]], expected: tuple[float | None, float | None]) -> None:
    """The capture resolution counts, and where it is missing, that for display."""
    image = decode(jp2(*boxes))
    assert expected == stated(image)


def test_a_damaged_box_states_nothing() -> None:
    """A denominator of 0, or lengths that lie, up to a file of nothing but boxes."""
    whole = jp2((b"resd", (PER_M, PER_M), 0))
    at = whole.index(b"resd")
    assert decode(whole[: at + 6] + b"\0\0" + whole[at + 8 :]).resolution_dpi is None
    assert display_resolution(whole)
    for length in (0, 7, 17, 19, 2**32 - 1):
        assert display_resolution(whole[: at - 4] + struct.pack(">I", length) + whole[at:]) is None
    assert display_resolution(struct.pack(">I4s", 8, b"free") * 10**5) is None


def test_a_bare_codestream() -> None:
    """JPEG 2000 without boxes is decoded, and states none."""
    image = decode(encoded(IMAGE, "JPEG2000", no_jp2=True))
    assert (True, None) == (np.array_equal(IMAGE, image.pixels), image.resolution_dpi)


@pytest.mark.parametrize(
    ("density", "expected"),
    [((PER_M, PER_M, 1), (500, None)), ((PER_M, 39370, 1), (500, 1000)), ((1, 1, 0), (None, None))],
)
def test_png(density: tuple[int, int, int], expected: tuple[float | None, float | None]) -> None:
    """Pixels per metre; an aspect ratio alone is no resolution."""
    whole = encoded(IMAGE, "PNG")
    image = decode(whole[:33] + chunk(b"pHYs", struct.pack(">IIB", *density)) + whole[33:])
    assert expected == stated(image)


@pytest.mark.parametrize(("unit", "density", "expected"), [(1, 500, 500), (2, 197, 500.38), (0, 1, None)])
def test_jfif(unit: int, density: int, expected: float | None) -> None:
    """Dots per inch or per centimetre; an aspect ratio alone is no resolution."""
    whole = bytearray(encoded(IMAGE, "JPEG", dpi=(72, 72)))
    at = whole.index(b"JFIF\0") + 7
    whole[at : at + 5] = struct.pack(">BHH", unit, density, density)
    assert pytest.approx(expected) == decode(bytes(whole)).resolution_dpi


@pytest.mark.parametrize(("unit", "density", "expected"), [(2, 500.0, 500), (3, 197.0, 500.38)])
def test_exif(unit: int, density: float, expected: float) -> None:
    """It counts where the JFIF header states none, or is missing."""
    exif = Pillow.Exif()
    exif[282], exif[283], exif[296] = density, density, unit
    whole = encoded(IMAGE, "JPEG", exif=exif)
    at = whole.index(b"\xff\xe0")
    for data in (whole, whole[:at] + whole[at + 18 :]):
        assert pytest.approx(expected) == decode(data).resolution_dpi


@pytest.mark.parametrize("highest", [255, 4095, 65535])
def test_raw_gray(highest: int) -> None:
    """Grey PNM of 8, 12 and 16 bits: the sensors' raw form."""
    gray = np.asarray(IMAGE)
    samples = (gray.astype(np.uint32) * highest // 255).astype(">u2" if highest > 255 else ">u1")
    image = decode(b"P5\n48 64\n%d\n" % highest + samples.tobytes())
    assert 1 >= np.abs(gray.astype(int) - image.pixels).max()
