"""Local spectra of an image: where it repeats like ridges, at which frequency and in which direction.

Windows of 32 × 32 px with a Hann weight, one around each cell's centre (after Chikkerur, Cartwright,
Govindaraju, "Fingerprint enhancement using STFT analysis", 2007).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.fingerprint.template.features import CELL_PX, mask_shape

WINDOW_PX = 32


@dataclass(frozen=True, slots=True)
class Waves:
    """The repetition in each cell within one band of periods; arrays of shape (rows, columns).

    Args:
        clarity: float32, 0–1: share of the window's power in the band · coherence of its directions.
        contrast: float32: standard deviation within the band, grey levels.
        direction: complex64, exp(2i · direction of the wave, from +x towards +y), times its coherence.
        frequency: float32, cycles per px, weighted by the squared power; 0 where nothing repeats.
    """

    clarity: NDArray[np.float32] = field(repr=False)
    contrast: NDArray[np.float32] = field(repr=False)
    direction: NDArray[np.complex64] = field(repr=False)
    frequency: NDArray[np.float32] = field(repr=False)


def spectra(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Windowed power spectra around the cells' centres, mean removed: float32, shape (rows, columns, 32, 17).

    Args:
        gray: uint8, shape (height, width).
    """
    rows, columns = mask_shape(gray.shape[1], gray.shape[0])
    margin = (WINDOW_PX - CELL_PX) // 2
    below, right = rows * CELL_PX - gray.shape[0] + margin, columns * CELL_PX - gray.shape[1] + margin
    padded = np.pad(gray, ((margin, below), (margin, right)), mode="edge").astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (WINDOW_PX, WINDOW_PX))[::CELL_PX, ::CELL_PX]
    centred = windows - windows.mean(axis=(2, 3), keepdims=True)
    transformed = np.fft.rfft2(centred * WINDOW)
    return np.asarray(transformed.real**2 + transformed.imag**2, np.float32)


def waves(power: NDArray[np.float32], band: NDArray[np.bool_]) -> Waves:
    """Measure the repetition within a band of periods.

    Args:
        power: as `spectra` returns it.
        band: bool, shape (32, 17): its bins, see `band_of`.
    """
    rows, columns = power.shape[:2]
    bins = np.flatnonzero(band)
    within = power.reshape(rows * columns, -1)[:, bins]
    inside, cosine, sine = _sums(within, _WEIGHTS[bins]).reshape(3, rows, columns)
    squared, by_frequency = _sums(within**2, _MOMENTS[bins]).reshape(2, rows, columns)
    direction = (cosine + 1j * sine) / np.maximum(inside, 1e-6)
    total = np.maximum(power.sum(axis=(2, 3)), 1e-6)
    return Waves(
        clarity=(np.abs(direction) * inside / total).astype(np.float32),
        contrast=np.sqrt(2 * inside / _WINDOW_GAIN).astype(np.float32),
        direction=direction.astype(np.complex64),
        frequency=(by_frequency / np.maximum(squared, 1e-6)).astype(np.float32),
    )


def _sums(flat: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weighted sums of every cell, shape (sums, cells), on this thread only: BLAS would wake other threads."""
    return np.asarray(np.einsum("cb,bk->kc", flat, weights), np.float32)


def band_of(shortest_px: float, longest_px: float) -> NDArray[np.bool_]:
    """The bins whose period lies within these limits: bool, shape (32, 17)."""
    return (1 / longest_px <= _FREQUENCY) & (1 / shortest_px >= _FREQUENCY)


def _frequencies() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Frequencies of a spectrum's bins along y and x, cycles per px."""
    y, x = np.meshgrid(np.fft.fftfreq(WINDOW_PX), np.fft.rfftfreq(WINDOW_PX), indexing="ij")
    return y.astype(np.float32), x.astype(np.float32)


_HANN = np.hanning(WINDOW_PX + 2)[1:-1].astype(np.float32)
WINDOW = np.outer(_HANN, _HANN)
_WINDOW_GAIN = float(WINDOW_PX**2 * (WINDOW**2).sum())
_FY, _FX = _frequencies()
_FREQUENCY = np.maximum(np.hypot(_FY, _FX), np.float32(1e-6))
_DOUBLED = 2 * np.arctan2(_FY, _FX).reshape(-1)
_WEIGHTS = np.stack([np.ones_like(_DOUBLED), np.cos(_DOUBLED), np.sin(_DOUBLED)], axis=1).astype(np.float32)
_MOMENTS = np.stack([np.ones_like(_DOUBLED), _FREQUENCY.reshape(-1)], axis=1).astype(np.float32)
