"""biometrics.calibration.text: calibrations as JSON, and the texts that are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf, nan

import pytest

from biometrics.calibration.quality_effect import QualityEffect
from biometrics.calibration.score_calibration import Calibration
from biometrics.errors import ConfigurationInvalid
from tests.unit.biometrics.calibration.made_up_calibrations import AWARE, BENT, CALIBRATION, CHECK


def test_json_comes_back_equal_and_is_stable():
    """The text is read as the same calibration, which is written as the same text."""
    for calibration in (CALIBRATION, BENT, AWARE):
        text = calibration.to_json()

        assert calibration == Calibration.from_json(text)
        assert text == Calibration.from_json(text).to_json()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"format": 1}', "null", '{"format": 3, "fmr_scores": [], "fmr_log10": []}']
)
def test_other_text_is_refused(text):
    """Damaged text and text of another format are refused."""
    with pytest.raises(ConfigurationInvalid, match="Fit it again"):
        Calibration.from_json(text)


@pytest.mark.parametrize("version", [1, 2])
def test_files_of_earlier_formats_are_refused(version):
    """Earlier formats are refused, as their claims do not account for people; the message says which one is read."""
    fields = json.loads(CALIBRATION.to_json()) | {"format": version}

    with pytest.raises(ConfigurationInvalid, match=f"has format {version}, and 3 is read"):
        Calibration.from_json(json.dumps(fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"scores": (), "llrs": ()},
        {"scores": (0.3,), "llrs": (1.0,)},
        {"scores": (0.3, 0.4, 0.5)},
        {"scores": (0.3, 0.3)},
        {"scores": (0.3, inf)},
        {"scores": (0.0, 5e-324), "llrs": (0.0, 1.0)},
        {"llrs": (1.0, 1.0)},
        {"llrs": (1.0, -1.0)},
        {"llrs": (nan, 1.0)},
        {"effective_mated_count": 3, "fmr_scores": (0.0,), "fmr_log10": (0.0,)},
        {"effective_mated_count": 500},
        {"effective_non_mated_count": 30},
        {"effective_non_mated_count": 9001},
        {"margin": 0.0},
        {"margin": 1.01},
        {"margin": nan},
        {"sensors": (replace(CHECK, name=""),)},
        {"sensors": (replace(CHECK, people_count=0),)},
        {"sensors": (replace(CHECK, ratios=(1.0,)),)},
        {"sensors": (replace(CHECK, ratios=(-1.0, None, None, None)),)},
        {"sensors": (replace(CHECK, cllr=nan),)},
        {"quality": QualityEffect((), (), ())},
        {"quality": QualityEffect((1.0, 2.0), (0.0, 0.0), (1.0,))},
        {"quality": QualityEffect((2.0, 1.0), (0.0, 0.0), (1.0, 1.0))},
        {"quality": QualityEffect((1.0, 2.0), (0.0, 0.0), (1.0, 0.0))},
        {"quality": QualityEffect((1.0, 2.0), (0.0, nan), (1.0, 1.0))},
        {"fmr_scores": (), "fmr_log10": ()},
        {"fmr_scores": (0.0, 0.5)},
        {"fmr_scores": (0.0, 0.0, 0.5)},
        {"fmr_log10": (0.0, -2.0, -1.0)},
        {"fmr_log10": (0.0, -2.0, -2.0)},
        {"fmr_log10": (0.0, -1.0, -3.1)},
        {"fmr_log10": (0.1, -1.0, -3.0)},
        {"fmr_log10": (0.0, nan, -3.0)},
    ],
)
def test_claims_beyond_the_counts_and_nonsense_are_refused(fields):
    """A calibration that is not monotone, or claims more than its counts support, cannot be made."""
    with pytest.raises(ConfigurationInvalid, match="test-1"):
        replace(CALIBRATION, **fields)


def test_the_json_names_its_format():
    """The file states its format version."""
    assert 3 == json.loads(CALIBRATION.to_json())["format"]
