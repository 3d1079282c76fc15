"""Scores of both classes in at most a few thousand bins, so that density fits take any number of scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from biometrics.calibration.curves import Floats

RANKS = 1024
TAIL_RANKS = 64


@dataclass(frozen=True, slots=True)
class Table:
    """Scores in bins.

    Args:
        at: mean score of each bin, strictly ascending, shape (k,).
        mated: number of mated scores in each bin, shape (k,).
        non_mated: number of non-mated scores in each bin, shape (k,).
    """

    at: Floats
    mated: Floats
    non_mated: Floats

    @property
    def balanced(self) -> Floats:
        """Share of all scores in each bin if both classes were equally frequent, shape (k,); sums to 1."""
        return np.asarray(self.mated / self.mated.sum() + self.non_mated / self.non_mated.sum()) / 2.0


def tabulate(mated: Floats, non_mated: Floats) -> Table:
    """Sort scores into bins that begin at up to 1,152 ranks of each class: evenly spaced, and closer at both ends.

    Args:
        mated: mated scores, finite, at least one.
        non_mated: non-mated scores, finite, at least one.
    """
    edges = np.unique(np.concatenate((_edges(mated), _edges(non_mated))))
    places = [np.searchsorted(edges, scores, side="right") - 1 for scores in (mated, non_mated)]
    counts = np.stack([np.bincount(place, minlength=edges.size) for place in places]).astype(np.float64)
    sums = np.bincount(np.concatenate(places), np.concatenate((mated, non_mated)), edges.size)
    filled = counts.sum(axis=0) > 0
    at, first = np.unique((sums / np.maximum(counts.sum(axis=0), 1.0))[filled], return_index=True)
    merged = np.add.reduceat(counts[:, filled], first, axis=1)
    return Table(at, merged[0], merged[1])


def _edges(scores: Floats) -> Floats:
    rising = np.sort(scores)
    even = np.linspace(0, rising.size - 1, min(RANKS, rising.size)).astype(np.int64)
    tail = np.unique(np.geomspace(1, rising.size, TAIL_RANKS).astype(np.int64)) - 1
    return np.asarray(np.unique(rising[np.concatenate((even, tail, rising.size - 1 - tail))]))
