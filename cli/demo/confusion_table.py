"""The results of a trial by subset of the modalities: who was named, who was not, and how long it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

import numpy as np
from rich.table import Table

from cli.demo.trial import Observation, Result, Subset, Trial, subsets

KNOWN_COLUMNS = tuple(Result)
STRANGER_COLUMNS = tuple(each for each in Result if each is not Result.WRONG)


def confusion_table(trial: Trial) -> Table:
    """A table with one row per subset: the results of known people and of strangers."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("\nmodalities", no_wrap=True)
    for who, results in (("known", KNOWN_COLUMNS), ("strangers", STRANGER_COLUMNS)):
        table.add_column(f"{who}\nn", justify="right", no_wrap=True)
        for result in results:
            table.add_column(f"\n{_NAMES.get(result, result.value)}", justify="right", no_wrap=True)
    for name in ("median", "p95"):
        table.add_column(f"ms\n{name}", justify="right", no_wrap=True)
    for subset in subsets():
        if of_subset := _of(trial, subset):
            table.add_row(_name(subset), *_cells(of_subset))
    return table


_NAMES = {Result.NOT_ACQUIRED: "FTA", Result.WRONG: "wrong"}


def _cells(observations: Sequence[Observation]) -> list[str]:
    cells: list[str] = []
    for known, results in ((True, KNOWN_COLUMNS), (False, STRANGER_COLUMNS)):
        counts = _counts(observations, known=known)
        cells += [str(counts.total()), *(str(counts[result]) for result in results)]
    return [*cells, f"{1000 * median_s(observations):.0f}", f"{1000 * p95_s(observations):.0f}"]


def rows_of(trial: Trial) -> list[dict[str, object]]:
    """The rows of the table as JSON values."""
    return [_fields(subset, of_subset) for subset in subsets() if (of_subset := _of(trial, subset))]


def _fields(subset: Subset, observations: Sequence[Observation]) -> dict[str, object]:
    return {
        "modalities": list(subset),
        "known": {result.value: _counts(observations, known=True)[result] for result in KNOWN_COLUMNS},
        "strangers": {result.value: _counts(observations, known=False)[result] for result in STRANGER_COLUMNS},
        "medianSeconds": median_s(observations),
        "p95Seconds": p95_s(observations),
    }


def _counts(observations: Sequence[Observation], *, known: bool) -> Counter[Result]:
    return Counter(each.result for each in observations if each.known is known)


def _of(trial: Trial, subset: Subset) -> list[Observation]:
    return [each for each in trial.observations if each.subset == subset]


def _name(subset: Subset) -> str:
    return " ".join(each.lower() for each in subset)


def median_s(observations: Sequence[Observation]) -> float:
    """Median time of a request, in seconds; 0 without requests."""
    return median(each.seconds for each in observations) if observations else 0.0


def p95_s(observations: Sequence[Observation]) -> float:
    """95th percentile of the time of a request, in seconds; 0 without requests."""
    return float(np.percentile([each.seconds for each in observations], 95)) if observations else 0.0
