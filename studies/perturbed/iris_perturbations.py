"""Perturbed iris templates, as lids, reflections or a poor sensor would give them.

They replace harder data where a set causes no errors. Not covered: wrong circles and an iris that
stretches unevenly.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from biometrics.template import Template
from services.iris.template.features import CHANNELS, COLUMNS, ROWS, IrisCode, pack, unpack

Random = np.random.Generator
Change = Callable[[IrisCode, Random], IrisCode]


def hidden(share: float) -> Change:
    """Mask a sector at a random angle, a share of the full circle; a smaller one where nothing would stay visible."""

    def change(iris: IrisCode, random: Random) -> IrisCode:
        mask = iris.mask.copy()
        mask[(random.integers(COLUMNS) + np.arange(round(share * COLUMNS))) % COLUMNS] = 0
        return IrisCode(iris.code & mask, mask) if mask.any() else iris

    return change


def noisy(share: float) -> Change:
    """Flip a random share of the bits."""

    def change(iris: IrisCode, random: Random) -> IrisCode:
        flips = np.packbits(random.random((COLUMNS, ROWS * CHANNELS)) < share, axis=1).view(np.uint64)[:, 0]
        return IrisCode((iris.code ^ flips) & iris.mask, iris.mask)

    return change


def perturbed(template: Template, changes: tuple[Change, ...], seed: int) -> Template:
    """The template after the changes in order; the same for the same seed."""
    random, features = np.random.default_rng(seed), unpack(template.data)
    for change in changes:
        features = change(features, random)
    return Template(template.modality, template.model_id, pack(features))
