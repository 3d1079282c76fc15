from __future__ import annotations

from dataclasses import replace

from fusion.configured import fusion_model
from fusion.models.readings import readings, version
from infra.settings import Settings
from infra.telemetry.metrics import decisions

MODEL = fusion_model(Settings())


def test_the_version_is_that_of_all_that_decides() -> None:
    """Two processes of the same settings have the same one; another rate or calibration makes another."""
    other = dict(MODEL.calibrations)
    one = next(iter(other))
    other[one] = replace(other[one], source="another")
    versions = [version(each) for each in (fusion_model(Settings()), replace(MODEL, fmr=1e-5))]
    assert version(MODEL) == versions[0]
    assert 3 == len({version(MODEL), versions[1], version(replace(MODEL, calibrations=other))})


def test_readings_of_a_model() -> None:
    """The values of its policy, and for each comparator and kind a share for each bound that rises."""
    found = list(readings(MODEL))
    policy = {each.labels[0]: each.value for each in found if each.of is decisions.POLICY}
    assert (1e-4, 20.0) == (policy["fmr"], policy["min_quality_face"])
    shares: dict[tuple[str, ...], list[float]] = {}
    for each in found:
        if each.of is decisions.EXPECTED:
            shares.setdefault(each.labels[:2], []).append(each.value)
    assert 2 * len(MODEL.calibrations) == len(shares)
    assert all(len(decisions.DECADES) == len(each) and sorted(each) == each for each in shares.values())
