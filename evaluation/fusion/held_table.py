"""The printed table of held-out test sets: TAR, Cllr and observed FMR, a row for each, with mean and worst."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evaluation.fusion.measures import FMRS, Measures
from evaluation.report.page.tables import Table

NOTE = (
    "Each row is measured on subjects its model was not fitted on. TAR: share of mated comparisons accepted at the "
    "threshold with this share of non-mated ones accepted. Observed: share of non-mated comparisons accepted where the "
    "model claims this FMR."
)


def held_table(measures: Sequence[Measures]) -> Table:
    """One row per test set, and mean and worst of several."""
    names = list(measures[0].tar)
    lowest = len(FMRS) - 1
    header = ["test set", *(f"TAR at {FMRS[lowest]:g}\n{name}" for name in names), "Cllr / min"]
    header += [f"observed\nat {rate:g}" for rate in FMRS[1:]]
    rows = [_row(str(place), each) for place, each in enumerate(measures, 1)]
    if len(measures) > 1:
        rows += [_over(measures, "mean", np.mean), _over(measures, "worst", np.min)]
    return Table("Held-out test sets", NOTE, header, rows)


def _row(name: str, each: Measures) -> list[str]:
    tar = [_percent(values[-1]) for values in each.tar.values()]
    observed = [f"{rate:.2e}" for rate in each.observed[1:]]
    return [name, *tar, f"{each.cllr:.4f} / {each.min_cllr:.4f}", *observed]


def _over(measures: Sequence[Measures], name: str, of: Any) -> list[str]:
    columns = [[each.tar[key][-1] for each in measures] for key in measures[0].tar]
    tar = [_percent(None if None in values else float(of(values))) for values in columns]
    if name == "worst":
        return [name, *tar, "", *(f"{max(each.observed[k] for each in measures):.2e}" for k in (1, 2))]
    loss = " / ".join(f"{np.mean([getattr(each, key) for each in measures]):.4f}" for key in ("cllr", "min_cllr"))
    return [name, *tar, loss, *(f"{np.mean([each.observed[k] for each in measures]):.2e}" for k in (1, 2))]


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{100 * rate:.2f} %"


def worst_and_mean(measures: Sequence[Measures]) -> dict[str, Any]:
    """Worst and mean TAR over the test sets by name and FMR, and the mean observed FMR at each claimed FMR."""
    tar = {}
    for name in measures[0].tar:
        by_rate = {f"{rate:g}": [each.tar[name][place] for each in measures] for place, rate in enumerate(FMRS)}
        tar[name] = {rate: _two(values) for rate, values in by_rate.items()}
    observed = {f"{rate:g}": float(np.mean([each.observed[k] for each in measures])) for k, rate in enumerate(FMRS)}
    losses = {key: float(np.mean([getattr(each, key) for each in measures])) for key in ("cllr", "min_cllr")}
    return {"tar": tar, "observed_fmr": observed, **losses}


def _two(values: Sequence[float | None]) -> dict[str, float] | None:
    known = [value for value in values if value is not None]
    return {"mean": float(np.mean(known)), "worst": float(np.min(known))} if len(known) == len(values) else None
