"""Combining iris templates of several images of an eye: the bits that they agree on are kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.template import Template
from services.iris.comparison.rotations import REACH, evidence
from services.iris.template.features import CHANNELS, COLUMNS, ROWS, IrisCode, pack, unpack

Bits = NDArray[np.uint8]


def combined(templates: Sequence[Template]) -> Template:
    """Rotate every code to fit the first, then keep each bit's majority where two thirds of the valid bits agree.

    A bit that is valid in one image only is kept. (Bit reliability: Hollingsworth, Bowyer, Flynn 2009;
    Ziauddin, Dailey 2008.)

    Args:
        templates: of one eye, one or more.
    """
    first, *others = [unpack(template.data) for template in templates]
    codes = [first, *(_turned(other, _best_turn(first, other)) for other in others)]
    valid = np.sum([_bits(code.mask) for code in codes], axis=0)
    ones = np.sum([_bits(code.code) for code in codes], axis=0)
    mask = (valid > 0) & (3 * np.maximum(ones, valid - ones) >= 2 * valid)
    merged = IrisCode(_words((2 * ones > valid) & mask), _words(mask))
    template = templates[0]
    return Template(template.modality, template.model_id, pack(merged)) if mask.any() else template


def _best_turn(one: IrisCode, other: IrisCode) -> int:
    def fit(turn: int) -> float:
        turned = _turned(other, turn)
        common = one.mask & turned.mask
        differing = np.bitwise_count((one.code ^ turned.code) & common).sum()
        return evidence(int(differing), int(np.bitwise_count(common).sum()), turn, 0.0)

    return max(range(-REACH, REACH + 1), key=fit)


def _turned(iris: IrisCode, turn: int) -> IrisCode:
    return IrisCode(np.roll(iris.code, turn), np.roll(iris.mask, turn))


def _bits(words: NDArray[np.uint64]) -> Bits:
    return np.unpackbits(words.view(np.uint8)).astype(np.uint8)


def _words(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    return np.packbits(bits.reshape(COLUMNS, ROWS * CHANNELS), axis=1).view(np.uint64)[:, 0]
