"""Other fusion methods beside the shipped one."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.made_up_scores import made_up_scores
from studies.fusing.fusion_methods import logistic, run, tar


def test_every_method_has_its_line() -> None:
    """The table has one line per method, with rates between 0 and 100, or – with too few non-mated comparisons."""
    said: list[str] = []
    run(made_up_scores(60), 1, 1, said.append)
    assert ["sum of LLRs", "logistic, scores", "logistic, LLRs", "one mixture", "fused"] == [
        line.split(" | ")[0].strip("| ") for line in said[1:]
    ]
    assert all(0.0 < float(line.split(" | ")[1].split(" ")[0]) <= 100.0 for line in said[1:])


def test_logistic_finds_the_direction() -> None:
    """Of two standard normal scores, one of them shifted in mated rows, the other gets no weight."""
    random = np.random.default_rng(1)
    mated = random.random(20_000) < 0.3
    x = random.standard_normal((20_000, 2)) + np.outer(mated, (1.5, 0.0))
    first, second = logistic(x, mated)
    assert (1.5, 0.0) == pytest.approx((first, second), abs=0.1)


def test_tar_is_what_is_above_the_threshold() -> None:
    """With half of the mated rows above all non-mated ones TAR is ½; 400 non-mated rows suffice for FMR 1 % only."""
    mated = np.arange(404) < 4
    scores = {"a": np.concatenate(([9.0, 9.0, -9.0, -9.0], np.linspace(0.0, 1.0, 400)))}
    rates = tar(scores, mated)["a"]
    assert 0.5 == rates[0]
    assert np.isnan(rates[1:]).all()
