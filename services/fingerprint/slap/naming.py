"""Gives the fingers found in a slap their positions, or refuses it by name."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations
from math import exp

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed
from biometrics.slap import LEFT_TO_RIGHT
from biometrics.template import Position
from formats.contents import Slap
from services.fingerprint.slap.arc import log_likelihood

SURE = 0.99
"""The least confidence in a hand that nobody stated."""
CONTRADICTED = 0.02
"""A stated hand, or stated missing fingers, are doubted when the tips make them less likely than this."""

Named = tuple[Slap, tuple[Position, ...], float]
"""Which slap it is, the position of each finger from left to right, and the confidence in both, 0–1."""


def name(slap: Slap, missing: Collection[Position], tips: NDArray[np.float64]) -> Named:
    """Name the fingers from left to right.

    1. The fingers that can be there: those of the slap (of either hand for UNKNOWN_FOUR) without the missing ones.
    2. As many must have been found.
    3. The places of the tips (arc.py) choose the hand where it is unknown, and must not contradict what was stated:
       a slap of the other hand, or another missing finger.

    Args:
        slap: which fingers, as stated.
        missing: fingers without a print, of any hand.
        tips: float64, shape (n, 2): x and y of each end, in widths of a finger, of the upright hand.

    Raises:
        AcquisitionFailed: SLAP_FINGERS_MISSING, SLAP_TOO_MANY_FINGERS, SLAP_HAND_UNCERTAIN or SLAP_CONTRADICTED.
    """
    possible = _possible(slap, missing)
    fitting = [(each, positions) for each, positions in possible if len(positions) == len(tips)]
    if not fitting:
        raise _wrong_count(len(tips), sorted({len(positions) for _, positions in possible}))
    if slap is Slap.TWO_THUMBS or len(tips) == 1:
        return _only(fitting)
    odds = [log_likelihood(positions, *tips.T) for _, positions in fitting]
    best = int(np.argmax(odds))
    _check_stated(odds[best], len(tips), tips)
    chosen = 1 / sum(exp(min(each - odds[best], 0.0)) for each in odds)
    if chosen < SURE:
        raise _uncertain_hand()
    return (*fitting[best], chosen)


def _possible(slap: Slap, missing: Collection[Position]) -> list[tuple[Slap, tuple[Position, ...]]]:
    hands = (Slap.RIGHT_FOUR, Slap.LEFT_FOUR) if slap is Slap.UNKNOWN_FOUR else (slap,)
    return [(hand, tuple(each for each in LEFT_TO_RIGHT[hand] if each not in missing)) for hand in hands]


def _only(fitting: list[tuple[Slap, tuple[Position, ...]]]) -> Named:
    """The only fingers that fit, where heights say nothing."""
    if len(fitting) > 1:
        raise _uncertain_hand()
    return (*fitting[0], 1.0)


def _check_stated(log_density: float, count: int, tips: NDArray[np.float64]) -> None:
    """Compare with every other way to name as many fingers of one hand."""
    others = [
        log_likelihood(positions, *tips.T)
        for hand in (Slap.RIGHT_FOUR, Slap.LEFT_FOUR)
        for positions in combinations(LEFT_TO_RIGHT[hand], count)
    ]
    if exp(min(log_density - max(others), 0.0)) < CONTRADICTED:
        raise AcquisitionFailed(
            "The places of the fingertips do not fit the stated hand and missing fingers. Check which hand it is and "
            "which fingers are missing, or give the segment of each finger.",
            reason="SLAP_CONTRADICTED",
        )


def _wrong_count(found: int, expected: list[int]) -> AcquisitionFailed:
    wanted = " or ".join(map(str, expected))
    if found < expected[0]:
        return AcquisitionFailed(
            f"Only {found} fingers were found in the slap, and {wanted} are expected. State which are missing, give "
            "the segment of each finger, or capture the slap again with all fingers on the platen.",
            reason="SLAP_FINGERS_MISSING",
            found=str(found),
            expected=wanted,
        )
    return AcquisitionFailed(
        f"{found} fingers were found in the slap, and {wanted} are expected. Give the segment of each finger, or "
        "capture the slap again on a clean platen, with no other finger on it.",
        reason="SLAP_TOO_MANY_FINGERS",
        found=str(found),
        expected=wanted,
    )


def _uncertain_hand() -> AcquisitionFailed:
    return AcquisitionFailed(
        "It is uncertain which hand the slap shows. State RIGHT_FOUR or LEFT_FOUR, or give the segment of each finger.",
        reason="SLAP_HAND_UNCERTAIN",
    )
