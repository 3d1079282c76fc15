"""Screening of irises by their short codes."""

from __future__ import annotations

import numpy as np
import pytest

from services.iris.comparator import IrisComparator, IrisStack, stacked
from services.iris.screening.screening import AHEAD, LEAST_HALF
from services.iris.screening.short_codes import ROW_ORDER
from tests.unit.services.iris.codes import noisy, random_stack, smooth_stack, turned

COMPARATOR = IrisComparator()


def short_bits(stack: IrisStack, turn: int) -> tuple[np.ndarray, np.ndarray]:
    """The short code of the first iris by the steps of short_codes.py: bool (8 rows, 4, 64), and (8 rows, 64)."""

    def bits(words: np.ndarray) -> np.ndarray:
        loose = np.unpackbits(np.roll(words[0], -turn).view(np.uint8), bitorder="little")
        counts: np.ndarray = loose.reshape(64, 4, 8, 2, 4).astype(int).sum(axis=(1, 3))
        return counts

    ones, valid = bits(stack.codes), bits(stack.masks)
    compared = valid.sum(axis=2) >= 8
    return ((2 * ones > valid) & compared[..., None]).transpose(1, 2, 0), compared.T


def documented_score(probe: IrisStack, reference: IrisStack) -> float:
    """The steps of screening.py for the first irises."""
    z = {4: np.empty(12), 8: np.empty(12)}
    codes, masks = short_bits(reference, 0)
    for k, turn in enumerate((-18, -14, -10, -6, -3, 0, 3, 6, 10, 14, 18, 22)):
        code, mask = short_bits(probe, turn)
        rarity = -0.5 * np.log((np.exp(-abs(turn) / 3) + 0.01) / 1.01)
        for rows, of_turns in z.items():
            used = list(ROW_ORDER[:rows])
            common = (mask & masks)[used]
            n, d = int(common.sum()), int(((code ^ codes)[used] & common[:, None]).sum())
            of_turns[k] = (2 * n - d) / np.sqrt(n + 1) - rarity
    halves, wholes = (of_turns.reshape(4, 3).max(axis=1) for of_turns in z.values())
    return float(max(halves) if max(halves) < LEAST_HALF else max(wholes[halves >= LEAST_HALF]) + AHEAD)


@pytest.mark.parametrize("valid", [0.0, 0.2, 0.5, 1.0])
def test_formula(valid: float) -> None:
    """The vector instructions give the scores of the documented steps, for mated and non-mated irises."""
    probe, other = random_stack(1, 1, valid), random_stack(2, 1, valid)
    for reference in (other, noisy(turned(probe, 5), 0.3, 3), smooth_stack(4, 1)):
        assert pytest.approx(documented_score(probe, reference), abs=1e-4) == COMPARATOR.screen(probe, reference)[0, 0]


def test_opposite_codes_do_not_overflow() -> None:
    """A code and its complement, which differ in all 2,048 bits, score as documented."""
    ones = np.full((1, 256), ~np.uint64(0))
    one, opposite = stacked(ones, ones), stacked(0 * ones, ones)

    assert pytest.approx(documented_score(one, opposite), abs=0.1) == COMPARATOR.screen(one, opposite)[0, 0]
    assert pytest.approx(documented_score(one, one)) == COMPARATOR.screen(one, one)[0, 0]


@pytest.mark.parametrize("count", [1, 3, 4, 5, 9])
def test_a_score_depends_on_its_two_irises_only(count: int) -> None:
    """A reference's score does not depend on its block's other references, nor on whether the block is complete."""
    probes, references = smooth_stack(1, 2), smooth_stack(2, count)
    alone = [COMPARATOR.screen(probes, stacked(references.codes[[k]], references.masks[[k]])) for k in range(count)]

    assert np.hstack(alone).tolist() == COMPARATOR.screen(probes, references).tolist()


def test_mates_screen_higher_than_all_others() -> None:
    """Among 400 irises the rotated and noisy mates of 20 are first."""
    references = smooth_stack(1, 400)
    mates = stacked(references.codes[:20], references.masks[:20])
    probes = noisy(turned(mates, 10), 0.15, 2)

    assert list(range(20)) == COMPARATOR.screen(probes, references).argmax(axis=1).tolist()


def test_nothing_in_common_is_finite() -> None:
    """Irises that share no valid cell have a finite score, not below the lowest of random pairs."""
    stack, left = random_stack(1, 1), np.zeros((1, 256), np.uint64)
    left[0, :15] = ~np.uint64(0)
    right = np.roll(left, 128, axis=1)

    assert 0.0 == COMPARATOR.screen(stacked(stack.codes & left, left), stacked(stack.codes & right, right))[0, 0]


def test_no_irises() -> None:
    """No probes or no references give an empty matrix."""
    none, some = COMPARATOR.stack([]), random_stack(1, 3)

    assert [(0, 3), (3, 0)] == [COMPARATOR.screen(none, some).shape, COMPARATOR.screen(some, none).shape]
