"""Perturbed fingerprint templates, as a smaller, drier or dirtier capture would give them.

They replace harder data where a set causes no errors. Not covered: real skin distortion, and failures
of the networks on bad images. Minutiae keep their signs but for what their shift changes; false ones have random signs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from biometrics.template import Template
from services.fingerprint.extraction.ridge_signs import BITS, signs_of
from services.fingerprint.template.features import CELL_PX, MAX_MINUTIAE, FingerFeatures, Minutiae, pack, unpack

Random = np.random.Generator
Change = Callable[[FingerFeatures, Random], FingerFeatures]

JITTER_RADIANS = 0.1  # standard deviation, with any shift of places
FLIPPED = 0.09  # share of signs that change if minutiae of real prints are read with 4 px and 0.1 rad added

Signs = NDArray[np.uint32]


def missing(share: float) -> Change:
    """Leave out a random share of the minutiae."""

    def change(print_: FingerFeatures, random: Random) -> FingerFeatures:
        return _with(print_, print_.minutiae.select(random.random(len(print_.minutiae)) >= share))

    return change


def half(print_: FingerFeatures, random: Random) -> FingerFeatures:
    """Keep the half of the finger area on one side of a line of random direction through its middle."""
    rows, columns = np.nonzero(print_.mask)
    angle = random.uniform(0, 2 * np.pi)
    side = np.cos(angle) * columns + np.sin(angle) * rows
    kept = side >= np.median(side)
    mask = np.zeros_like(print_.mask)
    mask[rows[kept], columns[kept]] = True
    found = print_.minutiae
    there = mask[(found.y // CELL_PX).astype(int), (found.x // CELL_PX).astype(int)]
    return FingerFeatures(print_.width_px, print_.height_px, mask, found.select(there))


def shifted(px: float) -> Change:
    """Add normal noise to every minutia: standard deviation `px` along x and y, and 0.1 rad to its direction.

    Signs change as they do at 4 px.
    """

    def change(print_: FingerFeatures, random: Random) -> FingerFeatures:
        found, count = print_.minutiae, len(print_.minutiae)
        x = np.clip(found.x + random.normal(0, px, count), 0, print_.width_px - 1)
        y = np.clip(found.y + random.normal(0, px, count), 0, print_.height_px - 1)
        angle = (found.angle + random.normal(0, JITTER_RADIANS, count)) % (2 * np.pi)
        x, y, angle = np.stack([x, y, angle]).astype(np.float32)
        return _with(print_, replace(found, x=x, y=y, angle=angle, signs=_flipped(found.signs, random)))

    return change


def false(share: float) -> Change:
    """Add a share of false minutiae at random places of the finger area, up to 100 minutiae in all."""

    def change(print_: FingerFeatures, random: Random) -> FingerFeatures:
        found = print_.minutiae
        count = min(round(share * len(found)), MAX_MINUTIAE - len(found))
        cells = np.argwhere(print_.mask)
        places = (cells[random.integers(0, len(cells), count)] + random.random((count, 2))) * CELL_PX
        limits = (print_.height_px - 1, print_.width_px - 1)
        y, x = np.minimum(places, limits).astype(np.float32).T
        angle = random.uniform(0, 2 * np.pi, count).astype(np.float32)
        bifurcation, confidence = random.random(count) < 0.5, random.uniform(0.35, 0.7, count).astype(np.float32)
        signs = None if found.signs is None else random.integers(0, 2**32, count, np.uint32)
        return _with(print_, _joined(found, Minutiae(x, y, angle, bifurcation, confidence, signs)))

    return change


def perturbed(template: Template, changes: tuple[Change, ...], seed: int) -> Template:
    """The template after the changes in order; the same for the same seed."""
    random, features = np.random.default_rng(seed), unpack(template.data)
    for change in changes:
        features = change(features, random)
    return Template(template.modality, template.model_id, pack(features))


def _with(print_: FingerFeatures, minutiae: Minutiae) -> FingerFeatures:
    return FingerFeatures(print_.width_px, print_.height_px, print_.mask, minutiae)


def _flipped(signs: Signs | None, random: Random) -> Signs | None:
    if signs is None:
        return None
    return signs ^ signs_of(random.random((len(signs), BITS)) < FLIPPED)


def _joined(first: Minutiae, second: Minutiae) -> Minutiae:
    return Minutiae(
        np.concatenate([first.x, second.x]),
        np.concatenate([first.y, second.y]),
        np.concatenate([first.angle, second.angle]),
        np.concatenate([first.bifurcation, second.bifurcation]),
        np.concatenate([first.confidence, second.confidence]),
        None if first.signs is None or second.signs is None else np.concatenate([first.signs, second.signs]),
    )
