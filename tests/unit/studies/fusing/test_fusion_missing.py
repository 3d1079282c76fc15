"""The cost of a comparator that is missing in half of the rows."""

from __future__ import annotations

import numpy as np

from evaluation.made_up_scores import made_up_scores
from evaluation.protocol.splits import random_halves
from studies.fusing.fusion_missing import by_models, run, without_half


def test_half_is_left_out() -> None:
    """About half of one column is missing, and nothing else."""
    table = made_up_scores(60)
    gone = np.isnan(without_half(table, 2, 1).scores)
    assert 0.45 < gone[:, 2].mean() < 0.55
    assert not gone[:, [0, 1, 3]].any()


def test_one_model_is_close_to_two() -> None:
    """One model for all rows gives about the LLRs of two models that were fitted to complete and to partial scores."""
    table = made_up_scores(150)
    (split,) = random_halves(table, 1)
    both = by_models(table, without_half(table, 3, 1), split, 3)
    assert np.corrcoef(both["one model"], both["two models"])[0, 1] > 0.95


def test_every_comparator_has_its_line() -> None:
    """The table has one line per comparator, with the difference in TAR."""
    said: list[str] = []
    run(made_up_scores(120), 1, 1, said.append)
    assert ["face-a", "face-b", "finger-left", "finger-right"] == [
        line.split(" | ")[0].strip("| ") for line in said[1:]
    ]
