"""`MinutiaeRecord` → `Contents`: what of a record is used."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import RecordMalformed, RecordUnsupported
from formats.codes import impression
from formats.contents import Contents, MinutiaeContent, RecordFormat
from formats.minutiae.codes import position_of
from formats.minutiae.record import MinutiaeRecord, Points, View
from formats.minutiae.units import NAMED_QUALITY, TURN, angle_steps, dpi

LOWEST_RESOLUTION, HIGHEST_RESOLUTION = 98, 790
"""Pixels per cm: 250 to 2,000 dpi."""


def contents(record: MinutiaeRecord) -> Contents:
    """The minutiae of each view, in the order of the record.

    Several views of one finger are several samples, if their numbers differ as the standards demand.

    Raises:
        RecordMalformed: a minutia outside of its image, an angle that the unit does not have, or two views of one
            finger with one number, of which one is of another finger or a copy.
        RecordUnsupported: a position that is no single finger, or a resolution out of range.
    """
    _check_numbers(record.views)
    views = enumerate(record.views, 1)
    return Contents(record.format, tuple(_content(record.format, view, f"view {number}") for number, view in views))


def _check_numbers(views: tuple[View, ...]) -> None:
    seen: dict[tuple[int, int], int] = {}
    for number, view in enumerate(views, 1):
        first = seen.setdefault((view.position, view.number), number)
        if first != number and view.position:
            raise RecordMalformed(
                f"view {number}: views {first} and {number} are both stated to be number {view.number} of finger "
                f"{view.position}. One of the two is a copy, or of another finger."
            )


def _content(record_format: RecordFormat, view: View, where: str) -> MinutiaeContent:
    points = view.points
    _check(record_format, view, where)
    return MinutiaeContent(
        position=position_of(view.position, where),
        where=where,
        size_px=view.size if all(view.size) else None,
        resolution_dpi=(dpi(view.resolution[0]), dpi(view.resolution[1])),
        x=points.x.astype(np.float64),
        y=points.y.astype(np.float64),
        angle=points.angle.astype(np.float64) * (TURN / angle_steps(record_format)),
        kind=points.kind,
        confidence=confidence(points),
        quality=_quality(view),
        impression=impression(view.impression),
    )


def _check(record_format: RecordFormat, view: View, where: str) -> None:
    across, down = view.resolution
    if not all(LOWEST_RESOLUTION <= each <= HIGHEST_RESOLUTION for each in view.resolution):
        raise RecordUnsupported(
            f"{where}: a resolution of {across} × {down} pixels per cm is stated. Read are {LOWEST_RESOLUTION} to "
            f"{HIGHEST_RESOLUTION}, which is 250 to 2,000 dpi."
        )
    points = view.points
    steps = angle_steps(record_format)
    if (points.angle >= steps).any():
        raise RecordMalformed(f"{where}: an angle is over {steps - 1}, the highest of its unit.")
    if all(view.size) and ((points.x >= view.size[0]) | (points.y >= view.size[1])).any():
        raise RecordMalformed(f"{where}: a minutia lies outside of the image of {view.size[0]} × {view.size[1]} px.")


def confidence(points: Points) -> NDArray[np.float64]:
    """Qualities of 1 to 100 as 0.01 to 1, all others NaN; 0 means that none was reported, or is written for all."""
    if points.quality is None:
        return np.full(len(points), np.nan)
    is_named = (points.quality >= 1) & (points.quality <= NAMED_QUALITY)
    return np.where(is_named, points.quality / NAMED_QUALITY, np.nan)


def _quality(view: View) -> float | None:
    """The first quality that is a score and not a code such as "not computed".

    0 is the lowest score, and what records hold that state no quality at all: it counts if a minutia has one.
    """
    score = next((each.score for each in view.qualities if each.score <= NAMED_QUALITY), None)
    is_stated = view.points.quality is not None and view.points.quality.any()
    return None if score is None or (score == 0 and not is_stated) else float(score)
