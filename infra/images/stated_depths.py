"""Reads from a file's header which bit depths its samples may have."""

from __future__ import annotations

from numbers import Real

from PIL import Image as Pillow

from infra.images.bit_depth import DEPTHS

FULL = (16,)
MAX_SAMPLE_VALUES = (281, 341)  # TIFF: MaxSampleValue, SMaxSampleValue
BITS_PER_SAMPLE = 258
JPEG2000_START = b"\xff\x4f\xff\x51"  # SOC and SIZ
JPEG2000_PRECISION = 42  # offset of Ssiz: sign in the highest bit, bits less one in the others


def stated_depths(opened: Pillow.Image, data: bytes) -> tuple[int, ...]:
    """Possible depths in bits, rising; empty if samples have 8 bits or fewer.

    - PNG: sBIT states the significant bits of samples that should be scaled to 16; some writers do not scale them.
    - TIFF: BitsPerSample, else a MaxSampleValue other than that of 16 bits.
    - PNM and JPEG 2000: Pillow scales samples of less than 16 bits by the stated maximum or precision.

    Args:
        opened: not yet decoded.
        data: the file.
    """
    match opened.format:
        case "PNG":
            return _png(data)
        case "TIFF":
            return _tiff(opened)
        case "PPM":
            return DEPTHS if _maxval(opened) == 2**16 - 1 else FULL
        case "JPEG2000":
            return DEPTHS if data[data.find(JPEG2000_START) + JPEG2000_PRECISION] == 15 else FULL
    return ()


def _png(data: bytes) -> tuple[int, ...]:
    if data[24] != 16:
        return ()
    at = 8
    while (kind := data[at + 4 : at + 8]) not in (b"IDAT", b""):
        if kind == b"sBIT" and 1 <= (bits := data[at + 8]) <= 16:
            return (bits, *FULL) if bits < 16 else FULL
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return DEPTHS


def _tiff(opened: Pillow.Image) -> tuple[int, ...]:
    tags = opened.tag_v2  # type: ignore[attr-defined]  # of a TiffImageFile
    bits = tags.get(BITS_PER_SAMPLE, (1,))[0]
    if bits < 16:
        return (bits,) if bits > 8 else ()
    stated = max(_highest(tags.get(tag)) for tag in MAX_SAMPLE_VALUES)
    return tuple(each for each in DEPTHS if stated < 2**each) if stated < 2**16 - 1 else DEPTHS


def _highest(value: object) -> float:
    numbers = value if isinstance(value, tuple) else (value,)
    return max((float(each) for each in numbers if isinstance(each, Real)), default=0.0)


def _maxval(opened: Pillow.Image) -> int:
    """The maximum value that a PNM's header states."""
    arguments = opened.tile[0].args  # type: ignore[attr-defined]  # of an ImageFile
    if isinstance(arguments, tuple):
        return int(arguments[1])
    return 2**16 - 1 if opened.mode == "I" else 2**8 - 1
