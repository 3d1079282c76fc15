from __future__ import annotations

from biometrics.template import Modality
from cli.demo.cohort import Cohort
from cli.demo.trial import Observation, Result, Subset, Trial, subsets
from cli.demo.trial_run import held, to_fields

ALL = tuple(Modality)


def observed(
    result: Result, *, known: bool, subset: Subset = ALL, seconds: float = 0.1, failed: int = 0
) -> Observation:
    """An identification with one sample per modality."""
    return Observation(subset, subset == ALL, known, result, seconds, len(subset), failed)


def test_every_non_empty_subset_of_the_modalities_is_tried() -> None:
    """There are 7 subsets, all modalities first."""
    assert len(set(subsets())) == 7
    assert subsets()[0] == ALL


def test_the_trial_holds_when_all_known_are_named_and_no_stranger_is() -> None:
    """REVIEW names a known person; strangers may be REVIEW, and known people may be missed with fewer modalities."""
    observations = [
        observed(Result.MATCH, known=True),
        observed(Result.REVIEW, known=True),
        observed(Result.NO_MATCH, known=True, subset=(Modality.FACE,)),
        observed(Result.REVIEW, known=False),
    ]

    assert held(observations)


def test_the_trial_does_not_hold_when_somebody_known_is_missed_or_mistaken_with_all_modalities() -> None:
    """With all modalities, each of NO_MATCH, WRONG and NOT_ACQUIRED of a known person fails the trial."""
    missed = (Result.NO_MATCH, Result.WRONG, Result.NOT_ACQUIRED)

    assert [False] * 3 == [held([observed(result, known=True)]) for result in missed]


def test_the_trial_does_not_hold_when_a_stranger_matches_with_any_subset() -> None:
    """One stranger who is a MATCH with any subset fails the trial."""
    assert not held([observed(Result.MATCH, known=False, subset=(Modality.IRIS,))])


def test_the_trial_is_counted_per_subset() -> None:
    """Results of known people and strangers, sample failures (each once) and times are counted by subset."""
    observations = (
        observed(Result.MATCH, known=True, seconds=0.1),
        observed(Result.NO_MATCH, known=False, seconds=0.3),
        observed(Result.NOT_ACQUIRED, known=True, subset=(Modality.FACE,), seconds=0.2, failed=1),
        observed(Result.MATCH, known=True, subset=(Modality.IRIS,), seconds=0.2),
    )

    fields = to_fields(Cohort((), (), "note"), Trial(observations, 1, 3, ("p1 FACE FACE: FACE_NOT_FOUND",)))

    rows = fields["subsets"]
    assert isinstance(rows, list)
    everything, face, iris = rows
    assert everything["modalities"] == ["FACE", "FINGERPRINT", "IRIS"]
    assert everything["known"] == {"MATCH": 1, "REVIEW": 0, "NO_MATCH": 0, "WRONG": 0, "NOT_ACQUIRED": 0}
    assert everything["strangers"] == {"MATCH": 0, "REVIEW": 0, "NO_MATCH": 1, "NOT_ACQUIRED": 0}
    assert everything["medianSeconds"] == 0.2
    assert face["known"]["NOT_ACQUIRED"] == 1
    assert iris["known"]["MATCH"] == 1
    assert (1, 2) == (fields["failedProbeSamples"], fields["probeSamples"])
    assert fields["asExpected"] is True
