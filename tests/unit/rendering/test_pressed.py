"""Prints pressed otherwise than they were."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rendering.pressed import Push, drawn, pushed, sources, spoiled

SHAPE = (300, 240)
MIDDLE = (120.0, 150.0)
HELD = (40.0, 50.0)


def stripes() -> NDArray[np.uint8]:
    """A print of straight ridges, 9 px apart."""
    y = np.mgrid[: SHAPE[0], : SHAPE[1]][0]
    return (128 - 100 * np.sin(2 * np.pi * y / 9)).astype(np.uint8)


def test_held_skin_stays() -> None:
    """What is held stays, what is far outside comes from where the bone moved, and between lies between."""
    x, y = sources(SHAPE, Push(MIDDLE, HELD, 1.0, (12.0, -8.0), 0.0))

    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    assert np.allclose((x - columns)[120:180, 100:140], 0)
    assert np.allclose((y - rows)[120:180, 100:140], 0)
    assert np.isclose(x[0, 0], 12)
    assert np.isclose(y[0, 0], -8, atol=1e-4)
    assert 0 < x[150, 190] - 190 < 12


def test_a_turned_bone_turns_the_outside() -> None:
    """A turn keeps the distance to the middle outside, and turns it."""
    x, y = sources(SHAPE, Push(MIDDLE, HELD, 0.5, (0.0, 0.0), 0.2))

    was, now = np.array((0.0, 0.0)) - MIDDLE, np.array((x[0, 0], y[0, 0])) - MIDDLE
    assert np.isclose(np.hypot(*was), np.hypot(*now), rtol=1e-4)
    assert np.isclose(np.arctan2(now[1], now[0]) - np.arctan2(was[1], was[0]), 0.2, atol=1e-4)


def test_pushes_are_as_strong_as_asked() -> None:
    """No push goes farther or turns more than its strength allows, and none is nothing."""
    for seed in range(50):
        push = drawn((120.0, 150.0, 80.0, 100.0), 25.0, np.random.default_rng(seed))
        assert 7.5 <= np.hypot(*push.shift) <= 25
        assert abs(push.radians) <= np.radians(0.7 * 25)


def test_a_push_changes_the_print_only_outside_what_is_held() -> None:
    """Ridges of the held skin are byte for byte as before; others have moved."""
    gray = stripes()

    moved = pushed(gray, Push(MIDDLE, HELD, 1.0, (0.0, 4.5), 0.0))

    assert np.array_equal(moved[130:170, 100:140], gray[130:170, 100:140])
    assert np.abs(moved[:40].astype(int) - gray[:40]).mean() > 50


def test_spoiled_prints_keep_their_ridges() -> None:
    """A spoiled print is another one by each seed and the same by the same, and its ridges are where they were."""
    gray = stripes()
    one, again, other = (spoiled(gray, np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    for each in (one, other):
        assert np.corrcoef(each.ravel(), gray.ravel())[0, 1] > 0.5
