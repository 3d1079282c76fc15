"""Scores in the form that `python -m evaluation.calibrate` reads: a folder of each set."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from evaluation.data.pairs_csv import Pairs
from evaluation.data.scores import write_scores
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.template.features import pack
from services.fingerprint.template.foreign import from_content
from studies.foreign_minutiae.rates import compared
from studies.foreign_minutiae.sets import FvcSet

COMPARATOR_ID = "fingerprint-elastic-2-foreign"


def write_folder(folder: Path, fvc: FvcSet, comparator: FingerprintComparator) -> None:
    """Write the comparisons in which one or both templates are the vendor's, the stretch undone.

    Qualities are left empty: the records state none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    theirs = [pack(from_content(each)) for each in fvc.undistorted]
    count = len(theirs)
    both, mixed = compared(comparator, theirs, theirs, fvc.fingers), compared(comparator, theirs, fvc.ours, fvc.fingers)
    first, second = np.triu_indices(count, 1)
    probe, reference = np.nonzero(~np.eye(count, dtype=bool))
    pairs = Pairs(
        np.append(first, probe).astype(np.int32),
        np.append(second, reference + count).astype(np.int32),
        np.append(both.mated, mixed.mated),
    )
    names = [f"{form}/{name}" for form in ("theirs", "ours") for name in fvc.names]
    scores = np.append(both.scores, mixed.scores).astype(np.float32)
    write_scores(folder / "scores.csv.gz", names, pairs, {COMPARATOR_ID: scores}, lambda _done, _total: None)
    with (folder / "samples.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("path", "subject", "position", "quality", "failure"))
        writer.writerows((name, int(fvc.fingers[row % count]), "UNKNOWN", "", "") for row, name in enumerate(names))
