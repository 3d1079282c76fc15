"""The shipped calibrations."""

from __future__ import annotations

import pytest

from biometrics.errors import ComparatorUncalibrated, ConfigurationInvalid
from biometrics.template import Modality
from infra.calibrations import load_all, load_calibration, load_dependence, read_dependence


@pytest.mark.parametrize("comparator_id", ["no-such-comparator-1", "", "../calibrations/face-cosine-1"])
def test_a_comparator_without_calibration_is_refused(comparator_id):
    """An unknown comparator id is refused, and never used as a path."""
    with pytest.raises(ComparatorUncalibrated, match="has no calibration"):
        load_calibration(comparator_id)


def test_every_shipped_calibration_is_for_the_comparator_in_its_file_name():
    """File name and content agree, and each calibration can be loaded by itself."""
    for comparator_id, calibration in load_all().items():
        assert comparator_id == calibration.comparator_id
        assert calibration == load_calibration(comparator_id)


FOREIGN = "fingerprint-elastic-2-foreign"


def test_every_calibration_of_our_own_templates_supports_a_match_at_fmr_1e_4():
    """A single finger, face or eye can be a MATCH; a finger of a foreign record cannot, as too few were compared."""
    reaches = {name for name, calibration in load_all().items() if calibration.llr_max > 4.1}
    assert set(load_all()) - {FOREIGN} == reaches


def test_the_claims_of_every_shipped_calibration_held_on_other_subjects():
    """Observed over claimed FMR was at most 1.5 on sensors and people left out of the fit."""
    for calibration in load_all().values():
        ratios = [ratio for each in calibration.sensors for ratio in each.ratios if ratio is not None]

        assert calibration.effective_non_mated_count < calibration.non_mated_count
        assert ratios
        assert max(ratios) <= 1.5


def test_dependence_is_shipped_for_every_modality():
    """Samples have a curve over likeness, fingers and eyes a rho of positions, well below one."""
    dependences = load_dependence()

    assert set(Modality) == set(dependences)
    assert all(len(each.rhos) > 5 for each in dependences.values())
    assert all(0.0 < dependences[each].positions < 0.5 for each in (Modality.FINGERPRINT, Modality.IRIS))


def test_a_dependence_that_was_not_fitted_is_complete():
    """Without an entry for samples or positions their rho is 1, so that nothing is added up."""
    found = read_dependence('{"format": 2, "modalities": {"IRIS": {}}}')
    assert (1.0, 1.0) == (float(found[Modality.IRIS].of(0.1)), found[Modality.IRIS].positions)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 1, "modalities": {}}',
        '{"format": 2, "modalities": {"EAR": {"positions": {"rho": 0.5}}}}',
        '{"format": 2, "modalities": {"IRIS": {"positions": {"rho": 1.5}}}}',
        '{"format": 2, "modalities": {"IRIS": {"positions": {"rho": NaN}}}}',
        '{"format": 2, "modalities": {"IRIS": {"samples": {"rho": 0.5}}}}',
        '{"format": 2, "modalities": {"IRIS": {"samples": {"likenesses": [0.1, 0.9], "rhos": [0.5, 0.4]}}}}',
    ],
)
def test_an_invalid_dependence_is_refused(text):
    """Other text, another format or modality, or a rho outside its range."""
    with pytest.raises(ConfigurationInvalid, match="Fit it again"):
        read_dependence(text)
