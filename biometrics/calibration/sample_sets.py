"""What samples say in every set of them: the sums behind `dependence.of_samples`, and who counts as one witness."""

from __future__ import annotations

from functools import lru_cache
from math import comb, log

import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.curves import Floats

MOST_WITNESSES = 10
"""Samples of one position that are told apart, at the most: of more the most alike are taken as one."""


def log10_sum(exponents: Floats) -> Floats:
    """log10 of the sum of the powers of ten along the last axis; not all are -inf."""
    top = exponents.max(axis=-1, keepdims=True)
    powers = (exponents - top) * log(10.0)
    sums = np.exp(powers, out=powers).sum(axis=-1)  # `exp` takes a tenth of the time of `10 ** …`
    return np.asarray(top[..., 0] + np.log10(sums))


def witnesses_of(llrs: Floats, rhos: Floats, members: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The LLRs of witnesses, each of some samples, shape (…, m), and how much they repeat each other, (m, m)."""
    witnesses = np.stack([_mean(llrs[..., each]) for each in members], axis=-1)
    rows = np.stack([rhos[each].max(axis=0) for each in members])
    between = np.stack([rows[:, each].max(axis=1) for each in members], axis=1)
    np.fill_diagonal(between, 1.0)
    return witnesses, between


def mean_over_sets(llrs: Floats, rhos: Floats) -> Floats:
    """What each of m witnesses adds, shape (…, m): steps 1 to 3 of `of_samples`."""
    inside, sizes, _ = _sets(len(rhos))
    counts, chances = counted(rhos)
    said = llrs @ counts.T - chances
    top = said.max(axis=-1, keepdims=True)
    weights = 10.0 ** (said - top)
    total = top[..., 0] + np.log10(weights.sum(axis=-1))
    weights /= weights.sum(axis=-1, keepdims=True)
    own = llrs * (weights @ counts)
    charge = total - own.sum(axis=-1)
    return np.asarray(own + charge[..., None] * (weights @ (inside / sizes[:, None])))


def counted(rhos: Floats) -> tuple[Floats, Floats]:
    """How much each set of m witnesses counts each, shape (sets, m), and log10 of its chances, shape (sets,)."""
    inside, sizes, chances = _sets(len(rhos))
    return inside * (sizes / ((inside @ rhos) * inside).sum(axis=1))[:, None], chances


@lru_cache(MOST_WITNESSES)
def _sets(count: int) -> tuple[Floats, Floats, Floats]:
    """Every set of `count` witnesses: who is in it (sets, count), its size, log10 of the chances it is one of."""
    inside = (np.arange(1, 2**count)[:, None] >> np.arange(count) & 1).astype(np.float64)
    sizes = inside.sum(axis=1)
    return inside, sizes, np.log10([count * comb(count, int(size)) for size in sizes])


def told_apart(tied: Floats) -> NDArray[np.int64]:
    """The number of each sample's witness, from 0: one for all that repeat each other, or, of over ten, most alike."""
    for rho in (1.0, *np.sort(tied[np.triu_indices(len(tied), 1)])[::-1]):
        group = _groups(tied >= rho)
        if group.max() < MOST_WITNESSES:
            break
    return group


def _mean(llrs: Floats) -> Floats:
    """log10 of the mean LR along the last axis."""
    top = llrs.max(axis=-1, keepdims=True)
    return np.asarray(top[..., 0] + np.log10(np.mean(10.0 ** (llrs - top), axis=-1)))


def shares(llrs: Floats, members: NDArray[np.bool_]) -> Floats:
    """Of each sample its share of the likelihood ratios of its witness, 0–1; shape as `llrs`."""
    own = np.empty_like(llrs)
    for each in members:
        ratios = 10.0 ** (llrs[..., each] - llrs[..., each].max(axis=-1, keepdims=True))
        own[..., each] = ratios / ratios.sum(axis=-1, keepdims=True)
    return own


def _groups(linked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """A number from 0 for each row: equal for rows that links connect."""
    reached = linked | np.eye(len(linked), dtype=np.bool_)
    for _ in range(len(linked).bit_length()):
        reached = reached @ reached
    return np.unique(reached.argmax(axis=1), return_inverse=True)[1].astype(np.int64)
