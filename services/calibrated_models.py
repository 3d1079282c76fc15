"""Finds the calibrations of the models that a service compares; what has none is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from biometrics.calibration.score_calibration import Calibration
from biometrics.comparison import Comparator
from biometrics.errors import ComparatorUncalibrated
from infra.calibrations import load_calibration
from infra.calibrations.pairs import PAIRS, Pairs
from services.compared import ComparedModel, ComparedModels
from services.extraction import Extractor

Load = Callable[[str], Calibration]
"""The calibration of a comparator. Raises ComparatorUncalibrated if there is none."""


def compared_models(
    own: Comparator[Any],
    extractor: Extractor[Any],
    others: Iterable[tuple[Comparator[Any], Extractor[Any] | None]] = (),
    pairs: Pairs | None = None,
    load: Load = load_calibration,
    *,
    are_searched: bool = True,
) -> ComparedModels:
    """The models of a service, with those of the calibrations that there are.

    Args:
        own: the comparator of the service's own model.
        extractor: makes templates of that model.
        others: comparators of other models, and what makes their templates of images.
        pairs: the comparator of each pair of different models, and of each other model with itself; None: the shipped
            ones.
        load: the calibrations.
        are_searched: whether the index holds references of the other models.

    Raises:
        ComparatorUncalibrated: there is none for the own model.
    """
    pairs = PAIRS.get(own.modality, {}) if pairs is None else pairs
    loaded = _loaded(pairs, load)
    of_own = {own.model_id: load(own.comparator_id), **_with(own.model_id, loaded)}
    models = [
        ComparedModel(comparator, _with(comparator.model_id, loaded), made_by, are_searched)
        for comparator, made_by in others
        if (comparator.model_id, comparator.model_id) in loaded
    ]
    uncalibrated = {
        probe: comparator
        for (probe, reference), comparator in pairs.items()
        if probe == reference and (probe, reference) not in loaded
    }
    return ComparedModels(ComparedModel(own, of_own, extractor), models, uncalibrated)


def _loaded(pairs: Pairs, load: Load) -> dict[tuple[str, str], Calibration]:
    found = {}
    for pair, comparator_id in pairs.items():
        try:
            found[pair] = load(comparator_id)
        except ComparatorUncalibrated:
            continue
    return found


def _with(reference: str, loaded: Mapping[tuple[str, str], Calibration]) -> dict[str, Calibration]:
    """The calibrations of comparisons with references of a model, by the model of the probe."""
    return {probe: calibration for (probe, model), calibration in loaded.items() if model == reference}
