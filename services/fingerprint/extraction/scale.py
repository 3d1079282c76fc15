"""Decides at which resolution an image is read: as stated, unless its ridges contradict that.

Ridges indicate the scale as far as fingers are alike: their median period at 500 dpi is 7.8–9.3 px by data set, with a
standard deviation of 5–11 % between the fingers of one (docs/decisions/0019-print-scale-and-pose.md). The comparator
tolerates 12 % between two prints.

1. Read the image as stated, or at 500 dpi, and measure its ridges (segmentation.py).
2. A stated resolution is believed if the ridges are possible (5.2–13 px) and 500 dpi does not explain them better by
   odds of 2; within 15 % of 500 dpi the two are not distinguished. Resolutions that differ horizontally and vertically
   are believed unless ignoring the difference makes the ridges more equal in all directions. A believed resolution
   is still doubtful if the ridges are unusual (outside 6.6–11.8 px), or of different width horizontally and
   vertically. Away from 500 dpi, prints of under 100 mm², whose period is less certain, are unusual only outside
   5.6–12.4 px.
3. An assumed resolution is kept if the ridges are usual (7.6–10.2 px). If they are finer or coarser (6.6–12.4 px), it
   is corrected by 8 %, which the comparator tolerates whether or not 500 dpi is true. It is doubtful if they are
   unusual for an adult (outside 6.9–11.3 px), or of different width horizontally and vertically.
4. Otherwise the image is read at 500, 1000 or 250 dpi, the first at which its ridges are 7.8–10 px; else, if they are
   6.6–12.4 px at 500 dpi, at 500; else at the resolution that makes them 8.8 px.
5. A result that contradicts a stated resolution, or rests on the average ridge alone, is doubtful.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import log

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ImageTooSmall
from biometrics.resolution import Resolution, ResolutionSource
from infra.images.decode import Image
from services.fingerprint.extraction.resolution import scale_to_500_dpi, scaled_shape, told_resolution
from services.fingerprint.extraction.segmentation import FingerArea, find_finger
from services.fingerprint.template.features import MAX_SIDE_PX, RESOLUTION_DPI

MIN_SIDE_PX = 96  # at 500 dpi: 4.9 mm
MIN_CELLS = 40  # of 16 × 16 px at 500 dpi: 26 mm²
MIN_SURE_CELLS = 152  # 100 mm²
USUAL_PX = 8.8  # ridge period at 500 dpi: the mean over data sets
SPREAD = 0.11  # its standard deviation between fingers, in logarithms
POSSIBLE_PX = (5.2, 13.0)  # over 5.2 from the age of one year on
USUAL_BAND_PX = (7.6, 10.2)
ADULTS_PX = (6.9, 11.3)
STATED_PX = (6.6, 11.8)  # for a stated resolution: wider, as a child's print is more likely than a wrong tag
UNUSUAL_PX = (5.6, 12.4)
NEAR_PX = (
    6.6,
    12.4,
)  # at 500 dpi: finer ridges are likelier at 360 or 400 dpi (docs/decisions/0063-fingerprints-of-other-kinds.md)
CORRECTION = 1.08
SURE = 0.125  # log distance from the usual period within which a standard resolution counts as true
HARMLESS = 0.15  # log distance from 500 dpi within which the comparator tolerates an error
EVIDENT = 2 * log(2.0)  # odds of 2, as a difference of squared standard deviations
STANDARD_DPI = (500.0, 1000.0, 250.0)  # ISO/IEC 19794-4, table of acquisition levels
USUAL_ASPECT = 0.92  # of upright prints: ridges are closer where they run vertically
ASPECTS = (0.6, 1.5)


@dataclass(frozen=True, slots=True)
class Reading:
    """An image at 500 dpi.

    Args:
        gray: uint8, shape (height, width).
        area: the finger in the image.
        resolution: at which it was read.
        is_doubtful: whether the resolution may be wrong.
    """

    gray: NDArray[np.uint8] = field(repr=False)
    area: FingerArea = field(repr=False)
    resolution: Resolution
    is_doubtful: bool = False

    @property
    def is_odd(self) -> bool:
        """Whether a resolution far from 500 dpi rests on the ridges alone."""
        far = abs(log(self.resolution.mean_dpi / RESOLUTION_DPI)) > HARMLESS
        return far and self.resolution.source is ResolutionSource.ESTIMATED

    @property
    def period_at_500_dpi(self) -> float:
        """The ridge period in px if the image were read at 500 dpi."""
        return self.area.period_px * self.resolution.mean_dpi / RESOLUTION_DPI


def read(image: Image) -> Reading:
    """Bring an image to 500 dpi.

    Raises:
        ImageTooLarge, ImageTooSmall: over 1200 or under 96 px a side at 500 dpi, by the stated or assumed resolution.
    """
    told = told_resolution(image)
    first = _at(image.gray, told)
    resolution, is_doubtful = judge(told, first.area)
    other = _other(image.gray, resolution, first)
    is_measurable = other.area.period_px > 0.0 and other.resolution.mean_dpi not in STANDARD_DPI
    if other.is_odd and is_measurable:  # again, near the usual period
        dpi, is_sure = _by_ridges(other.period_at_500_dpi)
        other = _other(image.gray, _estimated(dpi), other)
        is_doubtful = not is_sure or told.source is not ResolutionSource.ASSUMED
    return replace(other, is_doubtful=is_doubtful)


def judge(told: Resolution, area: FingerArea) -> tuple[Resolution, bool]:
    """The resolution at which to read an image, and whether it is doubtful: steps 2 to 5.

    Args:
        told: the stated or assumed resolution, at which the image was read first.
        area: the finger found at that resolution.
    """
    if not area.period_px:
        return told, False
    if told.source is ResolutionSource.ASSUMED:
        return _assumed(told, area.period_px, area.aspect)
    if _is_believed(told, area):
        return told, not _is_usual(told, area)
    dpi, _ = _by_ridges(area.period_px * told.mean_dpi / RESOLUTION_DPI)
    return _estimated(dpi), True


def _assumed(told: Resolution, period_px: float, aspect: float) -> tuple[Resolution, bool]:
    """Step 3, else 4, for an image without a stated resolution."""
    is_doubtful = not (_within(period_px, ADULTS_PX) and _within(aspect, ASPECTS))
    if _within(period_px, USUAL_BAND_PX):
        return told, is_doubtful
    if _within(period_px, NEAR_PX):
        return _estimated(RESOLUTION_DPI * CORRECTION ** (1 if period_px > USUAL_PX else -1)), is_doubtful
    dpi, is_sure = _by_ridges(period_px)
    return _estimated(dpi), not is_sure


def _is_usual(told: Resolution, area: FingerArea) -> bool:
    is_small = np.count_nonzero(area.mask) < MIN_SURE_CELLS and abs(log(told.mean_dpi / RESOLUTION_DPI)) > HARMLESS
    return _within(area.period_px, UNUSUAL_PX if is_small else STATED_PX) and _within(area.aspect, ASPECTS)


def _is_believed(told: Resolution, area: FingerArea) -> bool:
    if not _within(area.period_px, POSSIBLE_PX):
        return False
    stretch, ratio = log(told.horizontal_dpi / told.vertical_dpi), told.mean_dpi / RESOLUTION_DPI
    aspect = log(area.aspect / USUAL_ASPECT)
    if abs(stretch) > HARMLESS and abs(aspect) > abs(aspect + stretch):
        return False
    return abs(log(ratio)) <= HARMLESS or _misfit(area.period_px) - _misfit(area.period_px * ratio) <= EVIDENT


def _misfit(period_px: float) -> float:
    """Distance of a ridge period from the usual one, in squared standard deviations."""
    return (log(period_px / USUAL_PX) / SPREAD) ** 2


def _by_ridges(period_px: float) -> tuple[float, bool]:
    """Step 4: dpi, and whether it is certain, for an image whose ridges have this period when read at 500 dpi."""
    for dpi in STANDARD_DPI:
        if abs(log(period_px * RESOLUTION_DPI / dpi / USUAL_PX)) <= SURE:
            return dpi, True
    if _within(period_px, NEAR_PX):
        return RESOLUTION_DPI, False
    return RESOLUTION_DPI * period_px / USUAL_PX, False


def _at(gray: NDArray[np.uint8], resolution: Resolution) -> Reading:
    scaled = scale_to_500_dpi(gray, resolution)
    if min(scaled.shape) < MIN_SIDE_PX:
        raise ImageTooSmall(
            f"The image is {scaled.shape[1]}×{scaled.shape[0]} px at 500 dpi; at least {MIN_SIDE_PX} px a side are "
            "needed. Send the whole finger, or state the resolution.",
            width=str(scaled.shape[1]),
            height=str(scaled.shape[0]),
        )
    return Reading(scaled, find_finger(scaled), resolution)


def _other(gray: NDArray[np.uint8], resolution: Resolution, reading: Reading) -> Reading:
    """The image read at another resolution; the given reading if that leaves no valid size or no finger."""
    shape = scaled_shape(gray, resolution)
    if resolution == reading.resolution or min(shape) < MIN_SIDE_PX or max(shape) > MAX_SIDE_PX:
        return reading
    other = _at(gray, resolution)
    return other if np.count_nonzero(other.area.mask) >= MIN_CELLS else reading


def _estimated(dpi: float) -> Resolution:
    return Resolution(dpi, dpi, ResolutionSource.ESTIMATED)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
