"""Made-up ridges, their impressions, and the surroundings of their minutiae."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from services.fingerprint.extraction.network import MinutiaeNetwork
from training.fingerprint.impressions import impression
from training.fingerprint.patches import levelled, patch, rendered, surroundings
from training.fingerprint.ridges import PERIOD_PX, SIDE_PX, ridges


@pytest.fixture(scope="module")
def pattern() -> NDArray[np.float32]:
    """Ridges of one seed."""
    return ridges(np.random.default_rng(4))


@pytest.fixture(scope="module")
def network() -> MinutiaeNetwork:
    """The network that finds minutiae."""
    return MinutiaeNetwork.load()


def test_ridges_repeat_as_those_of_adults_do(pattern: NDArray[np.float32]) -> None:
    """Most of a pattern's power lies at periods of adults' ridges, and as much of it is ridge as valley."""
    power = np.abs(np.fft.fft2(pattern)) ** 2
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE_PX), np.fft.fftfreq(SIDE_PX)))
    ridge = (frequency > 0.8 / PERIOD_PX[1]) & (frequency < 1.25 / PERIOD_PX[0])

    assert (SIDE_PX, SIDE_PX) == pattern.shape
    assert power[ridge].sum() > 0.8 * power.sum()
    assert 0.4 < (pattern > 0).mean() < 0.6


def test_equal_seeds_give_equal_ridges(pattern: NDArray[np.float32]) -> None:
    """A pattern depends on nothing but the generator."""
    assert np.array_equal(pattern, ridges(np.random.default_rng(4)))
    assert not np.array_equal(pattern, ridges(np.random.default_rng(5)))


def test_an_impression_says_where_its_pixels_are_from(pattern: NDArray[np.float32]) -> None:
    """Where the finger touches, the pattern at the stated places looks like the impression, dark or inverted."""
    found = []
    for seed in range(8):
        made = impression(pattern, np.random.default_rng(seed))
        inside = np.isfinite(made.x)
        expected = cv2.remap(pattern, *(np.where(inside, each, 0) for each in (made.x, made.y)), cv2.INTER_LINEAR)
        found.append(abs(float(np.corrcoef(expected[inside], levelled(made.gray)[inside])[0, 1])))
        assert 0.1 < inside.mean() < 1
    assert min(found) > 0.2
    assert np.mean(found) > 0.6


def test_a_patch_turns_the_direction_to_the_right() -> None:
    """Ridges of any direction lie level in the patch of that direction, with the place in its middle."""
    y, x = np.mgrid[:200, :200].astype(np.float32)
    for radians in (0.0, 0.7, 2.0, -1.2):
        across = (y - 90) * np.cos(radians) - (x - 110) * np.sin(radians)
        seen = patch(np.cos(2 * np.pi * across / 10).astype(np.float32), 110.0, 90.0, radians)
        assert np.allclose(seen, seen[:, :1], atol=0.05)
        assert np.allclose(seen, seen[::-1], atol=0.05)
        assert seen[31:33].min() > 0.9


def test_one_minutia_has_alike_surroundings_in_all_impressions(network: MinutiaeNetwork) -> None:
    """The middle of a minutia's surroundings agrees more with each other than with another one's."""
    found = np.stack(surroundings(network, 1)).astype(np.float32)
    flat = found[..., 22:42, 22:42].reshape(*found.shape[:2], -1)
    flat -= flat.mean(axis=2, keepdims=True)
    flat /= np.linalg.norm(flat, axis=2, keepdims=True)
    own, other = (np.abs(np.sum(flat[:, 0] * mate, axis=1)) for mate in (flat[:, 1], np.roll(flat[:, 1], 1, axis=0)))

    assert len(found) > 20
    assert (4, 64, 64) == found.shape[1:]
    assert np.median(own) > 2 * np.median(other)


def test_made_ones_are_read_again(tmp_path, network: MinutiaeNetwork) -> None:
    """Surroundings that were made are read from their file, each with its finger."""
    made, again = rendered(tmp_path, 1, 1), rendered(tmp_path, 1, 1)

    assert np.array_equal(made.patches, again.patches)
    assert {1} == set(made.finger.tolist()) == set(again.finger.tolist())
    assert len(list(tmp_path.iterdir())) == 1
    assert np.array_equal(made.patches, np.stack(surroundings(network, 1)))
