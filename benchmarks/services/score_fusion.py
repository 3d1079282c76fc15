"""Fusing 1,000,000 rows of four scores, one thread, against one float64 `exp` per Gaussian of the model and row."""

from __future__ import annotations

import resource
import sys
from dataclasses import replace

import numpy as np

from benchmarks.harness import Row, compare
from biometrics.score_fusion.parts import Provenance
from evaluation.fusion.fit import fit_fusion
from evaluation.made_up_scores import made_up_scores

COUNT = 1_000_000
PEOPLE = 300


def measure() -> Row:
    """One fusion of all rows; the peak memory of the process is also printed."""
    table = made_up_scores(PEOPLE)
    provenance = Provenance("made up", "", "", 0, 0, 0, 5, 0.0, 0.0)
    model = fit_fusion(table, provenance, progress=lambda _done, _total: None)
    scores = np.tile(table.scores, (1 + COUNT // len(table), 1))[:COUNT]
    gaussians = sum(each.weights.size for each in (*model.mated, *model.non_mated))
    exponents = np.linspace(-30.0, 0.0, 1 << 16)

    def limit() -> None:
        for _ in range(gaussians * COUNT // exponents.size):
            np.exp(exponents)

    row = compare(
        f"fusion of {COUNT:,} rows × 4", lambda: model.fuse(scores), f"{gaussians} exp a row", limit, (0.0, "")
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"most memory of the process: {peak:,.0f} MiB", file=sys.stderr)
    return replace(row, limit_ms=row.reference_ms, limit=f"{gaussians} exp a row")
