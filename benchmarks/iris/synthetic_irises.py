"""Synthetic irises for benchmarks: codes of random bits that are correlated locally, partly masked as by lids."""

from __future__ import annotations

import numpy as np

from biometrics.template import Modality, Template
from services.iris.comparator import IrisComparator
from services.iris.template.features import CHANNELS, COLUMNS, ROWS, IrisCode, Words, pack

HIDDEN = 64  # columns of 256 that lids hide
NOISE = 0.2  # share of the bits that differ in another image of an eye


def random_codes(count: int, seed: int = 0) -> tuple[Words, Words]:
    """Codes and masks, uint64 (count, 256) each: bits in runs of eight columns and two rows, a sector masked."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 2, (count, COLUMNS // 8 + 1, ROWS // 2, CHANNELS), np.uint8)
    bits = np.repeat(np.repeat(coarse, 8, axis=1), 2, axis=2)
    shifted = [np.roll(bits[..., channel], 2 * channel, axis=1)[:, :COLUMNS] for channel in range(CHANNELS)]
    codes = packed(np.stack(shifted, axis=-1))
    first = rng.integers(COLUMNS, size=(count, 1))
    seen = (np.arange(COLUMNS) - first) % COLUMNS >= HIDDEN
    masks = np.where(seen, ~np.uint64(0), np.uint64(0))
    return codes & masks, masks


def another_image(code: Words, mask: Words, turn: int, seed: int) -> tuple[Words, Words]:
    """The same eye turned by some columns, a fifth of its bits flipped; uint64 (256,) each."""
    flips = packed(np.random.default_rng(seed).random((1, COLUMNS, ROWS, CHANNELS)) < NOISE)[0]
    return np.roll((code ^ flips) & mask, turn), np.roll(mask, turn)


def packed(bits: np.ndarray) -> Words:
    """Bits (count, 256, 16, 4) as words, uint64 (count, 256)."""
    loose = bits.reshape(len(bits), COLUMNS, ROWS * CHANNELS)
    words: Words = np.packbits(loose, axis=-1, bitorder="little").view(np.uint64)[..., 0]
    return words


def template(code: Words, mask: Words) -> Template:
    """The template of one iris."""
    return Template(Modality.IRIS, IrisComparator.model_id, pack(IrisCode(code, mask)))
