"""The demo on people built from a directory: the confusion table, failures to acquire, times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np
from rich.table import Table

from cli.demo import research_sets
from cli.demo.cohort import Cohort, read_folders
from cli.demo.trial import Observation, Result, Subset, Trial, hold, subsets
from cli.output.output import console, print_json, progress_bar
from cli.stubs import FusionStubs

KNOWN_COLUMNS = tuple(Result)
STRANGER_COLUMNS = tuple(each for each in Result if each is not Result.WRONG)


def read(data: Path) -> Cohort:
    """Read people from the research sets if they are in the folder, else from one folder per person.

    Raises:
        FieldInvalid: the folder has neither.
    """
    return research_sets.read_research_sets(data) if research_sets.present(data) else read_folders(data)


def run(stub: FusionStubs, cohort: Cohort, *, as_json: bool) -> bool:
    """Run the trial and print it.

    Returns:
        Whether all known people were named when all their modalities were sent, and no stranger was a MATCH.
    """
    with progress_bar() as progress:
        trial = hold(stub, cohort, progress)
    if as_json:
        print_json(to_fields(cohort, trial))
    else:
        _show(cohort, trial)
    return held(trial.observations)


def held(observations: Sequence[Observation]) -> bool:
    """Whether all known people were named with all their modalities, and no stranger was a MATCH with any subset."""
    named = (Result.MATCH, Result.REVIEW)
    missed = [each for each in observations if each.known and each.complete and each.result not in named]
    taken_in = [each for each in observations if not each.known and each.result is Result.MATCH]
    return not missed and not taken_in


def to_fields(cohort: Cohort, trial: Trial) -> dict[str, object]:
    """The trial as JSON values."""
    rows = [_row_fields(subset, _of(trial, subset)) for subset in subsets() if _of(trial, subset)]
    return {
        "note": cohort.note,
        "enrolledCount": trial.enrolled_count,
        "referenceCount": trial.reference_count,
        "failedReferences": trial.failed_references,
        "probeSamples": _probe_failures(trial)[1],
        "failedProbeSamples": _probe_failures(trial)[0],
        "medianSeconds": _median(trial.observations),
        "p95Seconds": _p95(trial.observations),
        "subsets": rows,
        "asExpected": held(trial.observations),
    }


def _show(cohort: Cohort, trial: Trial) -> None:
    out = console()
    out.print(cohort.note)
    out.print(f"{trial.enrolled_count} of {len(cohort.known)} people enrolled in one gallery.\n")
    out.print(confusion_table(trial))
    failures, samples = _probe_failures(trial)
    listed = f" ({'; '.join(trial.failed_references)})" if trial.failed_references else ""
    out.print("\nMATCH and REVIEW of a known person name the right person; 'wrong' names another one, NO_MATCH nobody.")
    out.print(
        f"Failures to acquire: {len(trial.failed_references)} of {trial.reference_count} references{listed}, "
        f"{failures} of {samples} probe samples. FTA in the table: no sample of the request could be used."
    )
    out.print(
        f"Time per request with images, one at a time: median {1000 * _median(trial.observations):.0f} ms, "
        f"p95 {1000 * _p95(trial.observations):.0f} ms, {len(trial.observations)} requests."
    )
    out.print(
        "As expected: everybody known is named with all modalities, and no stranger is a MATCH."
        if held(trial.observations)
        else "NOT as expected: somebody known is not named with all modalities, or a stranger is a MATCH."
    )


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
    return [*cells, f"{1000 * _median(observations):.0f}", f"{1000 * _p95(observations):.0f}"]


def _row_fields(subset: Subset, observations: Sequence[Observation]) -> dict[str, object]:
    return {
        "modalities": list(subset),
        "known": {result.value: _counts(observations, known=True)[result] for result in KNOWN_COLUMNS},
        "strangers": {result.value: _counts(observations, known=False)[result] for result in STRANGER_COLUMNS},
        "medianSeconds": _median(observations),
        "p95Seconds": _p95(observations),
    }


def _counts(observations: Sequence[Observation], *, known: bool) -> Counter[Result]:
    return Counter(each.result for each in observations if each.known is known)


def _of(trial: Trial, subset: Subset) -> list[Observation]:
    return [each for each in trial.observations if each.subset == subset]


def _name(subset: Subset) -> str:
    return " ".join(each.lower() for each in subset)


def _probe_failures(trial: Trial) -> tuple[int, int]:
    """Number of unusable samples and of all samples; each counts once, in the request of its modality alone."""
    single = [each for each in trial.observations if len(each.subset) == 1]
    return sum(each.failure_count for each in single), sum(each.sample_count for each in single)


def _median(observations: Sequence[Observation]) -> float:
    return median(each.seconds for each in observations) if observations else 0.0


def _p95(observations: Sequence[Observation]) -> float:
    return float(np.percentile([each.seconds for each in observations], 95)) if observations else 0.0
