"""Synthetic iris codes."""

from __future__ import annotations

import numpy as np

from services.iris.comparator import IrisStack, stacked


def random_stack(seed: int, count: int, valid: float = 1.0) -> IrisStack:
    """Codes of independent random bits, a share of which is valid."""
    rng = np.random.default_rng(seed)
    bits = rng.random((2, count, 256, 64)) < np.array([0.5, valid])[:, None, None, None]
    code, mask = np.packbits(bits, axis=-1, bitorder="little").view(np.uint64)[..., 0]
    return stacked(code & mask, mask)


def smooth_stack(seed: int, count: int) -> IrisStack:
    """Codes with correlated neighbouring bits, as filters make them: smoothed over 6 columns and 3 rows."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(count, 256, 16, 4))
    around = np.sum([np.roll(noise, shift, axis=1) for shift in range(-3, 3)], axis=0)
    smooth = np.sum([np.roll(around, shift, axis=2) for shift in range(-1, 2)], axis=0)
    packed = np.packbits((smooth > 0).reshape(count, 256, 64), axis=-1, bitorder="little")
    return stacked(packed.view(np.uint64)[..., 0], np.full((count, 256), ~np.uint64(0)))


def turned(stack: IrisStack, columns: int) -> IrisStack:
    """The codes of eyes rotated by some columns."""
    return stacked(np.roll(stack.codes, columns, axis=1), np.roll(stack.masks, columns, axis=1))


def noisy(stack: IrisStack, share: float, seed: int) -> IrisStack:
    """The codes with a share of the valid bits flipped."""
    rng = np.random.default_rng(seed)
    flips = np.packbits(rng.random((*stack.codes.shape, 64)) < share, axis=-1, bitorder="little")
    return stacked((stack.codes ^ flips.view(np.uint64)[..., 0]) & stack.masks, stack.masks)
