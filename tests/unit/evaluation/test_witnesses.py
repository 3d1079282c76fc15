"""Attempts with several samples, and what their dependence is measured to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from biometrics.template import Modality
from evaluation.dependence import by_rho, correlation, fitted_rho, losses, main
from evaluation.formats import Pairs
from evaluation.scores import write_scores
from evaluation.witnesses import Attempts, Images, several_samples, two_positions
from infra.calibrations import read_dependence

EYES = ("LEFT_EYE", "RIGHT_EYE")


def numbered(subjects: list[int], positions: list[str]) -> Images:
    """Images whose LLR against each other says which two they are: 100 · probe + reference."""
    count = len(subjects)
    llrs = 100.0 * np.arange(count)[:, None] + np.arange(count)
    return Images(np.asarray(subjects), np.asarray(positions), llrs)


def test_samples_in_a_row_meet_every_other_image() -> None:
    """Of three images two are probes, from each on in turn; the third is mated, and nobody else's is."""
    found = several_samples(numbered([0, 0, 0, 1, 1], 5 * ["FACE"]), 2)

    assert (3 * 3 + 3, 2) == found.llrs.shape
    assert [[2.0, 102.0], [3.0, 103.0], [4.0, 104.0]] == found.llrs[:3].tolist()
    assert [True, False, False] == found.mated[:3].tolist()
    assert [0, 0, 0] == found.first[:3].tolist()
    assert [0, 1, 1] == found.second[:3].tolist()
    assert 3 == np.count_nonzero(found.mated)


def test_samples_of_another_position_are_not_mated() -> None:
    """A left eye is no right eye of the same person."""
    found = several_samples(numbered([0, 0, 0], [EYES[0], EYES[0], EYES[1]]), 2)

    assert not found.mated.any()


def test_both_eyes_meet_two_positions() -> None:
    """The left one the left one and the right one the right one; people with one eye are left out."""
    found = two_positions(numbered([0, 0, 0, 0, 1, 1, 2], [*EYES, *EYES, *EYES, EYES[0]]))

    assert [[2.0, 103.0], [4.0, 105.0]] == found.llrs[:2].tolist()
    assert [True, False] == found.mated[:2].tolist()
    assert (6, 2) == found.llrs.shape


def test_every_two_fingers_meet_the_same_two() -> None:
    """Three fingers make three pairs; a person with two of them is in one."""
    images = numbered([0, 0, 0, 1, 1], ["RIGHT_INDEX", "RIGHT_RING", "RIGHT_THUMB", "RIGHT_RING", "RIGHT_THUMB"])
    found = two_positions(images)

    assert [[103.0, 204.0], [301.0, 402.0]] == found.llrs.tolist()
    assert not found.mated.any()


def test_what_was_not_compared_is_left_out() -> None:
    """An image without a template is in no attempt."""
    images = numbered([0, 0, 0, 1], 4 * ["FACE"])
    images.llrs[:, 3] = np.nan

    assert not np.isnan(several_samples(images, 2).llrs).any()


def correlated(rho: float, seed: int = 1, shift: float = 4.0) -> Attempts:
    """Forty people whose two witnesses have LLRs of ± `shift` / 2 and noise that is correlated by rho."""
    random = np.random.default_rng(seed)
    first, second = (side.ravel() for side in np.meshgrid(np.repeat(np.arange(40), 5), np.arange(40), indexing="ij"))
    mated = first == second
    common, own = random.normal(0.0, 1.0, mated.size), random.normal(0.0, 1.0, (2, mated.size))
    noise = np.sqrt(rho) * common + np.sqrt(1.0 - rho) * own
    return Attempts((shift * (mated - 0.5) + noise).T, mated, first, second)


def test_the_correlation_of_witnesses_is_measured() -> None:
    """Within each class; none where nothing varies."""
    attempts = correlated(0.6)

    assert 0.6 == pytest.approx(correlation(attempts, ~attempts.mated), abs=0.05)
    assert 0.0 == correlation(Attempts(np.ones((3, 2)), np.ones(3, bool), np.zeros(3), np.zeros(3)), np.ones(3, bool))


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_rho_is_the_correlation_where_nobody_errs(rho: float) -> None:
    """Not the plain sum, which then has the lowest Cllr whatever the dependence."""
    attempts = correlated(rho, shift=20.0)

    assert losses(attempts, by_rho("positions", 0.0), 4)[0] <= losses(attempts, by_rho("positions", rho), 4)[0]
    assert rho == pytest.approx(fitted_rho([attempts], "positions", 4), abs=0.151)


def evaluated(folder: Path) -> Path:
    """What `biofusion evaluate` would have left of twelve faces with four images each."""
    folder.mkdir()
    names = [f"{subject}_{sample}.png" for subject in range(12) for sample in range(4)]
    probe, reference = (side.astype(np.int32) for side in np.triu_indices(len(names), 1))
    mated = probe // 4 == reference // 4
    scores = np.random.default_rng(1).normal(0.0, 0.1, mated.size) + 0.5 * mated
    pairs = Pairs(probe, reference, mated)
    write_scores(folder / "scores.csv.gz", names, pairs, {"face-cosine-1": scores.astype(np.float32)}, lambda *_: None)
    rows = [f"{name},{name.split('_')[0]},FACE,80.0," for name in names]
    (folder / "samples.csv").write_text("\n".join(["path,subject,position,quality,failure", *rows]))
    return folder


def test_the_command_writes_what_fusion_reads(tmp_path: Path) -> None:
    """A table is printed, and the entry of the modality is added to the file, with its counts and command."""
    out = tmp_path / "dependence.json"
    command = [str(evaluated(tmp_path / "set")), "--modality", "face", "--folds", "2", "--out", str(out)]
    result = CliRunner().invoke(main, command)
    text = out.read_text(encoding="utf-8")

    assert 0 == result.exit_code
    assert "| 2 | 48 /" not in result.output.splitlines()[0]
    assert "best, charged" in result.output
    assert 0.0 <= read_dependence(text)[Modality.FACE].samples <= 1.0
    assert "python -m evaluation.dependence set --modality face" in text
    assert str(tmp_path) not in text


def test_faults_are_one_sentence(tmp_path: Path) -> None:
    """A set without eyes, and worse templates where rho is to be written."""
    command = [str(evaluated(tmp_path / "set")), "--modality", "face", "--folds", "2"]
    eyes = CliRunner().invoke(main, [*command, "--kind", "positions"])
    worse = CliRunner().invoke(main, [*command, "--condition", "asleep", "--out", str(tmp_path / "out.json")])

    assert (3, True) == (eyes.exit_code, "two positions" in eyes.output)
    assert (3, True) == (worse.exit_code, "captures as they are" in worse.output)
    assert not (tmp_path / "out.json").exists()
