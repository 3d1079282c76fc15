"""Gain of explicit vector instructions in counting bits: 1:N search for an eye among 100,000, one thread, two kernels.

The reference is the fastest plain numba kernel found: irises one after the other, bits counted by the CPU's popcount.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.harness import Row, compare
from benchmarks.iris.synthetic_irises import another_image, random_codes, template
from benchmarks.large_searches import loaded
from benchmarks.limits import read_bytes_per_s
from biometrics.comparison import Scores
from biometrics.template import Position, Template
from gallery.subject import DEFAULT_GALLERY
from infra.kernels.kernel import kernel
from infra.kernels.population_count import population_count
from services.iris.comparator import IrisComparator, IrisStack
from services.iris.comparison.rotations import LOG_TURN, REACH
from services.iris.screening.screening import AHEAD, GROUPS, LEAST_HALF, RARITY_WEIGHT, ROTATIONS, TURNS
from services.iris.screening.short_codes import CELL_ROWS, ShortCodes
from services.iris.template.features import CHANNELS, Words

EYES, TIMES = 20_000, 5  # number of different eyes, and of subjects that each is enrolled as
COUNT, LIMIT = EYES * TIMES, 20
BYTES_PER_EYE = 160  # half a short code and its masks, which are always read
_LESS = (-RARITY_WEIGHT * LOG_TURN[ROTATIONS + REACH]).astype(np.float32)
_TOGETHER = TURNS // GROUPS


@dataclass(frozen=True)
class RowStack(IrisStack):
    """A stack that also has the short codes in rows, one iris after the other."""

    @cached_property
    def rows(self) -> tuple[Words, Words]:
        """Codes, uint64 (irises, 32), and masks, uint64 (irises, 8)."""
        return _loose(self.short, len(self.codes))


class PlainIrises(IrisComparator):
    """A comparator that screens by the plain kernel, with the same results."""

    def stack(self, templates: Sequence[Template]) -> RowStack:
        """See IrisComparator."""
        made = super().stack(templates)
        return RowStack(made.codes, made.masks, made.short)

    def screen(self, probes: IrisStack, references: IrisStack) -> Scores:
        """See IrisComparator; takes stacks with rows."""
        assert isinstance(references, RowStack)
        scores = np.empty((len(probes.codes), len(references.codes)), np.float32)
        turned = probes.turned
        _screen_all(turned.codes[:, :, 0].copy(), turned.masks[:, :, 0].copy(), *references.rows, scores)
        return scores


def measure() -> Row:
    """One search at a time."""
    codes, masks = random_codes(EYES)
    eyes = [template(*eye) for eye in zip(codes, masks, strict=True)]
    ours, plain = (loaded(comparator, eyes, COUNT, threads=1) for comparator in (IrisComparator(), PlainIrises()))
    probe = template(*another_image(codes[0], masks[0], 4, 1))
    asked = probe, Position.UNKNOWN, DEFAULT_GALLERY, LIMIT
    assert ours.search(*asked) == plain.search(*asked)
    return compare(
        f"iris, search 1 of {COUNT:,}, vector instructions",
        lambda: ours.search(*asked),
        "plain numba kernel",
        lambda: plain.search(*asked),
        (1000 * BYTES_PER_EYE * COUNT / read_bytes_per_s(), "half of the short codes, read once"),
    )


def _loose(short: ShortCodes, count: int) -> tuple[Words, Words]:
    codes, masks = (np.ascontiguousarray(part.transpose(0, 2, 1)) for part in short)
    return codes.reshape(-1, codes.shape[-1])[:count], masks.reshape(-1, masks.shape[-1])[:count]


@kernel
def _screen_all(  # pragma: no cover  # compiled
    codes: Words, masks: Words, other_codes: Words, other_masks: Words, scores: Scores
) -> None:
    """Steps 2 to 4 of services/iris/screening/screening.py; codes and masks of the probes at all rotations."""
    halves = np.empty(GROUPS, np.float32)
    for probe in range(len(scores)):
        for iris in range(scores.shape[1]):
            code, mask, best = other_codes[iris], other_masks[iris], np.float32(-np.inf)
            for group in range(GROUPS):
                first = TURNS * probe + _TOGETHER * group
                halves[group] = _highest(codes, masks, first, code, mask, CELL_ROWS // 2)
                best = max(best, halves[group])
            for group in range(GROUPS):
                if halves[group] >= LEAST_HALF:
                    first = TURNS * probe + _TOGETHER * group
                    best = max(best, _highest(codes, masks, first, code, mask, CELL_ROWS) + np.float32(AHEAD))
            scores[probe, iris] = best


@kernel
def _highest(  # pragma: no cover  # compiled
    codes: Words, masks: Words, first: int, code: Words, mask: Words, rows: int
) -> np.float32:
    best = np.float32(-np.inf)
    for turn in range(first, first + _TOGETHER):
        best = max(best, _z(codes[turn], masks[turn], code, mask, rows) - _LESS[turn % TURNS])
    return best


@kernel
def _z(
    one: Words, mask: Words, other: Words, other_mask: Words, rows: int
) -> np.float32:  # pragma: no cover  # compiled
    differing, compared = np.uint64(0), np.uint64(0)
    for row in range(rows):
        common = mask[row] & other_mask[row]
        compared += population_count(common)
        for word in range(CHANNELS * row, CHANNELS * (row + 1)):
            differing += population_count((one[word] ^ other[word]) & common)
    balance = np.int32(np.int64(2 * compared - differing))
    z: np.float32 = np.float32(balance) / np.sqrt(np.float32(np.int32(np.int64(compared))) + np.float32(1))
    return z
