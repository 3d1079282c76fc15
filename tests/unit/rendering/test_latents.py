"""Latent prints made from prints."""

from __future__ import annotations

import numpy as np
import pytest

from rendering.grounds import Ground, ground
from rendering.latents import MARGIN_PX, Latent, drawn, latent
from tests.unit.services.fingerprint.areas import arched_finger


def test_a_latent_shows_what_it_is_told() -> None:
    """Ground of one level all around, darker ridges of the finger's middle; lighter ones if so told."""
    dark, light = (
        latent(arched_finger(), Latent(part=0.5, level=150, contrast=60, is_light=is_light), np.random.default_rng(0))
        for is_light in (False, True)
    )
    for picture, extreme in ((dark, dark.min()), (light, light.max())):
        assert (150, 150) == (picture[:MARGIN_PX].min(), picture[:, :MARGIN_PX].max())
        assert 60 == pytest.approx(abs(int(extreme) - 150), abs=3)


def test_equal_draws_give_equal_latents() -> None:
    """Faults, ground and noise depend on nothing but the generator; another one gives another picture."""
    one, same, other = (np.random.default_rng(seed) for seed in (5, 5, 6))
    pictures = [latent(arched_finger(), drawn(each), each) for each in (one, same, other)]
    assert np.array_equal(pictures[0], pictures[1])
    assert pictures[0].mean() != pictures[2].mean()


@pytest.mark.parametrize("kind", list(Ground))
def test_grounds_have_their_shape_and_spread(kind: Ground) -> None:
    """Every pattern has a standard deviation of 1, plain ground none."""
    made = ground(kind, (120, 90), np.random.default_rng(1))
    assert (120, 90) == made.shape
    assert (0 if kind is Ground.PLAIN else 1) == pytest.approx(float(made.std()), abs=1e-3)
