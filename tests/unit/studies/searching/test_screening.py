"""Measuring which mates screening keeps, on simulated minutiae."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from click.testing import CliRunner

from biometrics.template import Modality, Template
from evaluation.protocol.template_cache import Sample, TemplateCache
from services.fingerprint.template.features import MODEL_ID
from services.iris.comparator import IrisComparator
from services.iris.template.features import IrisCode, pack
from studies.perturbed import iris_perturbations
from studies.perturbed.perturbations import missing, perturbed, shifted
from studies.searching.screening import main, non_mated_shares
from tests.unit.services.fingerprint.minutiae import random_minutiae, template_of
from tests.unit.services.iris.codes import smooth_stack


def test_a_mate_is_as_good_as_the_share_of_non_mated_that_reach_its_score() -> None:
    """Equal scores count against the mate, the probe itself does not count, and other sets count unless excluded."""
    scores = np.array([[9, 5, 5, 4, 8], [5, 9, 6, 7, 1], [0] * 5, [0] * 5, [0] * 5], np.float32)
    fingers, sets = np.array([0, 0, 1, 2, 3]), np.array([0, 0, 0, 0, 1])
    assert np.allclose([2 / 3, 2 / 3], non_mated_shares(scores, fingers, sets)[:2])
    assert np.allclose([1 / 2, 1], non_mated_shares(scores, fingers, sets, own_set=True)[:2])


def test_the_table_of_easy_prints_keeps_every_mate(tmp_path: Path) -> None:
    """Of three unchanged impressions of each of four fingers, screening and the full comparison keep all mates."""
    lines = ["path,subject,position,quality,failure"]
    with TemplateCache(tmp_path / "templates.msgpack") as cache:
        for number in range(12):
            name, template = f"{number}.png", template_of(random_minutiae(number // 3))
            changed = perturbed(template, (missing(0.1), shifted(1.0)), number)
            lines.append(f"{name},{number // 3},UNKNOWN,90.0,")
            cache.put(f"{MODEL_ID}|0|None|UNKNOWN|{name}", Sample(changed.data, 90.0, "", 0.1))
    (tmp_path / "samples.csv").write_text("\n".join(lines))
    printed = CliRunner().invoke(main, [str(tmp_path)]).output
    assert "24 mated pairs of 12 impressions of 4 fingers" in printed
    for by in ("screening", "full comparison"):
        assert f"| as they are | {by} | own set | 100.00 | 100.00 | 100.00 | 100.00 | 100.00 |" in printed


def test_irises_are_screened_by_their_own_conditions(tmp_path: Path) -> None:
    """Of three unchanged images of each of four eyes all mates are kept, and the table has the irises' shares."""
    lines, eyes = ["path,subject,position,quality,failure"], smooth_stack(1, 4)
    with TemplateCache(tmp_path / "templates.msgpack") as cache:
        for number in range(12):
            name, iris = f"{number}.png", IrisCode(eyes.codes[number // 3], eyes.masks[number // 3])
            template = Template(Modality.IRIS, IrisComparator.model_id, pack(iris))
            changed = iris_perturbations.perturbed(template, (iris_perturbations.noisy(0.1),), number)
            lines.append(f"{name},{number // 3},LEFT_EYE,90.0,")
            cache.put(f"{IrisComparator.model_id}|0|None|LEFT_EYE|{name}", Sample(changed.data, 90.0, "", 0.1))
    (tmp_path / "samples.csv").write_text("\n".join(lines))
    printed = CliRunner().invoke(main, [str(tmp_path), "--modality", "iris"]).output
    assert "| 0.1 % | 0.2 % | 0.5 % | 1 % | 2 % |" in printed
    for by in ("screening | all", "full comparison | all", "same first | all"):
        assert f"| as they are | {by} | 100.00 | 100.00 | 100.00 | 100.00 | 100.00 |" in printed
