"""Made-up calibrations for tests."""

from __future__ import annotations

from dataclasses import replace

from biometrics.calibration.quality_effect import QualityEffect
from biometrics.calibration.score_calibration import Calibration
from biometrics.calibration.sensor_check import SensorCheck

CHECK = SensorCheck("set-1", 30, 400, 9000, (0.5, 1.1, None, None), 0.1)
CALIBRATION = Calibration(
    comparator_id="test-1",
    model_id="model-1",
    family="affine",
    scores=(0.3, 0.5),
    llrs=(-1.0, 1.0),
    quality=None,
    fmr_scores=(0.0, 0.2, 0.5),
    fmr_log10=(0.0, -1.0, -3.0),
    margin=0.9,
    mated_count=400,
    non_mated_count=9000,
    effective_mated_count=300,
    effective_non_mated_count=3000,
    people_count=30,
    sensors=(CHECK,),
    folds=5,
    cllr=0.1,
    min_cllr=0.09,
    cllr_by_family={"affine": 0.1, "other": 0.11},
    source="Made by the test",
    date="2026-01-01",
    command="none",
)
BENT = replace(CALIBRATION, scores=(0.0, 0.3, 0.5, 0.6), llrs=(-9.0, -1.0, 1.0, 1.5))
AWARE = replace(CALIBRATION, quality=QualityEffect((20.0, 60.0), (-0.5, 0.5), (0.5, 1.5)))
STEEP = replace(CALIBRATION, llrs=(2.0, 4.0))
