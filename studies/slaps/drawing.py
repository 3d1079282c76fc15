"""Draws slaps at random: which prints, which hand, how it lies, and what is stated about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from biometrics.slap import LEFT_TO_RIGHT
from biometrics.template import Position
from formats.contents import Slap
from rendering.slaps import RIGHT_TIPS, MadeSlap, Plan, compose

Gray = NDArray[np.uint8]
HANDS = (Slap.RIGHT_FOUR, Slap.LEFT_FOUR)
TIP_SD = (0.12, 0.08, 0.1, 0.2)
"""Of the depth of the tips of index to little finger, in widths of a finger."""
ABSENT_PX = 240
"""The gap that an absent finger leaves."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A slap, what is stated about it, and the truth.

    Args:
        made: the image and its labels.
        files: number of the subject and of its impression, per finger from left to right.
        truth: the positions from left to right; empty if the slap must be refused.
        slap: as stated.
        missing: as stated.
    """

    made: MadeSlap = field(repr=False)
    files: tuple[tuple[str, int], ...]
    truth: tuple[Position, ...]
    slap: Slap
    missing: tuple[Position, ...] = ()


SITUATIONS = (
    "undisturbed",
    "disturbed",
    "hand not stated",
    "one missing, stated",
    "one missing, not stated",
    "another one stated missing",
    "other hand stated",
    "upside down",
    "two thumbs",
)
REFUSED = ("one missing, not stated", "another one stated missing", "other hand stated", "upside down")
"""Situations in which no segmentation is right."""


def draw(prints: Mapping[str, Sequence[Gray]], situation: str, rng: np.random.Generator) -> Drawn:
    """Draw one slap.

    Args:
        prints: impressions of each finger of a set, 500 dpi.
        situation: one of SITUATIONS.
        rng: for everything that is drawn.
    """
    hand = Slap.TWO_THUMBS if situation == "two thumbs" else HANDS[int(rng.integers(2))]
    whole = LEFT_TO_RIGHT[hand]
    absent = int(rng.integers(len(whole))) if "missing" in situation else -1
    kept = [number for number in range(len(whole)) if number != absent]
    plan = _plan(hand, kept, rng, is_disturbed=situation == "disturbed")
    subjects = rng.choice(sorted(prints), len(kept), replace=False)
    files = tuple((str(each), int(rng.integers(len(prints[each])))) for each in subjects)
    made = compose([prints[subject][number] for subject, number in files], plan, rng)
    drawn = Drawn(made, files, tuple(whole[number] for number in kept), hand)
    return _stated(drawn, situation, whole, absent, rng)


def _stated(drawn: Drawn, situation: str, whole: tuple[Position, ...], absent: int, rng: np.random.Generator) -> Drawn:
    """What the caller states, and whether the slap must be refused."""
    if situation in REFUSED:
        drawn = replace(drawn, truth=())
    if situation == "hand not stated":
        return replace(drawn, slap=Slap.UNKNOWN_FOUR)
    if situation == "one missing, stated":
        return replace(drawn, missing=(whole[absent],))
    if situation == "another one stated missing":
        return replace(drawn, missing=(whole[(absent + int(rng.integers(1, 4))) % 4],))
    if situation == "other hand stated":
        return replace(drawn, slap=HANDS[drawn.slap is Slap.RIGHT_FOUR])
    return replace(drawn, made=_upside_down(drawn.made)) if situation == "upside down" else drawn


def _upside_down(made: MadeSlap) -> MadeSlap:
    gray, labels = (np.ascontiguousarray(each[::-1, ::-1]) for each in (made.gray, made.labels))
    return replace(made, gray=gray, labels=labels)


def _plan(hand: Slap, kept: Sequence[int], rng: np.random.Generator, *, is_disturbed: bool) -> Plan:
    """A hand turned by up to 40°, fingers 0–20 px apart; disturbed ones are up to 12 px closer, amid dirt."""
    tips = np.zeros(2) if hand is Slap.TWO_THUMBS else np.array(RIGHT_TIPS) + rng.normal(0, TIP_SD)
    tips = tips[::-1] if hand is Slap.LEFT_FOUR else tips
    apart = np.diff(kept) - 1
    gaps = rng.integers(0, 21, len(apart)) - (rng.integers(0, 13, len(apart)) if is_disturbed else 0)
    return Plan(
        tips=tuple(float(each) for each in (tips - tips.min())[list(kept)]),
        gaps_px=tuple(int(each) for each in gaps + apart * ABSENT_PX),
        degrees=float(rng.uniform(-40, 40)),
        fan_degrees=float(rng.uniform(0, 4)),
        phalanges=int(rng.integers(0, 3)),
        crease_px=int(rng.integers(8, 30)),
        ground=int(rng.integers(190, 250)),
        contrast=int(rng.integers(90, 180)),
        noise=float(rng.uniform(0, 8)),
        smudges=int(rng.integers(2, 6)) if is_disturbed else 0,
        scratches=int(rng.integers(0, 4)) if is_disturbed else 0,
    )
