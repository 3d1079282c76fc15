"""The figures of a model on rows that it was not fitted on: TAR, Cllr, observed FMR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.cllr import cllr, min_cllr
from evaluation.metrics.verification import Floats, fnmr_at_fmr

FMRS = (1e-2, 1e-3, 1e-4)


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures of one test set.

    Args:
        tar: true accept rate (1 − FNMR, 0–1) by name and FMR; None where there are too few non-mated comparisons for
            that FMR. A mated row without a score is not accepted.
        cllr: Cllr of the fused LLR, in bits.
        min_cllr: minCllr of the fused LLR, in bits.
        observed: share of non-mated rows that are accepted at each claimed FMR.
        accepted: share of mated rows that are accepted at each claimed FMR.
        mated_count: mated rows.
        non_mated_count: non-mated rows that were compared.
    """

    tar: Mapping[str, Sequence[float | None]]
    cllr: float
    min_cllr: float
    observed: tuple[float, ...]
    accepted: tuple[float, ...]
    mated_count: int
    non_mated_count: int


def measure(
    columns: Mapping[str, NDArray[np.floating]], llr: Floats, fmr: Floats, mated: NDArray[np.bool_]
) -> Measures:
    """Measure one test set.

    Args:
        columns: by name, the scores whose TAR is measured, shape (n,), NaN where missing.
        llr: fused log10 LR, shape (n,).
        fmr: FMR claimed at that LLR, 0–1, 1 where nothing was compared, shape (n,).
        mated: bool, shape (n,).
    """
    return Measures(
        {name: [_tar(column, mated, rate) for rate in FMRS] for name, column in columns.items()},
        cllr(llr[mated], llr[~mated]),
        min_cllr(llr[mated], llr[~mated]),
        tuple(float((fmr[~mated] <= rate).mean()) for rate in FMRS),
        tuple(float((fmr[mated] <= rate).mean()) for rate in FMRS),
        int(np.count_nonzero(mated)),
        int(np.count_nonzero(~mated)),
    )


def _tar(column: NDArray[np.floating], mated: NDArray[np.bool_], rate: float) -> float | None:
    made = ~np.isnan(column)
    mated_scores, non_mated_scores = np.where(made, column, -np.inf)[mated], column[made & ~mated]
    fnmr = fnmr_at_fmr(mated_scores, non_mated_scores, rate) if non_mated_scores.size and mated_scores.size else None
    return None if fnmr is None else 1.0 - fnmr
