"""Rigid and elastic alignment of generated points."""

from __future__ import annotations

import numpy as np

from services.fingerprint.comparison.alignment import align_rigid, inverse, load, move, procrustes
from services.fingerprint.comparison.elastic import ELASTIC_TOLERANCE, align_elastic
from services.fingerprint.template.arrays import Motion, Workspace, workspace

MOTION = (float(np.cos(0.4)), float(np.sin(0.4)), 12.0, -7.0)
STILL = (1.0, 0.0, 0.0, 0.0)
COUNT = 30


def _minutiae() -> np.ndarray:
    random = np.random.default_rng(0)
    grid = np.stack(np.meshgrid(np.arange(6), np.arange(5)), axis=-1).reshape(-1, 2) * 40.0
    points = np.column_stack([grid + random.uniform(-8, 8, grid.shape), random.uniform(1, 5, COUNT)])
    return points[np.argsort(points[:, 1])].astype(np.float32)


def _moved(motion: Motion, points: np.ndarray) -> np.ndarray:
    out = np.empty((3, len(points)))
    move(motion, np.ascontiguousarray(points.T, np.float64), len(points), out)
    return out.T


def _elastic(a: np.ndarray, b: np.ndarray) -> tuple[int, Workspace]:
    """Number of pairs of an elastic alignment from the identity; they are in row 0 of pair and weight."""
    w = workspace()
    grid = load(a, b, w)
    align_rigid(STILL, len(a), grid, w.pair[0], w.weight[0], w)
    return align_elastic(STILL, len(a), grid, w.pair[0], w.weight[0], w)[0], w


def test_procrustes_finds_the_motion_and_ignores_weight_zero() -> None:
    """The exact motion is found although one point, of weight 0, is misplaced."""
    a = _minutiae()
    b = _moved(MOTION, a)
    b[3] += 100
    weight = np.ones(COUNT)
    weight[3] = 0
    turn = b[:, 2] - a[:, 2]
    matched = np.column_stack([a[:, :2], b[:, :2], weight, np.cos(turn), np.sin(turn)])
    assert np.allclose(MOTION, procrustes(matched, COUNT), atol=1e-4)


def test_one_pair_gives_a_motion_by_its_own_rotation() -> None:
    """A single pair of minutiae is aligned in position and direction."""
    a = _minutiae()[:1]
    b = _moved(MOTION, a)
    matched = np.column_stack([a[:, :2], b[:, :2], [1.0], [MOTION[0]], [MOTION[1]]])
    assert np.allclose(MOTION, procrustes(matched, 1), atol=1e-4)


def test_inverse_undoes_a_motion() -> None:
    """A motion followed by its inverse is the identity."""
    a = _minutiae()
    assert np.allclose(a, _moved(inverse(MOTION), _moved(MOTION, a)), atol=1e-3)


def test_rigid_alignment_corrects_a_first_motion_that_is_off() -> None:
    """Starting 8 px and 0.05 rad off, all minutiae are paired with themselves and the motion is found."""
    a, w = _minutiae(), workspace()
    b = _moved(MOTION, a).astype(np.float32)
    order = np.argsort(b[:, 1])
    start = (float(np.cos(0.45)), float(np.sin(0.45)), 18.0, -1.0)
    grid = load(a, b[order], w)
    motion, paired, total = align_rigid(start, COUNT, grid, w.pair[0], w.weight[0], w)
    assert np.arange(COUNT).tolist() == order[w.pair[0, :COUNT]].tolist()
    assert np.allclose(MOTION, motion, atol=1e-3)
    assert paired == COUNT
    assert total > 0.999 * COUNT


def test_elastic_alignment_follows_a_stretch() -> None:
    """A print stretched by 15 % is paired completely, although minutiae are farther off than the tolerance."""
    a = _minutiae()
    middle = a[:, 0].mean()
    b = a.copy()
    b[:, 0] = middle + (a[:, 0] - middle) * 1.15
    assert np.abs(b[:, 0] - a[:, 0]).max() > ELASTIC_TOLERANCE[0]
    paired, w = _elastic(a, b)
    assert paired == COUNT
    assert np.arange(COUNT).tolist() == w.pair[0, :COUNT].tolist()
    assert w.weight[0, :COUNT].min() > 0.5


def test_directions_that_differ_are_not_paired() -> None:
    """Minutiae at one position with directions a right angle apart are not paired."""
    a = _minutiae()
    turned = a.copy()
    turned[:, 2] += np.pi / 2
    paired, w = _elastic(a, turned)
    assert paired == 0
    assert {-1} == set(w.pair[0, :COUNT].tolist())
    assert w.weight[0, :COUNT].sum() == 0


def test_directions_are_compared_across_the_full_turn() -> None:
    """0.1 rad below and 0.1 rad above a full turn are 0.2 rad apart, not six."""
    a = _minutiae()
    a[:, 2] = 2 * np.pi - 0.1
    b = a.copy()
    b[:, 2] = 0.1
    assert COUNT == _elastic(a, b)[0]
    assert COUNT == _elastic(b, a)[0]
