"""Random prints with the statistics of real minutiae, in the number that a large gallery needs.

Minutiae lie at random in an ellipse, at least 10 px apart, 5.5 per 10,000 px² (as on FVC2002). Their directions follow
the ridge flow of a finger with one core and one delta (Sherlock, Monro 1993), either way, within 0.1 rad. Their signs
are random.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.template import Modality, Template
from services.fingerprint.template.features import MODEL_ID, FingerFeatures, Minutiae, mask_shape, pack

WIDTH, HEIGHT = 400, 480
SPACING_PX = 10.0
DENSITY = 5.5e-4  # minutiae per px²
LEAST, MOST = 30, 60

Random = np.random.Generator


def finger(number: int) -> Template:
    """The template of a random finger of 30–60 minutiae; the same number gives the same finger."""
    random = np.random.default_rng(number)
    count = int(random.integers(LEAST, MOST + 1))
    radius = np.sqrt(count / DENSITY / np.pi) * np.array([0.85, 1 / 0.85])
    points = _scattered(random, count) * radius + (WIDTH / 2, HEIGHT / 2)
    angle = (_flow(points, random) + np.pi * random.integers(2, size=len(points))) % (2 * np.pi)
    x, y = points.astype(np.float32).T
    minutiae = Minutiae(
        x,
        y,
        angle.astype(np.float32),
        random.random(len(points)) < 0.5,
        random.uniform(0.5, 1, len(points)).astype(np.float32),
        random.integers(0, 2**32, len(points), np.uint32),
    )
    mask = np.ones(mask_shape(WIDTH, HEIGHT), np.bool_)
    return Template(Modality.FINGERPRINT, MODEL_ID, pack(FingerFeatures(WIDTH, HEIGHT, mask, minutiae)))


def _scattered(random: Random, count: int) -> NDArray[np.float64]:
    """Random points of the unit disc with a least distance from each other; shape (at most count, 2)."""
    length, turn = np.sqrt(random.random(2 * count)), random.uniform(0, 2 * np.pi, 2 * count)
    points = np.column_stack([length * np.cos(turn), length * np.sin(turn)])
    apart = SPACING_PX * np.sqrt(np.pi * DENSITY / count)
    near = np.hypot(*(points[:, None] - points).transpose(2, 0, 1)) < apart
    alone: NDArray[np.float64] = points[~np.tril(near, -1).any(axis=1)]
    return alone[:count]


def _flow(points: NDArray[np.float64], random: Random) -> NDArray[np.float64]:
    """The direction of the ridges at the points, radians counter-clockwise."""
    core = np.array([WIDTH / 2, HEIGHT / 2 - 20]) + random.normal(0, 15, 2)
    below = np.array([random.choice((-90, 90)), 130])
    delta = core + below + random.normal(0, 20, 2)
    to_core, to_delta = (np.arctan2(*(points - centre).T[::-1]) for centre in (core, delta))
    directions: NDArray[np.float64] = -0.5 * (to_core - to_delta) + random.normal(0, 0.1, len(points))
    return directions
