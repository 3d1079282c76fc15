"""Minutiae of records ↔ the content of a template.

What records of others hold becomes a template of a model id of its own: another extractor finds other minutiae, so its
scores need a calibration of their own (docs/decisions/0047-foreign-minutiae.md). The layout is that of features.py.

1. At most 100 minutiae, the most confident, then those nearest to their middle. A confidence that is not stated is 0.5.
2. Scaled to 500 dpi and rounded to whole pixels.
3. An image of unknown size, or of over 1200 px a side, is cut to the minutiae's bounding box and a margin.
4. The finger area, which records do not hold, is the convex hull of the minutiae and a margin of 16 px.
5. Minutiae of another or unknown kind count as ridge endings; comparisons do not look at the kind.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed, RecordUnsupported
from biometrics.template import Position
from formats.contents import KINDS, MinutiaeContent, MinutiaKind
from formats.minutiae.selection import UNKNOWN_CONFIDENCE, most_confident
from services.fingerprint.template.features import (
    MAX_MINUTIAE,
    MAX_SIDE_PX,
    MIN_MINUTIAE,
    RESOLUTION_DPI,
    FingerFeatures,
    Minutiae,
)
from services.fingerprint.template.hull import hull_mask

FOREIGN_MODEL_ID = "fingerprint-minutiae-1"
MARGIN_PX = 16

_ENDING, _BIFURCATION = KINDS.index(MinutiaKind.ENDING), KINDS.index(MinutiaKind.BIFURCATION)
_TURN = 2.0 * np.pi


def to_content(features: FingerFeatures, position: Position, quality: float | None) -> MinutiaeContent:
    """The minutiae of a template, at 500 dpi. The finger area is lost, as records have no place for it.

    Args:
        features: content of a template.
        position: the finger.
        quality: of the sample, 0–100; None if not known.
    """
    found = features.minutiae
    return MinutiaeContent(
        position=position,
        where="template",
        size_px=(features.width_px, features.height_px),
        resolution_dpi=(RESOLUTION_DPI, RESOLUTION_DPI),
        x=found.x.astype(np.float64),
        y=found.y.astype(np.float64),
        angle=found.angle.astype(np.float64),
        kind=np.where(found.bifurcation, _BIFURCATION, _ENDING).astype(np.uint8),
        confidence=found.confidence.astype(np.float64),
        quality=quality,
    )


def from_content(content: MinutiaeContent) -> FingerFeatures:
    """The content of a template of `FOREIGN_MODEL_ID`, by the steps of the module.

    Raises:
        AcquisitionFailed: TOO_FEW_MINUTIAE, under five.
        RecordUnsupported: the minutiae spread over more than 1200 px, which is 61 mm.
    """
    if len(content) < MIN_MINUTIAE:
        raise AcquisitionFailed(
            f"{content.where}: the record holds {len(content)} minutiae of this finger, and at least {MIN_MINUTIAE} "
            "are needed. Send a record or an image of more of it.",
            reason="TOO_FEW_MINUTIAE",
            found=str(len(content)),
        )
    kept = _scaled(most_confident(content, MAX_MINUTIAE))
    (left, width), (top, height) = (
        _extent(values, None if kept.size_px is None else kept.size_px[axis], content.where)
        for axis, values in enumerate((kept.x, kept.y))
    )
    x, y = np.clip(np.rint(kept.x) - left, 0, width - 1), np.clip(np.rint(kept.y) - top, 0, height - 1)
    minutiae = Minutiae(
        x=x.astype(np.float32),
        y=y.astype(np.float32),
        angle=kept.angle.astype(np.float32),
        bifurcation=kept.kind == _BIFURCATION,
        confidence=np.where(np.isnan(kept.confidence), UNKNOWN_CONFIDENCE, kept.confidence).astype(np.float32),
    )
    return FingerFeatures(width, height, hull_mask(x, y, width, height, MARGIN_PX), minutiae)


def _scaled(content: MinutiaeContent) -> MinutiaeContent:
    """The same at 500 dpi; directions change only where both resolutions differ."""
    across, down = (RESOLUTION_DPI / each for each in content.resolution_dpi)
    angle = content.angle
    if across != down:
        angle = np.arctan2(np.sin(angle) * down, np.cos(angle) * across) % _TURN
    size = content.size_px and (round(content.size_px[0] * across), round(content.size_px[1] * down))
    return replace(content, x=content.x * across, y=content.y * down, angle=angle, size_px=size)


def _extent(values: NDArray[np.float64], side: int | None, where: str) -> tuple[int, int]:
    """Where the image of a template begins on one axis, and its length, px."""
    lowest, highest = int(np.rint(values.min())), int(np.rint(values.max()))
    if side is not None and 1 <= side <= MAX_SIDE_PX:
        return 0, side
    spread = highest - lowest + 1
    if spread > MAX_SIDE_PX:
        raise RecordUnsupported(
            f"{where}: the minutiae spread over {spread} px at 500 dpi, and one finger has at most {MAX_SIDE_PX}. The "
            "record states a wrong resolution, or shows several fingers."
        )
    margin = min(MARGIN_PX, (MAX_SIDE_PX - spread) // 2)
    return lowest - margin, spread + 2 * margin
