from __future__ import annotations

from math import log, log10

import numpy as np
import pytest

from biometrics.comparison import ScreeningComparator
from services.iris.comparator import IrisComparator, IrisStack, stacked
from services.iris.comparison.rotations import REACH
from tests.unit.services.iris.codes import noisy, random_stack, smooth_stack, turned

COMPARATOR = IrisComparator()


def documented_evidence(differing: int, compared: int, turn: int, drift: float = 0.0) -> float:
    """The formula of comparison/rotations.py, in plain Python."""
    root = np.sqrt(compared) / 3.1
    z = max(0.0, root * (0.5 - differing / max(compared, 1)) - drift)
    variance = 1 + (0.1 * root) ** 2
    log_ratio = z**2 / 2 - (z - 0.3 * root) ** 2 / (2 * variance) - log(variance) / 2
    return float(log_ratio / log(10) + log10((np.exp(-abs(turn) / 3) + 0.01) / 1.01))


def counted(one: IrisStack, other: IrisStack, turn: int, outwards: int, columns: slice) -> tuple[int, int]:
    """Differing and compared bits of some columns, midway between both eyes, in plain numpy."""
    codes, masks = [], []
    for stack, by in ((one, turn // 2 - turn), (other, turn // 2)):
        codes.append(np.roll(stack.codes[0], by)[columns].tolist())
        masks.append(np.roll(stack.masks[0], by)[columns].tolist())
    moved = 4 * outwards
    shifted = [
        [(word << moved if moved >= 0 else word >> -moved) & (2**64 - 1) for word in words]
        for words in (codes[0], masks[0])
    ]
    common = [a & b for a, b in zip(shifted[1], masks[1], strict=True)]
    differing = [(a ^ b) & both for a, b, both in zip(shifted[0], codes[1], common, strict=True)]
    return sum(each.bit_count() for each in differing), sum(each.bit_count() for each in common)


def with_moves(one: IrisStack, other: IrisStack, turn: int) -> float:
    """The evidence with every sector in its best place, by the steps of comparison/moved_sectors.py."""
    sums = [0, 0]
    for sector in range(8):
        columns = slice(32 * sector, 32 * sector + 32)
        found = []
        for further, outwards in ((0, 0), (-1, 0), (1, 0), (-2, 0), (2, 0), (0, -1), (0, 1)):
            if abs(turn + further) <= REACH:
                differing, compared = counted(one, other, turn + further, outwards, columns)
                fee = np.sqrt(compared) if further or outwards else 0.0
                found.append((compared / 2 - differing - fee, compared, differing))
        _, compared, differing = max(found)
        sums = [sums[0] + differing, sums[1] + compared]
    return documented_evidence(sums[0], sums[1], turn, drift=1.0)


def reference_score(one: IrisStack, other: IrisStack) -> float:
    """The steps of the comparator's docstring, in plain numpy, for the first code of each stack."""

    def at(turn: int) -> float:
        return documented_evidence(*counted(one, other, turn, 0, slice(256)), turn)

    coarse = max(range(-21, 22, 3), key=at)
    best = max((coarse + step for step in (-1, 0, 1)), key=at)
    return max(at(best), with_moves(one, other, best)) if at(best) >= -0.5 else at(best)


def test_the_comparator_offers_screening() -> None:
    """It implements the port by which an index screens."""
    assert isinstance(COMPARATOR, ScreeningComparator)


def test_self_comparison_scores_high() -> None:
    """A code with itself scores far over 10, a likelihood ratio of 10^10."""
    stack = random_stack(1, 3)

    assert np.diag(COMPARATOR.compare(stack, stack)).min() > 50


def test_unrelated_codes_score_below_zero() -> None:
    """Unrelated codes are evidence for different eyes."""
    assert COMPARATOR.compare(smooth_stack(1, 30), smooth_stack(2, 30)).max() < 0


@pytest.mark.parametrize("valid", [0.01, 0.3, 1.0])
@pytest.mark.parametrize("turn", [0, 7])
def test_formula(valid: float, turn: int) -> None:
    """The compiled kernel gives the documented formula's scores, for mated and non-mated irises."""
    one, other = random_stack(3, 1, valid), random_stack(4, 1, valid)
    mate = turned(noisy(one, 0.2, 5), turn)

    for reference in (other, mate):
        assert pytest.approx(reference_score(one, reference), abs=1e-4) == COMPARATOR.compare(one, reference)[0, 0]


@pytest.mark.parametrize("turn", [0, 6])
def test_moved_sectors(turn: int) -> None:
    """Sectors that lie a column or a row aside are found by the documented steps, and score higher than unmoved."""
    one = smooth_stack(5, 1)
    code = one.codes.copy()
    code[0, 40:90] = np.roll(code, 2, axis=1)[0, 40:90]
    code[0, 130:190] <<= np.uint64(4)
    mate = turned(noisy(stacked(code, one.masks), 0.3, 6), turn)
    found = float(COMPARATOR.compare(one, mate)[0, 0])

    assert pytest.approx(reference_score(one, mate), abs=1e-3) == found
    assert found > 1 + documented_evidence(*counted(one, mate, -turn, 0, slice(256)), -turn)
    assert found == COMPARATOR.compare(mate, one)[0, 0]


def test_moves_are_symmetric() -> None:
    """Exchanging probe and reference does not change the score of irises that are near each other or smooth."""
    one, other = smooth_stack(1, 6), noisy(turned(smooth_stack(1, 6), 6), 0.36, 3)

    assert COMPARATOR.compare(one, other).max() > 0
    assert COMPARATOR.compare(one, other).T.tolist() == COMPARATOR.compare(other, one).tolist()


def test_symmetric() -> None:
    """Exchanging probe and reference does not change the score."""
    one, other = random_stack(1, 5, 0.7), random_stack(2, 4, 0.5)

    assert COMPARATOR.compare(one, other).T.tolist() == COMPARATOR.compare(other, one).tolist()


def test_turned_codes_match_at_every_rotation() -> None:
    """A code rotated by up to 22 columns (31°) is found; the more it is rotated, the lower its score."""
    stack = smooth_stack(1, 1)
    scores = [float(COMPARATOR.compare(stack, turned(stack, columns))[0, 0]) for columns in range(REACH + 1)]

    assert min(scores) > 50
    assert sorted(scores, reverse=True) == scores


def test_code_rotated_too_far_does_not_match() -> None:
    """A code of independent bits rotated by 23 columns is beyond the compared rotations."""
    stack = random_stack(1, 1)

    assert COMPARATOR.compare(stack, turned(stack, REACH + 1))[0, 0] < 0


def test_masked_bits_are_ignored() -> None:
    """Bits that one side masks do not change the score."""
    stack, mask = random_stack(1, 1), random_stack(2, 1, 0.6).masks
    masked = stacked(stack.codes, mask)
    flipped = stacked(stack.codes ^ ~mask, mask)

    assert COMPARATOR.compare(masked, stack)[0, 0] == COMPARATOR.compare(flipped, stack)[0, 0]


def test_fewer_bits_give_less_evidence() -> None:
    """The fewer bits are compared, the nearer to 0 are mated and non-mated scores."""
    one, other = noisy(random_stack(1, 1), 0.1, 9), random_stack(3, 1)
    masks = [random_stack(2, 1, valid).masks for valid in (0.02, 0.1, 0.5, 1.0)]
    for reference, sign in ((random_stack(1, 1), 1), (other, -1)):
        scores = [sign * float(COMPARATOR.compare(stacked(one.codes & m, m), reference)[0, 0]) for m in masks]
        assert sorted(scores) == scores


def test_no_overlap_gives_no_evidence() -> None:
    """Codes that share no valid bit at any rotation score 0: neither for nor against."""
    stack, left = random_stack(1, 1), np.zeros((1, 256), np.uint64)
    left[0, :15] = ~np.uint64(0)
    right = np.roll(left, 128, axis=1)

    assert 0.0 == COMPARATOR.compare(stacked(stack.codes & left, left), stacked(stack.codes & right, right))[0, 0]


def test_pairs_score_as_in_the_full_matrix() -> None:
    """`compare_pairs` gives the scores of `compare` for these pairs, in their order."""
    one, other = random_stack(1, 2), random_stack(2, 9)
    rows, columns = np.array([0, 0, 1, 1]), np.array([7, 0, 0, 3])
    pairs = COMPARATOR.compare_pairs(one, other, rows, columns)

    assert COMPARATOR.compare(one, other)[rows, columns].tolist() == pairs.tolist()
    assert (0,) == COMPARATOR.compare_pairs(one, other, rows[:0], columns[:0]).shape
