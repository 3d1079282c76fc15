"""Checking a shipped calibration on evaluated sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from click.testing import CliRunner

from evaluation.data.pairs_csv import Pairs
from evaluation.data.scores import write_scores
from studies.fusing.shipped_calibration import main

COMPARATOR = "fingerprint-signs-1"


def _folder(folder: Path, non_mated: float) -> Path:
    """One mated comparison of score 3, and 600 non-mated ones of one score."""
    folder.mkdir()
    probe, reference = np.zeros(601, np.int64), np.arange(1, 602)
    scores = np.full(601, non_mated, np.float32)
    scores[0] = 3.0
    names = [f"{number}.png" for number in range(602)]
    pairs = Pairs(probe, reference, np.arange(601) == 0)
    write_scores(folder / "scores.csv.gz", names, pairs, {COMPARATOR: scores}, lambda *_: None)
    return folder


def test_claims_are_compared_with_what_is_observed(tmp_path: Path) -> None:
    """Low non-mated scores keep all claims; scores as high as the mated one break every claim."""
    low, high = _folder(tmp_path / "low", 0.0), _folder(tmp_path / "high", 3.0)
    told = CliRunner().invoke(main, [str(low), str(high), "--comparator", COMPARATOR])
    rows = [line.split(" | ") for line in told.output.splitlines()[2:]]
    assert [["1 / 600", "0.00"], ["1 / 600", "100.00"]] == [row[2:4] for row in rows]
    assert ["0.00", "10.00"] == [row[7] for row in rows]


def test_an_unknown_comparator_is_refused(tmp_path: Path) -> None:
    """Without a shipped calibration there is nothing to check."""
    told = CliRunner().invoke(main, [str(_folder(tmp_path / "low", 0.0)), "--comparator", "no-such-1"])
    assert 3 == told.exit_code
