"""Calibrations written and read as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from biometrics.calibration.quality_effect import QualityEffect
from biometrics.calibration.sensor_check import SensorCheck
from biometrics.errors import ConfigurationInvalid

FORMAT = 3
"""Version of the JSON format. A file of another version is refused."""

KNOTS = ("scores", "llrs", "fmr_scores", "fmr_log10")


def text_of(fields: Mapping[str, Any]) -> str:
    """Stable text: the same fields give the same bytes."""
    return json.dumps({"format": FORMAT, **fields}, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def fields_of(text: str) -> dict[str, Any]:
    """Read the fields of a calibration that `text_of` wrote.

    Raises:
        ConfigurationInvalid: other text, or another format version.
    """
    try:
        fields: dict[str, Any] = json.loads(text)
        version = fields.pop("format")
        if version == FORMAT:
            knots = {name: _floats(fields[name]) for name in KNOTS}
            return {**fields, **knots, "quality": _effect(fields), "sensors": _checks(fields)}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise no_calibration() from error
    raise ConfigurationInvalid(f"The calibration file has format {version}, and {FORMAT} is read. Fit it again.")


def no_calibration() -> ConfigurationInvalid:
    """The error for a file that is not a calibration."""
    return ConfigurationInvalid("The file is not a calibration. Fit it again.")


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(map(float, values))


def _effect(fields: Mapping[str, Any]) -> QualityEffect | None:
    quality = fields["quality"]
    return quality and QualityEffect(**{name: _floats(values) for name, values in quality.items()})


def _checks(fields: Mapping[str, Any]) -> tuple[SensorCheck, ...]:
    return tuple(SensorCheck(**{**each, "ratios": tuple(each["ratios"])}) for each in fields["sensors"])
