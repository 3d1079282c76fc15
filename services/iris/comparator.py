"""Masked fractional Hamming distance over rotations (Daugman 1993, 2007)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from biometrics.comparison import Scores
from biometrics.template import Modality, Template
from infra.kernel import kernel
from services.iris.features import BITS, COLUMNS, Words, unpack

ROTATIONS = 8  # columns to each side, 1.4° each
TYPICAL_BITS = 7000  # compared bits at which score = 1 − HD
MIN_BITS = BITS // 16  # with fewer in common there is no information


@dataclass(frozen=True, slots=True)
class IrisStack:
    """Codes of many irises.

    Args:
        codes: uint64 (irises, 256).
        masks: uint64 (irises, 256).
    """

    codes: Words = field(repr=False)
    masks: Words = field(repr=False)


class IrisComparator:
    """Compares iris codes bit by bit at every rotation and keeps the best.

    For each rotation s of −8 … +8 columns (±11.25°):

    1. HD(s) = differing bits / compared bits n, over bits valid in both masks.
    2. HDnorm(s) = 0.5 − (0.5 − HD(s))·√(n / 7,000) (Daugman 2007): few bits prove less.
    3. score = 1 − min over s of HDnorm(s), at most 1.

    0.5 stands for no information and is also given to every rotation with fewer than 1,024
    bits in common. Two different irises score about 0.52–0.56, as the best of 17 rotations is
    kept; the same code twice scores 1 when at least 7,000 bits are valid.
    """

    modality = Modality.IRIS
    comparator_id = "iris-hamming-1"
    model_id = "iris-gabor-1"

    def __init__(self) -> None:
        """Compile the kernels, or load them from the cache, so that no request has to wait for it."""
        nothing = self.stack(())
        self.compare(nothing, nothing)

    def stack(self, templates: Sequence[Template]) -> IrisStack:
        """Unpack templates into one stack, in order.

        Raises:
            TemplateMalformed: not an iris template, or damaged.
            TemplateModelMismatch: a template of another model.
        """
        codes = np.empty((len(templates), COLUMNS), np.uint64)
        masks = np.empty_like(codes)
        for row, template in enumerate(templates):
            template.require(self.modality, self.model_id)
            features = unpack(template.data)
            codes[row], masks[row] = features.code, features.mask
        return IrisStack(codes, masks)

    def compare(self, probes: IrisStack, references: IrisStack) -> Scores:
        """Compare every probe with every reference.

        Returns:
            float32 (probes, references), 0–1; higher is more alike, 0.5 is no information.
        """
        scores = np.empty((len(probes.codes), len(references.codes)), np.float32)
        _compare(probes.codes, probes.masks, references.codes, references.masks, scores)
        return scores


@kernel
def _popcount(word: np.uint64) -> np.uint64:  # pragma: no cover  # compiled
    """Count the set bits; LLVM knows the idiom and uses the CPU's own way."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@kernel
def _best_score(  # pragma: no cover  # compiled
    wide_code: Words, wide_mask: Words, code: Words, mask: Words
) -> float:
    """Compare one probe, its first and last columns repeated beyond its ends, with one reference."""
    best = 0.0
    for shift in range(2 * ROTATIONS + 1):
        differing = np.uint64(0)
        compared = np.uint64(0)
        for k in range(COLUMNS):
            common = wide_mask[k + shift] & mask[k]
            compared += _popcount(common)
            differing += _popcount((wide_code[k + shift] ^ code[k]) & common)
        score = 0.5
        if compared >= MIN_BITS:
            score += (0.5 - differing / compared) * np.sqrt(compared / TYPICAL_BITS)
        best = max(best, score)
    return min(best, 1.0)


@kernel
def _compare(  # pragma: no cover  # compiled
    codes: Words, masks: Words, other_codes: Words, other_masks: Words, scores: Scores
) -> None:
    columns = (np.arange(COLUMNS + 2 * ROTATIONS) - ROTATIONS) % COLUMNS
    for i in range(codes.shape[0]):
        wide_code, wide_mask = codes[i][columns], masks[i][columns]
        for j in range(other_codes.shape[0]):
            scores[i, j] = _best_score(wide_code, wide_mask, other_codes[j], other_masks[j])
