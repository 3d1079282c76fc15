"""Minutiae → the fields of a view, at 500 dpi and in the units of a standard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid
from biometrics.template import Modality, check_position
from formats.contents import Impression, MinutiaeContent, RecordFormat
from formats.minutiae.codes import POSITIONS
from formats.minutiae.points import MOST, MOST_POSITION
from formats.minutiae.record import Points
from formats.minutiae.selection import most_confident
from formats.minutiae.units import NAMED_QUALITY, NOT_COMPUTED, STANDARD_DPI, TURN, angle_steps

MOST_VIEWS_OF_A_FINGER = 16
MOST_VIEWS = 255


@dataclass(frozen=True, slots=True)
class Written:
    """A view in the units of the record.

    Args:
        position: code of the finger.
        number: of the view among those of its finger, from 0.
        impression: if known.
        quality: 0–100; None if not known.
        size: width and height of the image at 500 dpi, px.
        points: at most 255 minutiae.
    """

    position: int
    number: int
    impression: Impression | None
    quality: int | None
    size: tuple[int, int]
    points: Points


def written_views(
    contents: Sequence[MinutiaeContent], record_format: RecordFormat, *, with_qualities: bool
) -> list[Written]:
    """The views of a record, in the given order.

    Args:
        contents: 1–255 views, at most 16 of one finger.
        record_format: gives the unit of angles and the code for no quality.
        with_qualities: whether minutiae have their confidence as quality.

    Raises:
        FieldInvalid: no view or too many, a view without minutiae, or one over 16,383 px at 500 dpi.
        PositionInvalid: not a finger's position.
    """
    seen: Counter[int] = Counter()
    if not 1 <= len(contents) <= MOST_VIEWS:
        raise FieldInvalid("minutiae", f"a record holds 1 to {MOST_VIEWS} views, and these are {len(contents)}.")
    views = []
    for content in contents:
        position = POSITIONS.index(check_position(Modality.FINGERPRINT, content.position))
        if seen[position] == MOST_VIEWS_OF_A_FINGER:
            raise FieldInvalid("minutiae", f"a record holds at most {MOST_VIEWS_OF_A_FINGER} views of one finger.")
        views.append(_written(content, record_format, position, seen[position], with_qualities=with_qualities))
        seen[position] += 1
    return views


def _written(
    content: MinutiaeContent, record_format: RecordFormat, position: int, number: int, *, with_qualities: bool
) -> Written:
    if not len(content):
        raise FieldInvalid("minutiae", f"{content.where} has no minutiae, and a view holds at least one.")
    content = most_confident(content, MOST)
    steps = angle_steps(record_format)
    scale = STANDARD_DPI / np.asarray(content.resolution_dpi)
    x, y = np.rint(content.x * scale[0]), np.rint(content.y * scale[1])
    width, height = (
        int(np.rint(side * each)) for side, each in zip(content.size_px or (0, 0), scale.tolist(), strict=True)
    )
    size = (width or int(x.max()) + 1, height or int(y.max()) + 1)
    if max(size) > MOST_POSITION or min(x.min(), y.min()) < 0:
        raise FieldInvalid("minutiae", f"{content.where}: positions of 0 to {MOST_POSITION - 1} px can be written.")
    points = Points(
        content.kind,
        np.minimum(x, size[0] - 1).astype(np.uint16),
        np.minimum(y, size[1] - 1).astype(np.uint16),
        (np.rint(content.angle * (steps / TURN)).astype(np.int64) % steps).astype(np.uint8),
        _qualities(content, _no_quality(record_format), with_qualities=with_qualities),
    )
    quality = None if content.quality is None else round(min(max(content.quality, 0.0), float(NAMED_QUALITY)))
    return Written(position, number, content.impression, quality, size, points)


def _no_quality(record_format: RecordFormat) -> int:
    is_new = record_format in (RecordFormat.ANSI_378_2009, RecordFormat.ISO_19794_2_2011)
    return NOT_COMPUTED if is_new else 0


def _qualities(content: MinutiaeContent, none: int, *, with_qualities: bool) -> NDArray[np.uint8]:
    """1–100 for each minutia, or the code for none."""
    if not with_qualities:
        return np.full(len(content), none, np.uint8)
    is_known = ~np.isnan(content.confidence)
    score = np.clip(np.rint(np.where(is_known, content.confidence, 0.0) * NAMED_QUALITY), 1, NAMED_QUALITY)
    return np.where(is_known, score, none).astype(np.uint8)
