"""Loads the calibrations that ship with the project: one `<comparator_id>.json` per comparator in this folder.

`dependence.json` states how correlated several samples, or several positions, of one person's modality are.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from biometrics.calibration.dependence import Dependence
from biometrics.calibration.score_calibration import Calibration
from biometrics.errors import ComparatorUncalibrated, ConfigurationInvalid
from biometrics.template import Modality

SUFFIX = ".json"
DEPENDENCE = "dependence"
DEPENDENCE_FORMAT = 2
"""Format version of `dependence.json`."""


def load_calibration(comparator_id: str) -> Calibration:
    """The calibration of one comparator.

    Raises:
        ComparatorUncalibrated: none is shipped for it.
        ConfigurationInvalid: the file is not a calibration.
    """
    known = names()
    if comparator_id not in known:
        raise ComparatorUncalibrated(
            f"Comparator {comparator_id[:100]} has no calibration. Fit one with `python -m evaluation.calibrate`, "
            f"or use one of: {', '.join(known) or 'none'}.",
            comparator_id=comparator_id[:100],
        )
    text = files(__name__).joinpath(comparator_id + SUFFIX).read_text(encoding="utf-8")
    return Calibration.from_json(text)


def load_all() -> dict[str, Calibration]:
    """Every shipped calibration by comparator id, in order of the ids."""
    return {name: load_calibration(name) for name in names()}


def load_dependence() -> dict[Modality, Dependence]:
    """The fitted dependence between comparisons of one modality, by modality.

    Raises:
        ConfigurationInvalid: the file is not of this kind, or of another format version.
    """
    return read_dependence(files(__name__).joinpath(DEPENDENCE + SUFFIX).read_text(encoding="utf-8"))


def read_dependence(text: str) -> dict[Modality, Dependence]:
    """Read what `evaluation.dependence` and `evaluation.repeated_samples` wrote. Raises as `load_dependence`."""
    try:
        content = json.loads(text)
        if content["format"] == DEPENDENCE_FORMAT:
            return {Modality(name): _dependence(kinds) for name, kinds in content["modalities"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigurationInvalid(f"{DEPENDENCE}{SUFFIX} is not valid. Fit it again.") from error
    raise ConfigurationInvalid(f"{DEPENDENCE}{SUFFIX} has another format than {DEPENDENCE_FORMAT}. Fit it again.")


def _dependence(kinds: dict[str, dict[str, Any]]) -> Dependence:
    """One modality's dependence; a part that was not fitted counts as fully dependent (rho 1)."""
    samples, positions = (
        kinds.get("samples", {"likenesses": [0.0], "rhos": [1.0]}),
        kinds.get("positions", {"rho": 1.0}),
    )
    likenesses, rhos = (tuple(map(float, samples[name])) for name in ("likenesses", "rhos"))
    return Dependence(likenesses, rhos, float(positions["rho"]))


def names() -> list[str]:
    """Ids of the comparators whose calibrations are shipped, ascending."""
    found = (entry.name for entry in files(__name__).iterdir())
    return sorted(name.removesuffix(SUFFIX) for name in found if name.endswith(SUFFIX) and name != DEPENDENCE + SUFFIX)
