"""Prints that show little are read twice: as they are, and with their ridges strengthened.

A small or faint print has few minutiae, so each that noise hides counts, and noise hides many where pixels are coarse
or a ground shows through. Its ridges are strengthened by their own spectra (after Watson, Candela and Grother,
"Comparison of FFT fingerprint filtering methods for neural network classification", NISTIR 5493, 1994):

1. Spectra of windows of 32 × 32 px with a Hann weight, every 16 px.
2. Their power within the band of ridges, averaged with that of the windows around: ridges go on there, noise does not.
3. Each spectrum is multiplied by the root of that power, and the windows are put together again.
4. The result is the mean of that and of the image, both brought to the same contrast everywhere.

Strengthening draws ridges on empty ground too. So it does not decide where the finger is, and whether there is one
only where a print is too small to show it, if the first look found something.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.fingerprint.extraction.scale import MIN_SURE_CELLS
from services.fingerprint.extraction.segmentation import RIDGE_PERIOD_PX, FingerArea
from services.fingerprint.extraction.spectra import WINDOW_PX, band_of
from services.fingerprint.extraction.windows import Floats, image_of, spectra_of
from services.fingerprint.template.features import Minutiae

NEIGHBOURHOOD = 0.5  # σ of the average of step 2, in windows
CONTRAST_PX = (16.0, 12.0)  # σ of the surroundings whose contrast is made the same: of the image, of the ridges
MIN_CONTRAST = 4.0  # grey levels, added so that flat ground stays flat
GREY, SPREAD = 128.0, 45.0  # mean and standard deviation of the result, grey levels
SOMETHING = 2  # minutiae: fewer are left in small portraits, in no print of FVC2006 DB1_A that is read by two looks
CLEAR = 0.7  # mean confidence: above, scores of prints that are large enough gain nothing by a second look
SAME_PX, SAME_RADIANS = 8.0, 0.6  # minutiae this near to each other are one, found twice


def shows_little(found: Minutiae, area: FingerArea) -> bool:
    """Whether a print is worth a second look: its finger is under 100 mm² or its minutiae are unclear, but there.

    Args:
        found: by the first look.
        area: the finger.
    """
    if len(found) < SOMETHING:
        return False
    return int(np.count_nonzero(area.mask)) < MIN_SURE_CELLS or float(found.confidence.mean()) < CLEAR


def strengthened(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A print with its ridges strengthened.

    Args:
        gray: uint8, shape (height, width), 500 dpi.
    """
    light = gray.astype(np.float32)
    relief = light - cv2.GaussianBlur(light, (0, 0), CONTRAST_PX[0])
    both = evened(relief, CONTRAST_PX[0], MIN_CONTRAST) + evened(_ridges(light), CONTRAST_PX[1], 1e-3)
    return np.clip(GREY + SPREAD * both / 2, 0, 255).astype(np.uint8)


def merged(one: Minutiae, other: Minutiae) -> Minutiae:
    """The minutiae of two looks at one print by falling confidence; of those in one place the most confident."""
    every = Minutiae(
        np.concatenate((one.x, other.x)),
        np.concatenate((one.y, other.y)),
        np.concatenate((one.angle, other.angle)),
        np.concatenate((one.bifurcation, other.bifurcation)),
        np.concatenate((one.confidence, other.confidence)),
    )
    every = every.select(np.argsort(-every.confidence, kind="stable"))
    turn = np.abs((every.angle[:, None] - every.angle + np.pi) % (2 * np.pi) - np.pi)
    near = np.hypot(every.x[:, None] - every.x, every.y[:, None] - every.y) <= SAME_PX
    same, seen, kept = near & (turn < SAME_RADIANS), np.zeros(len(every), np.bool_), []
    for number in range(len(every)):
        if not seen[number]:
            kept.append(number)
            seen |= same[number]
    return every.select(np.asarray(kept, np.intp))


def _ridges(light: Floats) -> Floats:
    """Steps 1 to 3; the shape of the image, around 0."""
    transformed = spectra_of(light, WINDOW_PX)
    rows, columns = transformed.shape[:2]
    within = transformed.reshape(rows, columns, -1)[..., _BINS]
    power = cv2.GaussianBlur((np.abs(within) ** 2).astype(np.float32), (5, 5), NEIGHBOURHOOD)
    gain = np.sqrt(power / np.maximum(power.max(axis=2, keepdims=True), 1e-9))
    kept = np.zeros((rows, columns, WINDOW_PX * (WINDOW_PX // 2 + 1)), np.complex64)
    kept[..., _BINS] = within * gain
    return image_of(kept.reshape(transformed.shape), light.shape)


def evened(relief: Floats, sigma_px: float, least: float) -> Floats:
    """Divided by the standard deviation around each pixel."""
    return relief / (np.sqrt(cv2.GaussianBlur(relief * relief, (0, 0), sigma_px)) + least)


_BINS = np.flatnonzero(band_of(*RIDGE_PERIOD_PX))
