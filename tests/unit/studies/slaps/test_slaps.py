"""Drawing slaps at random, and judging what was found in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from formats.contents import Slap
from infra.images.decode import decode
from studies.slaps.drawing import REFUSED, SITUATIONS, Gray, draw
from studies.slaps.judging import RIGHT, WRONG, judge


@pytest.fixture(scope="module")
def prints(load_asset: Callable[[str], bytes]) -> dict[str, list[Gray]]:
    """The demo fingers, as if of four fingers."""
    grays = [decode(load_asset(f"finger-{number}")).gray for number in (1, 2, 3, 3)]
    return {str(number): [gray] for number, gray in enumerate(grays)}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_situation_states_what_it_says(prints: dict[str, list[Gray]], situation: str) -> None:
    """A slap has as many tips as fingers that are there, and no truth if it must be refused."""
    drawn = draw(prints, situation, np.random.default_rng(3))
    assert (situation in REFUSED) == (not drawn.truth)
    assert len(drawn.files) == len(drawn.made.maps)
    assert ("not stated" in situation and "hand" in situation) == (drawn.slap is Slap.UNKNOWN_FOUR)
    assert (situation in {"one missing, stated", "another one stated missing"}) == bool(drawn.missing)


def test_a_slap_that_is_not_refused_though_it_must_be_is_wrong(prints: dict[str, list[Gray]]) -> None:
    """The same slap is right with its truth and wrong without one."""
    drawn = draw(prints, "two thumbs", np.random.default_rng(3))
    assert RIGHT == judge(drawn)[0]
    assert WRONG == judge(replace(drawn, truth=()))[0]
