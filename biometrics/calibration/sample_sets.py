"""Groups of samples that count as one, and the joint LLR over all sets of groups (`dependence.of_samples`)."""

from __future__ import annotations

from functools import lru_cache
from math import comb, log

import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.curves import Floats

MOST_GROUPS = 10
"""Most groups of samples of one position; if there are more, the most alike are merged."""


def log10_sum(exponents: Floats) -> Floats:
    """log10 of Σ 10^exponent along the last axis, without overflow; not all exponents may be -inf."""
    top = exponents.max(axis=-1, keepdims=True)
    powers = (exponents - top) * log(10.0)
    sums = np.exp(powers, out=powers).sum(axis=-1)  # `exp` takes a tenth of the time of `10 ** …`
    return np.asarray(top[..., 0] + np.log10(sums))


def merged_groups(llrs: Floats, rhos: Floats, members: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Mean LR (log10) of each of m groups of samples, shape (…, m), and the groups' correlations, shape (m, m).

    Two groups correlate as their two most alike samples do.
    """
    groups = np.stack([_mean(llrs[..., each]) for each in members], axis=-1)
    rows = np.stack([rhos[each].max(axis=0) for each in members])
    between = np.stack([rows[:, each].max(axis=1) for each in members], axis=1)
    np.fill_diagonal(between, 1.0)
    return groups, between


def shares_over_sets(llrs: Floats, rhos: Floats) -> Floats:
    """Share of each of m groups in the joint LLR, shape (…, m): steps 1 to 3 of `of_samples`."""
    inside, sizes, _ = _sets(len(rhos))
    factors, charges = set_factors(rhos)
    llr_of_set = llrs @ factors.T - charges
    top = llr_of_set.max(axis=-1, keepdims=True)
    weights = 10.0 ** (llr_of_set - top)
    total = top[..., 0] + np.log10(weights.sum(axis=-1))
    weights /= weights.sum(axis=-1, keepdims=True)
    own = llrs * (weights @ factors)
    charge = total - own.sum(axis=-1)
    return np.asarray(own + charge[..., None] * (weights @ (inside / sizes[:, None])))


def set_factors(rhos: Floats) -> tuple[Floats, Floats]:
    """Factor of each group's LLR in each set of groups, shape (sets, m), and the set's log10 charge, shape (sets,)."""
    inside, sizes, charges = _sets(len(rhos))
    return inside * (sizes / ((inside @ rhos) * inside).sum(axis=1))[:, None], charges


@lru_cache(MOST_GROUPS)
def _sets(count: int) -> tuple[Floats, Floats, Floats]:
    """All non-empty sets of `count` groups.

    Returns:
        Membership 0 or 1, shape (sets, count); size, shape (sets,); log10 of 1 / weight of the set in the mean.
    """
    inside = (np.arange(1, 2**count)[:, None] >> np.arange(count) & 1).astype(np.float64)
    sizes = inside.sum(axis=1)
    return inside, sizes, np.log10([count * comb(count, int(size)) for size in sizes])


def group_numbers(correlations: Floats) -> NDArray[np.int64]:
    """Group number of each sample, from 0: samples of rho 1 share a group; if over ten are left, the most alike do."""
    for rho in (1.0, *np.sort(correlations[np.triu_indices(len(correlations), 1)])[::-1]):
        group = _groups(correlations >= rho)
        if group.max() < MOST_GROUPS:
            break
    return group


def _mean(llrs: Floats) -> Floats:
    """log10 of the mean LR along the last axis."""
    top = llrs.max(axis=-1, keepdims=True)
    return np.asarray(top[..., 0] + np.log10(np.mean(10.0 ** (llrs - top), axis=-1)))


def shares(llrs: Floats, members: NDArray[np.bool_]) -> Floats:
    """Share of each sample in the sum of the likelihood ratios of its group, 0–1; shape as `llrs`."""
    own = np.empty_like(llrs)
    for each in members:
        ratios = 10.0 ** (llrs[..., each] - llrs[..., each].max(axis=-1, keepdims=True))
        own[..., each] = ratios / ratios.sum(axis=-1, keepdims=True)
    return own


def _groups(linked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Connected components of a graph: a number from 0 for each row, equal where links connect the rows."""
    reached = linked | np.eye(len(linked), dtype=np.bool_)
    for _ in range(len(linked).bit_length()):
        reached = reached @ reached
    return np.unique(reached.argmax(axis=1), return_inverse=True)[1].astype(np.int64)
