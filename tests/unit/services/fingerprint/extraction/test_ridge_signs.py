"""The signs of the ridges around minutiae: where they are read, and what they do not depend on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from services.fingerprint.extraction.ridge_signs import BITS, LARGEST, PATCH_PX, RidgeSigns, halved, levelled, patch
from services.fingerprint.template.features import Minutiae
from tests.unit.services.fingerprint.areas import rings

SIDE_PX = 360  # an even number, so that a quarter turn maps the pairs of px that are halved to such pairs


def made_up() -> np.ndarray:
    """Two families of rings that cross under noise, so that no two places look alike; uint8."""
    noise = np.random.default_rng(0).normal(0, 15, (SIDE_PX, SIDE_PX))
    both = rings(SIDE_PX, SIDE_PX) + rings(SIDE_PX, SIDE_PX, 23.0, (500.0, 90.0)) - 128
    return np.clip(both + noise, 0, 255).astype(np.uint8)


def minutiae(count: int = 20) -> Minutiae:
    """Whole px, at least 120 px from the edge, so that all that is seen lies inside."""
    random = np.random.default_rng(1)
    x, y = random.integers(120, SIDE_PX - 120, (2, count)).astype(np.float32)
    angle = random.uniform(0, 2 * np.pi, count).astype(np.float32)
    return Minutiae(x, y, angle, x > 0, np.ones(count, np.float32))


def agreeing(one: np.ndarray, other: np.ndarray) -> float:
    """The share of agreeing signs."""
    return 1 - sum(int(each).bit_count() for each in one ^ other) / (BITS * len(one))


def test_each_minutia_has_signs_in_its_place(ridge_signs: RidgeSigns) -> None:
    """Chosen and shuffled minutiae have the signs that they have among all."""
    gray, found = made_up(), minutiae()
    signs = ridge_signs.of(gray, found)
    assert ((20,), np.uint32) == (signs.shape, signs.dtype)
    assert len(set(signs.tolist())) > 1
    order = np.array([13, 2, 7])
    assert signs[order].tolist() == ridge_signs.of(gray, found.select(order)).tolist()


@pytest.mark.parametrize(("right", "down"), [(2, 0), (0, 12), (-26, 8)])
def test_signs_do_not_change_when_the_print_is_shifted(ridge_signs: RidgeSigns, right: int, down: int) -> None:
    """By an even number of px, as the print is halved; but for numbers next to 0, all signs are the same."""
    gray, found = made_up(), minutiae()
    shifted = np.roll(gray, (down, right), (0, 1))
    there = replace(found, x=found.x + np.float32(right), y=found.y + np.float32(down))
    assert agreeing(ridge_signs.of(gray, found), ridge_signs.of(shifted, there)) > 0.98


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_signs_do_not_change_when_the_print_is_turned(ridge_signs: RidgeSigns, turns: int) -> None:
    """By quarters counter-clockwise, the minutiae and their directions with it."""
    gray, found = made_up(), minutiae()
    there = found
    for _ in range(turns):
        angle = (there.angle + np.float32(np.pi / 2)) % np.float32(2 * np.pi)
        there = replace(there, x=there.y, y=SIDE_PX - 1 - there.x, angle=angle)
    turned = np.ascontiguousarray(np.rot90(gray, turns))
    assert agreeing(ridge_signs.of(gray, found), ridge_signs.of(turned, there)) > 0.98


def test_a_patch_has_the_direction_to_the_right() -> None:
    """A line from the middle in a direction, from +x towards +y, runs from the middle to the right edge."""
    y, x = np.mgrid[:200, :200].astype(np.float32)
    for radians in (0.0, 0.7, np.pi / 2, 3.0, 5.5):
        along = (x - 90) * np.cos(radians) + (y - 110) * np.sin(radians)
        across = (y - 110) * np.cos(radians) - (x - 90) * np.sin(radians)
        found = patch(np.where((along > 0) & (np.abs(across) < 3), 1, 0).astype(np.float32), 90, 110, radians)
        middle = (PATCH_PX - 1) / 2
        rows, columns = np.nonzero(found > 0.5)
        assert (PATCH_PX, PATCH_PX) == found.shape
        assert np.abs(rows - middle).max() <= 3.5
        assert (middle, PATCH_PX - 1) == pytest.approx((columns.min(), columns.max()), abs=2)


def test_an_unturned_patch_is_cut_out() -> None:
    """Around a place between px, the px themselves."""
    picture = np.random.default_rng(2).normal(size=(128, 128)).astype(np.float32)
    found = patch(picture, 63.5, 59.5, 0.0)
    assert picture[28:92, 32:96] == pytest.approx(found, abs=1e-5)


def test_brightness_is_levelled() -> None:
    """A print lit from one side, brighter or of less contrast looks nearly the same, and flat ground stays flat."""
    gray = np.clip(rings(200, 200), 48, 208) / 2
    light = np.linspace(0, 60, 200)
    plain = levelled(gray.astype(np.uint8))
    for changed in (gray + 70, gray + light, gray + light[:, None], gray * 0.6 + 20):
        assert np.abs(levelled(changed.astype(np.uint8)) - plain).mean() < 0.1
    assert np.abs(levelled(np.full((90, 90), 130, np.uint8))).max() < 1e-3
    assert np.abs(levelled(made_up())).max() <= LARGEST


@pytest.mark.parametrize("shape", [(6, 8), (7, 8), (6, 9), (7, 9), (1, 1)])
def test_each_pixel_of_a_halved_print_is_the_mean_of_four(shape: tuple[int, int]) -> None:
    """A last row or column without a partner is its own."""
    gray = np.random.default_rng(3).integers(0, 256, shape).astype(np.uint8)
    even = np.pad(gray, ((0, shape[0] % 2), (0, shape[1] % 2)), mode="edge").astype(float)
    expected = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
    found = halved(gray)
    assert (expected.shape, np.uint8) == (found.shape, found.dtype)
    assert np.abs(found - expected).max() <= 0.5
