"""What the network is trained on: the surroundings of each minutia in several impressions of one ridge pattern."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from rendering.grounds import Plane
from services.fingerprint.extraction.network import MinutiaeNetwork
from services.fingerprint.extraction.ridge_signs import levelled, patch
from training.fingerprint.impressions import impression
from training.fingerprint.ridges import SIDE_PX, ridges

IMPRESSIONS = 4
MARGIN_PX = 20  # minutiae nearer to the pattern's edge are left out, in an impression 10 px nearer
MIN_CONFIDENCE = 0.5
OFF_PX, OFF_RADIANS = 0.9, 0.09  # standard deviation by which a detected minutia differs from one print to another
LEVELS = 50  # integers per unit of the levelled picture


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Minutiae of made-up fingers.

    Args:
        patches: int8, shape (n, 4, 64, 64): levelled, in 1/50.
        finger: int64, shape (n,): seed of the finger of each.
    """

    patches: NDArray[np.int8] = field(repr=False)
    finger: NDArray[np.int64] = field(repr=False)


def surroundings(network: MinutiaeNetwork, seed: int) -> list[NDArray[np.int8]]:
    """Each minutia of a made-up finger that all impressions show: int8, shape (4, 64, 64)."""
    random = np.random.default_rng([7, seed])
    pattern = ridges(random)
    places = _minutiae(network, pattern, random)
    impressions = [impression(pattern, random) for _ in range(IMPRESSIONS)]
    pictures = [levelled(each.gray) for each in impressions]
    found = []
    for x, y, angle in places:
        seen = []
        for each, picture in zip(impressions, pictures, strict=True):
            away = (each.x - x) ** 2 + (each.y - y) ** 2
            row, column = divmod(int(away.argmin()), SIDE_PX)
            inside = all(MARGIN_PX - 10 < at < SIDE_PX - MARGIN_PX + 10 for at in (row, column))
            turn = _turn(each.x, each.y, row, column) if inside else np.nan
            if away[row, column] > 1.5 or not np.isfinite(turn):
                break
            turned = angle - turn + random.normal(0, OFF_RADIANS)
            at_x, at_y = column + random.normal(0, OFF_PX), row + random.normal(0, OFF_PX)
            seen.append(np.rint(LEVELS * patch(picture, at_x, at_y, turned)).astype(np.int8))
        if len(seen) == IMPRESSIONS:
            found.append(np.stack(seen))
    return found


def _minutiae(network: MinutiaeNetwork, pattern: Plane, rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """x, y and direction (from +x towards +y) of the pattern's minutiae, px at 250 dpi."""
    large = cv2.resize(pattern, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    gray = np.clip(128 - 100 * large + rng.normal(0, 6, large.shape), 0, 255).astype(np.uint8)
    found = network.detect(gray, np.ones((large.shape[0] // 16, large.shape[1] // 16), np.bool_))
    found = found.select(found.confidence >= MIN_CONFIDENCE)
    x, y = (found.x - 0.5) / 2, (found.y - 0.5) / 2
    inside = (np.minimum(x, y) > MARGIN_PX) & (np.maximum(x, y) < SIDE_PX - MARGIN_PX)
    return [(float(a), float(b), -float(c)) for a, b, c in zip(x[inside], y[inside], found.angle[inside], strict=True)]


def _turn(x: Plane, y: Plane, row: int, column: int) -> float:
    """By how much the pattern is turned at a place of an impression, from +x towards +y, radians; NaN at its edge."""
    beside = [each[row, column + step] for each in (x, y) for step in (-1, 1)]
    above = [each[row + step, column] for each in (x, y) for step in (-1, 1)]
    if not np.isfinite([*beside, *above]).all():
        return np.nan
    across, down = (beside[1] - beside[0], beside[3] - beside[2]), (above[1] - above[0], above[3] - above[2])
    return float(np.arctan2(across[1] - down[0], across[0] + down[1]))


def rendered(work: Path, first: int, count: int) -> Surroundings:
    """The minutiae of fingers of these seeds, made or, if they were made before, read from `work`."""
    path = work / f"ridges-{first}-{count}.npz"
    if not path.exists():
        network = MinutiaeNetwork.load()
        found = [surroundings(network, seed) for seed in range(first, first + count)]
        finger = np.repeat(np.arange(first, first + count), [len(each) for each in found])
        part = path.with_suffix(".part.npz")
        np.savez(part, patches=np.stack([one for each in found for one in each]), finger=finger)
        part.replace(path)
    with np.load(path) as held:
        return Surroundings(held["patches"], held["finger"])
