"""Rigid and elastic alignment of generated points."""

from __future__ import annotations

import numpy as np

from services.fingerprint.alignment import ELASTIC_TOLERANCE, align_elastic, align_rigid, inverse, move, procrustes

MOTION = (np.cos(0.4), np.sin(0.4), 12.0, -7.0)
STILL = (1.0, 0.0, 0.0, 0.0)


def _minutiae(count: int = 30) -> np.ndarray:
    random = np.random.default_rng(0)
    grid = np.stack(np.meshgrid(np.arange(6), np.arange(5)), axis=-1).reshape(-1, 2)[:count] * 40.0
    points = np.column_stack([grid + random.uniform(-8, 8, grid.shape), random.uniform(-3, 3, count)])
    return _upward(points)


def _upward(points: np.ndarray) -> np.ndarray:
    return points[np.argsort(points[:, 1])].astype(np.float32)


def test_procrustes_finds_the_motion_and_ignores_weight_zero() -> None:
    """The exact motion is found although one point, of weight 0, went astray."""
    a = _minutiae()
    b = move(MOTION, a).astype(np.float32)
    b[3] += 100
    weight = np.ones(len(a))
    weight[3] = 0
    assert np.allclose(MOTION, procrustes(a, b, weight), atol=1e-4)


def test_inverse_undoes_a_motion() -> None:
    """There and back again."""
    a = _minutiae()
    assert np.allclose(a, move(inverse(MOTION), move(MOTION, a)), atol=1e-3)


def test_rigid_alignment_corrects_a_first_motion_that_is_off() -> None:
    """Starting 8 px and 0.05 rad off, all minutiae are paired with their own and the motion is found."""
    a = _minutiae()
    b = move(MOTION, a).astype(np.float32)
    order = np.argsort(b[:, 1])
    start = (np.cos(0.45), np.sin(0.45), 18.0, -1.0)
    motion, pair, weight = align_rigid(start, a, b[order])
    assert np.arange(len(a)).tolist() == order[pair].tolist()
    assert np.allclose(MOTION, motion, atol=1e-3)
    assert weight.min() > 0.999


def test_elastic_alignment_follows_a_stretch() -> None:
    """A print stretched by 15 % is paired whole, although minutiae lie farther off than the tolerance."""
    a = _minutiae()
    middle = a[:, 0].mean()
    b = a.copy()
    b[:, 0] = middle + (a[:, 0] - middle) * 1.15
    assert np.abs(b[:, 0] - a[:, 0]).max() > ELASTIC_TOLERANCE[0]
    pair, weight = align_elastic(STILL, a, b)
    assert np.arange(len(a)).tolist() == pair.tolist()
    assert weight.min() > 0.5


def test_directions_that_differ_are_not_paired() -> None:
    """Minutiae in one place that point elsewhere by a right angle are different ones."""
    a = _minutiae()
    turned = a.copy()
    turned[:, 2] += np.pi / 2
    pair, weight = align_elastic(STILL, a, turned)
    assert {-1} == set(pair.tolist())
    assert weight.sum() == 0
