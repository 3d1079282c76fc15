"""The content of a fingerprint template, and its byte layout.

Layout, little-endian, without padding:

| bytes | field |
|---|---|
| 1 | version: 1, or 2 with signs |
| 1 | number of minutiae n, 0–100 |
| 2 + 2 | width and height of the image at 500 dpi, px, 1–1200 |
| ⌈rows · columns / 8⌉ | finger mask, row by row, 1 bit per 16 × 16 px cell, highest bit first, spare bits 0 |
| 7 n | per minutia: x (2), y (2), angle in 1/65536 turn (2), kind in bit 7 and confidence · 127 in bits 0–6 (1) |

In version 2 a minutia has 11 bytes: then come the signs of the ridges around it (4).

All fields but the signs (extraction/ridge_signs.py) are those of ISO/IEC 19794-2 (position, direction, type, quality),
so that a template can be exported. Minutiae are stored by rising y, x, angle: equal sets have equal bytes. Templates of
`MODEL_ID` have signs; those of the previous model and of other extractors' minutiae have none.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import TemplateMalformed

MODEL_ID = "fingerprint-leader-3"
RESOLUTION_DPI = 500.0
MIN_MINUTIAE, MAX_MINUTIAE = 5, 100  # a finger with fewer is refused, of more the most confident are kept
MAX_SIDE_PX = 1200
CELL_PX = 16

BARE, SIGNED = 1, 2
"""Versions of the layout, without and with signs."""

_HEADER = struct.Struct("<BBHH")
_FIELDS = [("x", "<u2"), ("y", "<u2"), ("angle", "<u2"), ("kind_confidence", "u1")]
_RECORDS = {BARE: np.dtype(_FIELDS), SIGNED: np.dtype([*_FIELDS, ("signs", "<u4")])}
BARE_BYTES, SIGNED_BYTES = (_RECORDS[version].itemsize for version in (BARE, SIGNED))
"""Of a minutia, without and with signs."""
_TURN = 2 * np.pi / 65536


@dataclass(frozen=True, slots=True)
class Minutiae:
    """Ridge endings and bifurcations; arrays of one length.

    Args:
        x: float32, px from the left.
        y: float32, px from the top.
        angle: float32, radians in [0, 2π), counter-clockwise as seen from the direction of +x
            (ISO/IEC 19794-2); the direction is (cos angle, −sin angle) in image coordinates.
        bifurcation: bool, else a ridge ending.
        confidence: float32, 0–1, of the network.
        signs: uint32: 32 bits that describe the ridges around it (extraction/ridge_signs.py); None if not known.
    """

    x: NDArray[np.float32] = field(repr=False)
    y: NDArray[np.float32] = field(repr=False)
    angle: NDArray[np.float32] = field(repr=False)
    bifurcation: NDArray[np.bool_] = field(repr=False)
    confidence: NDArray[np.float32] = field(repr=False)
    signs: NDArray[np.uint32] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.x)

    def select(self, index: NDArray[np.bool_] | NDArray[np.intp]) -> Minutiae:
        """Return the minutiae selected by a boolean or integer index, in its order."""
        return Minutiae(
            self.x[index],
            self.y[index],
            self.angle[index],
            self.bifurcation[index],
            self.confidence[index],
            None if self.signs is None else self.signs[index],
        )


@dataclass(frozen=True, slots=True)
class FingerFeatures:
    """The content of a template.

    Args:
        width_px: of the image at 500 dpi.
        height_px: of the image at 500 dpi.
        mask: bool, shape (⌈height / 16⌉, ⌈width / 16⌉): cells that show the finger.
        minutiae: at most 100, inside the image.
    """

    width_px: int
    height_px: int
    mask: NDArray[np.bool_] = field(repr=False)
    minutiae: Minutiae = field(repr=False)


_NOWHERE = np.zeros(1, np.float32)
BLANK = FingerFeatures(
    CELL_PX,
    CELL_PX,
    np.ones((1, 1), np.bool_),
    Minutiae(_NOWHERE, _NOWHERE, _NOWHERE, np.ones(1, np.bool_), np.ones(1, np.float32), np.zeros(1, np.uint32)),
)
"""One minutia, one cell: the smallest input that exercises every step of a comparison."""


def mask_shape(width_px: int, height_px: int) -> tuple[int, int]:
    """Rows and columns of the finger mask of an image of this size."""
    return -(-height_px // CELL_PX), -(-width_px // CELL_PX)


def pack(features: FingerFeatures) -> bytes:
    """Pack to the layout of the module, with signs if known. Positions are rounded to 1 px, angles to 0.0055°."""
    found = features.minutiae
    header = _HEADER.pack(_version(found), len(found), features.width_px, features.height_px)
    return header + np.packbits(features.mask).tobytes() + _records(found).tobytes()


def minutiae_count(data: bytes) -> int:
    """The number of minutiae that a template's header states; 0 if it is too short."""
    return data[1] if len(data) > 1 else 0


def unpack(data: bytes) -> FingerFeatures:
    """Unpack and check the layout of the module.

    Raises:
        TemplateMalformed: another version, a wrong length, or a value out of range.
    """
    if len(data) < _HEADER.size:
        raise _malformed(f"it has {len(data)} bytes, fewer than its header")
    version, count, width, height = _HEADER.unpack_from(data)
    _check_header(version, count, width, height)
    rows, columns = mask_shape(width, height)
    minutiae_start = _HEADER.size + -(-rows * columns // 8)
    record = _RECORDS[version]
    expected = minutiae_start + count * record.itemsize
    if len(data) != expected:
        raise _malformed(f"it has {len(data)} bytes where its header announces {expected}")
    bits = np.unpackbits(np.frombuffer(data[_HEADER.size : minutiae_start], np.uint8))
    if bits[rows * columns :].any():
        raise _malformed("spare mask bits are set")
    records = np.frombuffer(data, record, count, minutiae_start)
    if (records["x"] >= width).any() or (records["y"] >= height).any():
        raise _malformed("a minutia lies outside the image")
    mask = bits[: rows * columns].reshape(rows, columns).astype(np.bool_)
    return FingerFeatures(width, height, mask, _minutiae(records))


def _version(minutiae: Minutiae) -> int:
    return BARE if minutiae.signs is None else SIGNED


def _records(minutiae: Minutiae) -> NDArray[np.void]:
    records = np.empty(len(minutiae), _RECORDS[_version(minutiae)])
    records["x"] = np.rint(minutiae.x)
    records["y"] = np.rint(minutiae.y)
    records["angle"] = np.rint(minutiae.angle.astype(np.float64) / _TURN).astype(np.int64) % 65536
    confidence = np.rint(np.clip(minutiae.confidence, 0, 1) * 127).astype(np.uint8)
    records["kind_confidence"] = confidence | (minutiae.bifurcation.astype(np.uint8) << 7)
    order = ["y", "x", "angle", "kind_confidence"]
    if minutiae.signs is not None:
        records["signs"] = minutiae.signs
        order.append("signs")
    return np.sort(records, order=order)


def _minutiae(records: NDArray[np.void]) -> Minutiae:
    return Minutiae(
        x=records["x"].astype(np.float32),
        y=records["y"].astype(np.float32),
        angle=(records["angle"] * _TURN).astype(np.float32),
        bifurcation=(records["kind_confidence"] >> 7).astype(np.bool_),
        confidence=((records["kind_confidence"] & 127) / np.float32(127)).astype(np.float32),
        signs=records["signs"].astype(np.uint32) if "signs" in (records.dtype.names or ()) else None,
    )


def _check_header(version: int, count: int, width: int, height: int) -> None:
    if version not in _RECORDS:
        raise _malformed(f"its layout version is {version}, not {BARE} or {SIGNED}")
    if count > MAX_MINUTIAE:
        raise _malformed(f"it announces {count} minutiae, over the limit of {MAX_MINUTIAE}")
    if not (1 <= width <= MAX_SIDE_PX and 1 <= height <= MAX_SIDE_PX):
        raise _malformed(f"its image size {width}×{height} px is outside 1–{MAX_SIDE_PX}")


def _malformed(what: str) -> TemplateMalformed:
    return TemplateMalformed(f"The fingerprint template is damaged: {what}. Send it as ExtractTemplate returned it.")
