"""Tables by pattern of scores present: the rows it was calibrated on, and the observed against the claimed FMR."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.score_fusion.mixture import patterns
from evaluation.fusion.measures import FMRS
from evaluation.fusion.pattern_names import described
from evaluation.fusion.tested import Tested
from evaluation.report.page.tables import Table

MOST_LINES = 40
CARRIED = (
    "Comparisons that have at least these scores, and how many independent ones the non-mated ones are worth, as they "
    "share people. Other sets of scores are answered by the part of them, of these, that has the lowest Cllr."
)
CLAIMED = (
    "Test rows by the scores they have. Observed: share of the non-mated ones that are accepted where this FMR is "
    "claimed; a dash: no row claims it."
)


def carried_table(model: ScoreFusion) -> Table:
    """One row per pattern of a model, at most the 40 with most non-mated rows."""
    often = sorted(model.patterns, key=lambda each: (-model.patterns[each].counts.non_mated, each))[:MOST_LINES]
    header = ["scores", "mated", "non-mated", "worth", "people", "lowest FMR", "highest LLR", "Cllr"]
    return Table("What the data carries", CARRIED, header, [_carried(model, pattern) for pattern in often])


def _carried(model: ScoreFusion, pattern: int) -> list[str]:
    by = model.patterns[pattern]
    counts = by.counts
    rows = [f"{each:,.0f}" for each in (counts.mated, counts.non_mated, counts.non_mated_effective, counts.people)]
    return [described(model.comparators, pattern), *rows, f"{by.lowest_fmr:.1e}", f"{by.llr_max:.2f}", f"{by.cllr:.4f}"]


def claimed_table(tested: Tested) -> Table:
    """One row per pattern of test rows, at most the 40 with most rows."""
    found = [each for each in patterns(~np.isnan(tested.single_llr)) if each[0]]
    often = sorted(found, key=lambda each: (-each[1].size, each[0]))[:MOST_LINES]
    header = ["scores", "mated", "non-mated", "lowest\nclaimed", *(f"observed\nat {rate:g}" for rate in FMRS)]
    lines = [[described(tested.table.comparators, pattern), *_claimed(tested, rows)] for pattern, rows in often]
    return Table("By the scores that are there", CLAIMED, header, lines)


def _claimed(tested: Tested, rows: NDArray[np.int64]) -> Iterator[str]:
    mated, fmr = tested.table.mated[rows], tested.fmr[rows].astype(np.float64)
    yield from (f"{np.count_nonzero(mated):,}", f"{np.count_nonzero(~mated):,}", f"{fmr.min():.1e}")
    for rate in FMRS:
        is_told = fmr.min() <= rate and not mated.all()
        yield f"{(fmr[~mated] <= rate).mean():.2e}" if is_told else "–"
