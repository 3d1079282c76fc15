"""What a record holds, whatever its format: images, minutiae, and positions without a sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from biometrics.slap import Segment, Slap
from biometrics.template import MissingReason, Modality, Position

__all__ = [
    "KINDS",
    "Contents",
    "ImageContent",
    "Impression",
    "MinutiaKind",
    "MinutiaeContent",
    "MissingContent",
    "RecordFormat",
    "Segment",
    "Slap",
]


class RecordFormat(StrEnum):
    """A format of records that is read."""

    ISO_19794_2_2005 = "ISO_19794_2_2005"
    ISO_19794_2_2011 = "ISO_19794_2_2011"
    ANSI_378_2004 = "ANSI_378_2004"
    ANSI_378_2009 = "ANSI_378_2009"
    COMPACT_CARD = "COMPACT_CARD"
    NORMAL_CARD = "NORMAL_CARD"
    ISO_19794_4_2005 = "ISO_19794_4_2005"
    ISO_19794_4_2011 = "ISO_19794_4_2011"
    ISO_19794_5_2005 = "ISO_19794_5_2005"
    ISO_19794_5_2011 = "ISO_19794_5_2011"
    ISO_19794_6_2005 = "ISO_19794_6_2005"
    ISO_19794_6_2011 = "ISO_19794_6_2011"
    ISO_39794_5 = "ISO_39794_5"
    CBEFF_XML = "CBEFF_XML"
    ANSI_NIST = "ANSI_NIST"


class Impression(StrEnum):
    """How a fingerprint was made (ISO/IEC 19794-2, table 5)."""

    LIVE_PLAIN = "LIVE_PLAIN"
    LIVE_ROLLED = "LIVE_ROLLED"
    NONLIVE_PLAIN = "NONLIVE_PLAIN"
    NONLIVE_ROLLED = "NONLIVE_ROLLED"
    LATENT = "LATENT"
    SWIPE = "SWIPE"
    CONTACTLESS = "CONTACTLESS"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class ImageContent:
    """One image of a record.

    Args:
        modality: the biometric characteristic.
        position: which instance; UNKNOWN for a slap.
        image: the bytes of an image file, as the record holds them; raw pixels become a PNM file.
        where: the place in the record for messages, e.g. "representation 2" or "record 14.3".
        resolution_dpi: horizontal and vertical dots per inch that the record states; None if it states none.
        quality: 0–100, as the record claims; None if it claims none.
        impression: of a fingerprint, if stated.
        slap: which fingers, if the image shows several.
        segments: fingers of a slap, if the record gives them.
    """

    modality: Modality
    position: Position
    image: bytes = field(repr=False)
    where: str
    resolution_dpi: tuple[float, float] | None = None
    quality: float | None = None
    impression: Impression | None = None
    slap: Slap | None = None
    segments: tuple[Segment, ...] = ()


class MinutiaKind(StrEnum):
    """What a ridge does at a minutia. OTHER: the record does not say, or a kind of its own."""

    OTHER = "OTHER"
    ENDING = "ENDING"
    BIFURCATION = "BIFURCATION"


KINDS = tuple(MinutiaKind)
"""A kind is stored as its place in this order, which is that of the standards."""


@dataclass(frozen=True, slots=True)
class MinutiaeContent:
    """The minutiae of one finger view. Arrays are of one length n.

    Args:
        position: the finger.
        where: the place in the record for messages.
        size_px: width and height of the image at the record's resolution; None if the record does not state it (cards).
        resolution_dpi: horizontal and vertical dots per inch of the coordinates.
        x: float64, (n,): px from the left.
        y: float64, (n,): px from the top.
        angle: float64, (n,): radians in [0, 2π), counter-clockwise from +x as seen (ISO/IEC 19794-2).
        kind: uint8, (n,): by `KINDS`.
        confidence: float64, (n,): 0–1; NaN where the record states none.
        quality: of the view, 0–100; None if not stated.
        impression: if stated.
    """

    position: Position
    where: str
    size_px: tuple[int, int] | None
    resolution_dpi: tuple[float, float]
    x: NDArray[np.float64] = field(repr=False)
    y: NDArray[np.float64] = field(repr=False)
    angle: NDArray[np.float64] = field(repr=False)
    kind: NDArray[np.uint8] = field(repr=False)
    confidence: NDArray[np.float64] = field(repr=False)
    quality: float | None = None
    impression: Impression | None = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, slots=True)
class MissingContent:
    """A position of which the record says that it has no sample, and why."""

    modality: Modality
    position: Position
    reason: MissingReason
    where: str


@dataclass(frozen=True, slots=True)
class Contents:
    """All that is used of a record. Names, demographics and comments are not in it.

    Args:
        format: of the record.
        samples: images and minutiae, in the order of the record.
        missing: positions without a sample.
        unread: of each part that shows a body but is not read (a palm, a combination of fingers), where and why.
    """

    format: RecordFormat
    samples: tuple[ImageContent | MinutiaeContent, ...] = ()
    missing: tuple[MissingContent, ...] = ()
    unread: tuple[str, ...] = ()
