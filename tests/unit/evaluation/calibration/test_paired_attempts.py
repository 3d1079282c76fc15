"""Attempts with samples of two positions, and measuring their dependence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from biometrics.template import Modality
from evaluation.calibration.paired_attempts import Attempts, Images, two_positions
from evaluation.data.pairs_csv import Pairs
from evaluation.data.scores import write_scores
from evaluation.dependence import by_rho, correlation, fitted_rho, losses, main
from infra.calibrations import read_dependence

EYES = ("LEFT_EYE", "RIGHT_EYE")


def numbered(subjects: list[int], positions: list[str]) -> Images:
    """Images whose LLR identifies the pair compared: 100 · probe + reference."""
    count = len(subjects)
    llrs = 100.0 * np.arange(count)[:, None] + np.arange(count)
    return Images(np.asarray(subjects), np.asarray(positions), llrs)


def test_both_eyes_meet_two_positions() -> None:
    """Left eyes are compared with left eyes and right with right; people with one eye are left out."""
    found = two_positions(numbered([0, 0, 0, 0, 1, 1, 2], [*EYES, *EYES, *EYES, EYES[0]]))

    assert [[2.0, 103.0], [4.0, 105.0]] == found.llrs[:2].tolist()
    assert [True, False] == found.mated[:2].tolist()
    assert (6, 2) == found.llrs.shape


def test_every_two_fingers_meet_the_same_two() -> None:
    """Three fingers make three pairs of positions; a person with two of them has attempts in one."""
    images = numbered([0, 0, 0, 1, 1], ["RIGHT_INDEX", "RIGHT_RING", "RIGHT_THUMB", "RIGHT_RING", "RIGHT_THUMB"])
    found = two_positions(images)

    assert [[103.0, 204.0], [301.0, 402.0]] == found.llrs.tolist()
    assert not found.mated.any()


def test_what_was_not_compared_is_left_out() -> None:
    """An image without a template is in no attempt."""
    images = numbered([0, 0, 1, 1, 2, 2], [*EYES, *EYES, *EYES])
    images.llrs[:, 3] = np.nan

    assert not np.isnan(two_positions(images).llrs).any()


def correlated(rho: float, seed: int = 1, shift: float = 4.0) -> Attempts:
    """Forty people whose two positions have LLRs of ± `shift` / 2 plus noise that is correlated by rho."""
    random = np.random.default_rng(seed)
    first, second = (side.ravel() for side in np.meshgrid(np.repeat(np.arange(40), 5), np.arange(40), indexing="ij"))
    mated = first == second
    common, own = random.normal(0.0, 1.0, mated.size), random.normal(0.0, 1.0, (2, mated.size))
    noise = np.sqrt(rho) * common + np.sqrt(1.0 - rho) * own
    return Attempts((shift * (mated - 0.5) + noise).T, mated, first, second)


def test_the_correlation_of_two_positions_is_measured() -> None:
    """The correlation is measured within each class; it is 0 where nothing varies."""
    attempts = correlated(0.6)

    assert 0.6 == pytest.approx(correlation(attempts, ~attempts.mated), abs=0.05)
    assert 0.0 == correlation(Attempts(np.ones((3, 2)), np.ones(3, bool), np.zeros(3), np.zeros(3)), np.ones(3, bool))


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_rho_is_the_correlation_where_no_attempt_errs(rho: float) -> None:
    """Without errors the plain sum has the lowest Cllr for any dependence, and rho is the correlation all the same."""
    attempts = correlated(rho, shift=20.0)

    assert losses(attempts, by_rho(0.0), 4)[0] <= losses(attempts, by_rho(rho), 4)[0]
    assert rho == pytest.approx(fitted_rho(attempts, 4), abs=0.151)


def evaluated(folder: Path, *positions: str) -> Path:
    """A folder as `biofusion evaluate` writes it, of twelve people with two images of each of these positions."""
    folder.mkdir()
    images = [(person, position, n) for person in range(12) for position in positions for n in range(2)]
    names = [f"{person}_{position}_{n}.png" for person, position, n in images]
    probe, reference = (side.astype(np.int32) for side in np.triu_indices(len(names), 1))
    mated = np.asarray([images[i][:2] == images[j][:2] for i, j in zip(probe, reference, strict=True)])
    scores = np.random.default_rng(1).normal(0.0, 0.5, mated.size) + 10.0 * mated
    pairs = Pairs(probe, reference, mated)
    write_scores(folder / "scores.csv.gz", names, pairs, {"iris-hamming-3": scores.astype(np.float32)}, lambda *_: None)
    rows = [f"{name},{person},{position},80.0," for name, (person, position, _) in zip(names, images, strict=True)]
    (folder / "samples.csv").write_text("\n".join(["path,subject,position,quality,failure", *rows]))
    return folder


def test_the_command_writes_what_fusion_reads(tmp_path: Path) -> None:
    """A table is printed, and the entry of the modality is added to the file, with its counts and command."""
    out = tmp_path / "dependence.json"
    command = [str(evaluated(tmp_path / "set", *EYES)), "--modality", "iris", "--folds", "2", "--out", str(out)]
    result = CliRunner().invoke(main, command)
    text = out.read_text(encoding="utf-8")

    assert 0 == result.exit_code, result.output
    assert "best, charged" in result.output
    assert 0.0 <= read_dependence(text)[Modality.IRIS].positions <= 1.0
    assert "python -m evaluation.dependence set --modality iris" in text
    assert str(tmp_path) not in text


def test_faults_are_one_sentence(tmp_path: Path) -> None:
    """A set with one eye per person, and --rho together with --out, are refused in one sentence each."""
    one = [str(evaluated(tmp_path / "one", EYES[0])), "--modality", "iris", "--folds", "2"]
    both = [str(evaluated(tmp_path / "both", *EYES)), "--modality", "iris", "--folds", "2"]
    alone = CliRunner().invoke(main, one)
    stated = CliRunner().invoke(main, [*both, "--rho", "0.5", "--out", str(tmp_path / "out.json")])

    assert (3, True) == (alone.exit_code, "two positions" in alone.output)
    assert (3, True) == (stated.exit_code, "leave --rho out" in stated.output)
    assert not (tmp_path / "out.json").exists()
