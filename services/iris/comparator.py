"""Masked fractional Hamming distance over rotations (Daugman 1993, 2007)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from biometrics.comparison import Scores
from biometrics.template import Modality, Template
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


@intrinsic
def _popcount(_context: Any, _word: Any) -> Any:
    def generate(_ctx: Any, builder: ir.IRBuilder, _signature: Any, arguments: Sequence[ir.Value]) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


@njit(cache=True, nogil=True)
def _compare(
    codes: Words, masks: Words, other_codes: Words, other_masks: Words, scores: Scores
) -> None:  # pragma: no cover
    rotated_code = np.empty(COLUMNS + 2 * ROTATIONS, np.uint64)
    rotated_mask = np.empty(COLUMNS + 2 * ROTATIONS, np.uint64)
    for i in range(codes.shape[0]):
        for k in range(COLUMNS + 2 * ROTATIONS):
            rotated_code[k] = codes[i, (k - ROTATIONS) % COLUMNS]
            rotated_mask[k] = masks[i, (k - ROTATIONS) % COLUMNS]
        for j in range(other_codes.shape[0]):
            best = 0.0
            for shift in range(2 * ROTATIONS + 1):
                differing = np.uint64(0)
                compared = np.uint64(0)
                for k in range(COLUMNS):
                    common = rotated_mask[k + shift] & other_masks[j, k]
                    compared += _popcount(common)
                    differing += _popcount((rotated_code[k + shift] ^ other_codes[j, k]) & common)
                if compared >= MIN_BITS:
                    share = float(differing) / float(compared)
                    best = (
                        max(best, 0.5 + (0.5 - share) * np.sqrt(float(compared) / TYPICAL_BITS))
                        if best > 0.0
                        else 0.5 + (0.5 - share) * np.sqrt(float(compared) / TYPICAL_BITS)
                    )
            scores[i, j] = min(1.0, best) if best > 0.0 else 0.5
