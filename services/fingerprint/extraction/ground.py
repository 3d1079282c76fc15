"""Takes the ground off an image of a print that was left on something: lines, weave, wood, paper, print.

A ground goes on over the image; a finger is in one place of it, and its ridges bend. So:

1. Of the whole image's spectrum, narrow peaks are cut off (`without_peaks`): each frequency keeps at most three times
   the power that is usual at its period. Ruled lines and halftone are narrow peaks there, ridges are not.
2. Of windows of 64 × 64 px, the power that half of all windows have at a frequency is taken away twice (`without_
   usual`), as noise is from sound (Boll, "Suppression of acoustic noise in speech using spectral subtraction", 1979).
3. Only where the rest has the course of ridges (course.py) it is kept; all else becomes even.

It is for images that cannot be read as they are. A finger that fills its image loses little, as its ridges run another
way in other windows.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from infra.images.decode import Image
from services.fingerprint.extraction.course import ridge_area
from services.fingerprint.extraction.resolution import scale_to_500_dpi, told_resolution
from services.fingerprint.extraction.segmentation import find_finger
from services.fingerprint.extraction.windows import Floats, image_of, spectra_of
from services.fingerprint.template.features import CELL_PX

PERIODS_PX = (4.0, 20.0)  # nothing else is kept; wider than ridges, so that they keep their form
LEVEL_PX = 16.0  # σ: brightness around a pixel
PEAK = 3.0  # over the median of its period
RINGS = 100  # per cycle per px: periods that are compared
WINDOW_PX = 64
USUAL, TAKEN, LEAST = 0.5, 2.0, 0.02  # quantile over the windows; how often it is taken; power that stays
GREY, GAIN = 128.0, 2.0  # of the result: its mean, and how much stronger than in the image
EDGE_PX = 8.0  # σ: how softly the kept area ends


def without_ground(image: Image) -> Image:
    """The image, of the same size and resolution, with nothing but ridges on even grey; maybe nothing at all.

    Raises:
        ImageTooLarge: over 1200 px a side at 500 dpi, as told.
    """
    gray = scale_to_500_dpi(image.gray, told_resolution(image))
    relief = without_usual(without_peaks(gray.astype(np.float32)))
    raised = np.clip(GREY + GAIN * relief, 0, 255).astype(np.uint8)
    kept = np.clip(GREY + (raised - GREY) * _softly(ridge_area(find_finger(raised)), gray.shape), 0, 255)
    height, width = image.gray.shape
    method = cv2.INTER_AREA if height * width < kept.size else cv2.INTER_CUBIC
    sent = kept if kept.shape == image.gray.shape else cv2.resize(kept, (width, height), interpolation=method)
    return replace(image, pixels=np.clip(sent, 0, 255).astype(np.uint8))


def without_peaks(light: Floats) -> Floats:
    """Step 1: around 0, the periods of ridges only. Shape (height, width)."""
    height, width = light.shape
    relief = light - cv2.GaussianBlur(light, (0, 0), LEVEL_PX)
    margin = WINDOW_PX // 2
    padded = cv2.copyMakeBorder(relief, margin, margin, margin, margin, cv2.BORDER_REFLECT_101)
    spectrum = np.fft.fft2(padded)
    power = cv2.GaussianBlur(np.fft.fftshift(np.abs(spectrum) ** 2).astype(np.float32), (0, 0), 1.0)
    power = np.fft.ifftshift(power)
    frequency = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, padded.shape), indexing="ij"))
    ring, kept = (frequency * RINGS).astype(np.intp), np.zeros(padded.shape, np.float32)
    within = _within(frequency)
    for each in range(int(RINGS / PERIODS_PX[1]), int(RINGS / PERIODS_PX[0]) + 1):
        here = within & (ring == each)
        if here.any():
            most = PEAK * float(np.median(power[ring == each]))
            kept[here] = np.sqrt(np.minimum(1.0, most / np.maximum(power[here], 1e-9)))
    found = np.fft.ifft2(spectrum * kept).real
    return found[margin : margin + height, margin : margin + width].astype(np.float32)


def without_usual(relief: Floats) -> Floats:
    """Step 2. Shape (height, width)."""
    spectra = spectra_of(relief, WINDOW_PX)
    power = _smoothed((np.abs(spectra) ** 2).astype(np.float32))
    inside = power[2:-2, 2:-2].reshape(-1, *power.shape[2:])  # windows without mirrored parts
    usual = np.quantile(inside, USUAL, axis=0)
    gain = np.sqrt(np.maximum(1 - TAKEN * usual / np.maximum(power, 1e-9), LEAST))
    frequency = np.hypot(np.fft.fftfreq(WINDOW_PX)[:, None], np.fft.rfftfreq(WINDOW_PX))
    return image_of(spectra * (gain * _within(frequency)).astype(np.float32), relief.shape)


def _smoothed(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of 3 × 3 frequencies around each, shape (rows, columns, side, side/2 + 1)."""
    across = np.pad(power, ((0, 0), (0, 0), (0, 0), (1, 1)), mode="reflect")
    across = across[..., :-2] + across[..., 1:-1] + across[..., 2:]
    return np.asarray((across + np.roll(across, 1, axis=2) + np.roll(across, -1, axis=2)) / 9, np.float32)


def _within(frequency: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (frequency >= 1 / PERIODS_PX[1]) & (frequency <= 1 / PERIODS_PX[0])


def _softly(cells: NDArray[np.bool_], shape: tuple[int, ...]) -> Floats:
    """An area of cells in px, 0–1, falling to 0 outside of it."""
    sharp = cells.repeat(CELL_PX, axis=0).repeat(CELL_PX, axis=1)[: shape[0], : shape[1]].astype(np.float32)
    return np.clip(2 * cv2.GaussianBlur(sharp, (0, 0), EDGE_PX), 0, 1)
