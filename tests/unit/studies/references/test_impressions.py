"""Measuring the use of several references of a finger, on simulated minutiae."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from biometrics.template import Modality, Template
from evaluation.protocol.template_cache import Sample, TemplateCache
from infra.calibrations import load_calibration
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.template.features import MODEL_ID, FingerFeatures, Minutiae, mask_shape, pack
from studies.perturbed.perturbations import missing, perturbed, shifted
from studies.references.attempts import attempts
from studies.references.impression_kinds import FINGERPRINTS
from studies.references.impressions import figures, fingers_of, main
from studies.references.several_references import RULES

FINGERS, IMPRESSIONS = 4, 5


def finger(seed: int) -> Template:
    """Forty minutiae at random positions of a 320×320 px finger."""
    random = np.random.default_rng(seed)
    x, y = random.uniform(10, 310, (2, 40)).astype(np.float32)
    angle = random.uniform(0, 6, 40).astype(np.float32)
    signs = random.integers(0, 2**32, 40, np.uint32)
    found = Minutiae(x, y, angle, angle > 3, np.full(40, 0.9, np.float32), signs)
    mask = np.ones(mask_shape(320, 320), np.bool_)
    return Template(Modality.FINGERPRINT, MODEL_ID, pack(FingerFeatures(320, 320, mask, found)))


@pytest.fixture(scope="module")
def fingers() -> list[list[Template]]:
    """Five impressions of each of four fingers."""
    changes = (missing(0.1), shifted(2.0))
    return [[perturbed(finger(n), changes, 10 * n + k) for k in range(IMPRESSIONS)] for n in range(FINGERS)]


@pytest.fixture
def folder(fingers: list[list[Template]], tmp_path: Path) -> Path:
    """A folder as `biofusion evaluate` writes it, with the fingers."""
    lines = ["path,subject,position,quality,failure"]
    with TemplateCache(tmp_path / "templates.msgpack") as cache:
        for number, impressions in enumerate(fingers):
            for k, template in enumerate(impressions):
                name = f"{number}|{k}.png"
                lines.append(f"{name},{number},UNKNOWN,90.0,")
                cache.put(f"{MODEL_ID}|0|None|UNKNOWN|{name}", Sample(template.data, 90.0, "", 0.1))
    (tmp_path / "samples.csv").write_text("\n".join(lines))
    return tmp_path


def test_fingers_are_read_as_they_were_evaluated(fingers: list[list[Template]], folder: Path) -> None:
    """All templates are read, by finger, in order."""
    assert fingers == fingers_of(folder)


def test_references_are_never_probes_of_their_finger(fingers: list[list[Template]]) -> None:
    """Each finger has five times two mated probes against k references; all prints of other fingers are non-mated."""
    comparator = FingerprintComparator()
    stack = comparator.stack(fingers[0])
    own = comparator.compare(stack, stack)
    for k in (1, 3):
        attempted = attempts(fingers, "as they are", k, 3)
        assert (FINGERS * 5 * 2, k) == attempted.mated.shape
        assert (FINGERS * 5 * (FINGERS - 1) * 5, k) == attempted.non_mated.shape
        assert own[3, :k].tolist() == attempted.mated[0].tolist()
        assert own[4, :k].tolist() == attempted.mated[1].tolist()


def test_figures_of_separable_prints(fingers: list[list[Template]]) -> None:
    """Separable prints give EER 0, LLRs of 3 for all mated and no non-mated attempts, and too few for FMR 1e-3."""
    calibration = load_calibration(FingerprintComparator.comparator_id)
    found = figures(attempts(fingers, "as they are", 3, 3), RULES["best"], calibration)
    assert (0.0, None, 0.0, 1.0) == (found.eer, found.fnmr, found.non_mated_share, found.mated_share)
    assert calibration.llr_max - np.log10(3) == pytest.approx(found.mated_llr, abs=0.01)
    assert found.separation > 3


def test_the_command_prints_a_line_per_condition_count_and_rule(folder: Path) -> None:
    """With one reference the table has one line per condition, with two one line per rule."""
    result = CliRunner().invoke(main, [str(folder), "-k", "1", "-k", "2"])
    assert 0 == result.exit_code, result.output
    assert 4 + len(FINGERPRINTS.conditions) * (1 + len(RULES)) == len(result.output.splitlines())
    assert "| as they are | 1 | one reference | 0.00 | – |" in result.output


def test_too_few_impressions_and_other_folders_are_refused(folder: Path, tmp_path: Path) -> None:
    """Too few impressions, and a folder of something else, are refused with what is needed."""
    few = CliRunner().invoke(main, [str(folder), "-k", "5"])
    (tmp_path / "empty").mkdir()
    nothing = CliRunner().invoke(main, [str(tmp_path / "empty")])
    assert (3, 3) == (few.exit_code, nothing.exit_code)
    assert "more than 5 impressions" in few.output
    assert "samples.csv" in nothing.output
