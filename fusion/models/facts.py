"""What a fusion model decides by, as JSON: its settings, and digests of its calibrations and dependences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any

from biometrics.template import Modality
from fusion.models.model import FusionModel

SETTINGS = ("fmr", "fpir", "review_band_llr", "enrolled_prior")
"""Fields that are numbers."""


def facts_of(model: FusionModel) -> dict[str, Any]:
    """The facts of a model; equal facts are of models that decide alike."""
    return {
        "fusion_model_id": model.fusion_model_id,
        **{name: getattr(model, name) for name in SETTINGS},
        "poor_quality": {each.value: limit for each, limit in sorted(model.poor_quality.items())},
        "comparators": {each.value: comparator for each, comparator in sorted(model.comparators.items())},
        "calibrations": {key: _digest(each.to_json()) for key, each in sorted(model.calibrations.items())},
        "dependences": {
            key.value: _digest(json.dumps(asdict(each))) for key, each in sorted(model.dependences.items())
        },
    }


def digest_of(facts: Mapping[str, Any]) -> str:
    """16 hexadecimal digits that stand for the facts of a model."""
    return _digest(json.dumps(facts, sort_keys=True))


def with_settings_of(model: FusionModel, facts: Mapping[str, Any]) -> FusionModel:
    """The model with the settings that the facts state, which another process may have had.

    Raises:
        KeyError, ValueError, TypeError: they are no facts of a model.
    """
    numbers = {name: float(facts[name]) for name in SETTINGS}
    poor = {Modality(name): float(limit) for name, limit in facts["poor_quality"].items()}
    return replace(model, poor_quality=poor, **numbers)  # type: ignore[arg-type]  # all of them are numbers


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
