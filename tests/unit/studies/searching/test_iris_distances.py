"""The distribution of Hamming distances between different irises, on simulated codes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from studies.searching.iris_distances import TURNS, counts, lines, main
from tests.unit.services.iris.codes import random_stack


def test_only_different_eyes_are_compared_at_every_turn() -> None:
    """Three irises of two eyes are two pairs, whose counts at seven rotations equal those of plain numpy."""
    stack = random_stack(1, 3, 0.5)
    differing, compared = counts(stack.codes, stack.masks, np.array([0, 0, 1]))
    first = np.roll(stack.codes[0], TURNS[0]), np.roll(stack.masks[0], TURNS[0])
    common = first[1] & stack.masks[2]

    assert (2 * len(TURNS),) == differing.shape
    assert np.bitwise_count(common).sum() == compared[0]
    assert np.bitwise_count((first[0] ^ stack.codes[2]) & common).sum() == differing[0]


def test_fair_coins_have_as_many_degrees_of_freedom_as_bits() -> None:
    """Distances of 3,500 independent bits have mean 0.5, spread 0.5 / √3500 and 3,500 degrees of freedom."""
    differing = np.random.default_rng(1).binomial(3500, 0.5, 20_000).astype(np.int64)
    row = lines(differing, np.full(20_000, 3500))[2].split(" | ")
    mean, spread, scaled, free = (float(cell.strip(" |")) for cell in row[2:])

    assert ["| 3000–3999", "20000"] == row[:2]
    assert pytest.approx([0.5, 0.5 / 3500**0.5, 0.5], abs=0.01) == [mean, spread, scaled]
    assert pytest.approx(3500, rel=0.05) == free


def test_few_comparisons_make_no_line() -> None:
    """A range of compared bits with 99 comparisons is left out."""
    assert 2 == len(lines(np.full(99, 1700), np.full(99, 3500)))


def test_another_folder_is_refused(tmp_path: Path) -> None:
    """A folder that `biofusion evaluate` did not write is refused."""
    result = CliRunner().invoke(main, [str(tmp_path)])

    assert 0 != result.exit_code
    assert "samples.csv" in result.output
