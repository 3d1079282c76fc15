"""Converts calibrations to the wire."""

from __future__ import annotations

from biofusion.type.v1 import calibration_pb2

from biometrics.calibration.score_calibration import Calibration
from biometrics.calibration.sensor_check import CHECKED_RATES, SensorCheck


def calibration_to_wire(calibration: Calibration) -> calibration_pb2.CalibrationSummary:
    """A calibration's origin, counts and range."""
    return calibration_pb2.CalibrationSummary(
        comparator_id=calibration.comparator_id,
        model_id=calibration.model_id,
        source=calibration.source,
        mated_count=calibration.mated_count,
        non_mated_count=calibration.non_mated_count,
        min_llr=calibration.llr_min,
        max_llr=calibration.llr_max,
        people_count=calibration.people_count,
        effective_non_mated_count=calibration.effective_non_mated_count,
        lowest_fmr=calibration.lowest_fmr,
        sensor_count=len(calibration.sensors),
        sensors=map(_check_to_wire, calibration.sensors),
    )


def _check_to_wire(check: SensorCheck) -> calibration_pb2.SensorCheck:
    rates = zip(CHECKED_RATES, check.ratios, strict=True)
    return calibration_pb2.SensorCheck(
        name=check.name,
        people_count=check.people_count,
        non_mated_count=check.non_mated_count,
        rates=[calibration_pb2.RateCheck(claimed_fmr=fmr, ratio=ratio) for fmr, ratio in rates if ratio is not None],
    )
