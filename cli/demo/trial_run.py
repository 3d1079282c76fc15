"""The demo on people built from a directory: what it prints, and whether the trial holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cli.demo import research_sets
from cli.demo.cohort import Cohort
from cli.demo.confusion_table import confusion_table, median_s, p95_s, rows_of
from cli.demo.person_folders import read_folders
from cli.demo.trial import Observation, Result, Trial, hold
from cli.output.output import console, print_json, progress_bar
from cli.stubs import FusionStubs


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
    return {
        "note": cohort.note,
        "enrolledCount": trial.enrolled_count,
        "referenceCount": trial.reference_count,
        "failedReferences": trial.failed_references,
        "probeSamples": _probe_failures(trial)[1],
        "failedProbeSamples": _probe_failures(trial)[0],
        "medianSeconds": median_s(trial.observations),
        "p95Seconds": p95_s(trial.observations),
        "subsets": rows_of(trial),
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
        f"Time per request with images, one at a time: median {1000 * median_s(trial.observations):.0f} ms, "
        f"p95 {1000 * p95_s(trial.observations):.0f} ms, {len(trial.observations)} requests."
    )
    out.print(
        "As expected: everybody known is named with all modalities, and no stranger is a MATCH."
        if held(trial.observations)
        else "NOT as expected: somebody known is not named with all modalities, or a stranger is a MATCH."
    )


def _probe_failures(trial: Trial) -> tuple[int, int]:
    """Number of unusable samples and of all samples; each counts once, in the request of its modality alone."""
    single = [each for each in trial.observations if len(each.subset) == 1]
    return sum(each.failure_count for each in single), sum(each.sample_count for each in single)
