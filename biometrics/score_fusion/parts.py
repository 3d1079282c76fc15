"""Result of a fusion model (LLR and FMR of each row), and its provenance: data, date and command of the fit, Cllr."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.score_fusion.mixture import Floats


@dataclass(frozen=True, slots=True)
class Fused:
    """Fused evidence of n rows.

    Args:
        llr: log10 LR, shape (n,); 0 where nothing was compared.
        fmr: FMR at that LLR on the validation data, shape (n,), 0–1; 1 where nothing was compared.
    """

    llr: Floats
    fmr: Floats


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a model was fitted on, how, and how well.

    Args:
        source: the data set.
        date: ISO 8601 day of the fit.
        command: the command that fitted it.
        mated_count: mated comparisons it was fitted on.
        non_mated_count: non-mated comparisons it was fitted on.
        subject_count: people they came from.
        folds: number of sets of subjects left out in turn to calibrate.
        cllr: Cllr of all scores together, in bits, on the sets left out.
        min_cllr: minCllr of the same.
    """

    source: str
    date: str
    command: str
    mated_count: int
    non_mated_count: int
    subject_count: int
    folds: int
    cllr: float
    min_cllr: float
