"""Slaps composed of the three demo fingers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from infra.images.decode import Image
from rendering.slaps import RIGHT_TIPS, MadeSlap, Plan, compose

Composer = Callable[..., MadeSlap]
PLAN = Plan(tips=RIGHT_TIPS, gaps_px=(12, 12, 12))


@pytest.fixture(scope="session")
def composed(fingers: list[Image]) -> Composer:
    """Composes a slap of a right hand, with changes to its plan; the fingers are demo fingers 1, 3, 2, 3."""

    def compose_slap(**changes: object) -> MadeSlap:
        plan = replace(PLAN, **changes)  # type: ignore[arg-type]  # the names are those of the plan
        prints = [fingers[number].gray for number in (0, 2, 1, 2)][: len(plan.tips)]
        return compose(prints, plan, np.random.default_rng(0))

    return compose_slap
