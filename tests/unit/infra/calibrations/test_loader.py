"""The shipped calibrations."""

from __future__ import annotations

import pytest

from biometrics.errors import ComparatorUncalibrated, ConfigurationInvalid
from biometrics.template import Modality
from infra.calibrations import load_all, load_calibration, load_dependence, read_dependence


@pytest.mark.parametrize("comparator_id", ["no-such-comparator-1", "", "../calibrations/face-cosine-1"])
def test_a_comparator_without_calibration_is_refused(comparator_id):
    """Nothing is guessed, and an id is never a path."""
    with pytest.raises(ComparatorUncalibrated, match="has no calibration"):
        load_calibration(comparator_id)


def test_every_shipped_calibration_is_of_the_comparator_it_is_named_for():
    """File name and content agree, and each can be loaded alone."""
    for comparator_id, calibration in load_all().items():
        assert comparator_id == calibration.comparator_id
        assert calibration == load_calibration(comparator_id)


def test_every_shipped_calibration_claims_what_people_carry():
    """One finger, face or eye alone can be a MATCH at FMR 1e-4; what a fit on others claimed held within 1.5."""
    for calibration in load_all().values():
        ratios = [ratio for each in calibration.sensors for ratio in each.ratios if ratio is not None]

        assert calibration.llr_max > 4.1
        assert calibration.effective_non_mated_count < calibration.non_mated_count
        assert ratios
        assert max(ratios) <= 1.5


def test_dependence_is_shipped_for_every_modality():
    """Positions never repeat each other more than samples of one; fingers and eyes have their own fit."""
    dependences = load_dependence()

    assert set(Modality) == set(dependences)
    assert all(0.0 <= each.positions <= each.samples <= 1.0 for each in dependences.values())
    assert (0.15, 0.2) == tuple(dependences[each].positions for each in (Modality.FINGERPRINT, Modality.IRIS))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 2, "modalities": {}}',
        '{"format": 1, "modalities": {"EAR": {"samples": {"rho": 0.5}}}}',
        '{"format": 1, "modalities": {"FACE": {"samples": {"rho": 1.5}}}}',
        '{"format": 1, "modalities": {"FACE": {"samples": {"rho": NaN}}}}',
        '{"format": 1, "modalities": {"IRIS": {"samples": {"rho": 0.2}, "positions": {"rho": 0.3}}}}',
    ],
)
def test_a_dependence_that_does_not_hold_is_refused(text):
    """Another text or format, another modality, or a rho outside its range."""
    with pytest.raises(ConfigurationInvalid, match="Fit it again"):
        read_dependence(text)
