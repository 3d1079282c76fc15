"""Generated minutiae for tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from biometrics.template import Modality, Template
from services.fingerprint.template.features import MODEL_ID, FingerFeatures, Minutiae, mask_shape, pack, unpack

SIDE_PX = 400


def random_minutiae(seed: int, count: int = 40) -> Minutiae:
    """Minutiae at least 12 px apart in the middle of a 400×400 px image, with random directions and signs."""
    random = np.random.default_rng(seed)
    points: list[np.ndarray] = []
    while len(points) < count:
        point = random.uniform(80, SIDE_PX - 80, 2)
        if all(np.hypot(*(point - other)) >= 12 for other in points):
            points.append(point)
    x, y = np.array(points, np.float32).reshape(count, 2).T
    angle = random.uniform(0, 2 * np.pi, count).astype(np.float32)
    bifurcation, confidence = random.uniform(size=count) < 0.5, random.uniform(0.5, 1, count).astype(np.float32)
    return Minutiae(x, y, angle, bifurcation, confidence, random_signs(seed, count))


def random_signs(seed: int, count: int) -> NDArray[np.uint32]:
    """Signs that have nothing in common with those of another seed."""
    return np.random.default_rng([seed, 32]).integers(0, 2**32, count, np.uint32)


def moved(minutiae: Minutiae, degrees: float = 0.0, right: float = 0.0, down: float = 0.0) -> Minutiae:
    """Minutiae rotated counter-clockwise on the screen around the image's centre, then shifted by px; same signs."""
    turn = np.radians(degrees)
    dx, dy = minutiae.x - SIDE_PX / 2, minutiae.y - SIDE_PX / 2
    x = SIDE_PX / 2 + np.cos(turn) * dx + np.sin(turn) * dy + right
    y = SIDE_PX / 2 - np.sin(turn) * dx + np.cos(turn) * dy + down
    angle = (minutiae.angle + turn) % (2 * np.pi)
    x, y, angle = (each.astype(np.float32) for each in (x, y, angle))
    return replace(minutiae, x=x, y=y, angle=angle)


def template_of(minutiae: Minutiae, model_id: str = MODEL_ID) -> Template:
    """A template of a 400×400 px image completely covered by the finger."""
    mask = np.ones(mask_shape(SIDE_PX, SIDE_PX), np.bool_)
    return Template(Modality.FINGERPRINT, model_id, pack(FingerFeatures(SIDE_PX, SIDE_PX, mask, minutiae)))


def without_signs(template: Template) -> Template:
    """A template with the same minutiae, without signs."""
    features = unpack(template.data)
    bare = replace(features, minutiae=replace(features.minutiae, signs=None))
    return Template(template.modality, template.model_id, pack(bare))
