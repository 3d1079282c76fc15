"""Loads the calibrations that ship with the project: one `<comparator_id>.json` per comparator in this folder.

`dependence.json` states how correlated several samples, or several positions, of one person's modality are: for the
comparator that is the default (`modalities`), and for others (`comparators`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from biometrics.calibration.dependence import Dependence
from biometrics.calibration.score_calibration import Calibration
from biometrics.errors import ComparatorUncalibrated, ConfigurationInvalid
from biometrics.template import Modality
from infra.calibrations.shipped_files import shipped

SUFFIX = ".json"
Comparators = Mapping[Modality, str]
"""Comparator id by modality."""

DEPENDENCE = "dependence"
DEPENDENCE_FORMAT = 2
"""Format version of `dependence.json`."""


def load_calibration(comparator_id: str) -> Calibration:
    """The calibration of one comparator.

    Raises:
        ComparatorUncalibrated: none is shipped for it.
        ModelCorrupt: the file is not the one that was shipped.
        ConfigurationInvalid: the file is not a calibration.
    """
    known = names()
    if comparator_id not in known:
        raise ComparatorUncalibrated(
            f"Comparator {comparator_id[:100]} has no calibration. Fit one with `python -m evaluation.calibrate`, "
            f"or use one of: {', '.join(known) or 'none'}.",
            comparator_id=comparator_id[:100],
        )
    return Calibration.from_json(shipped(comparator_id + SUFFIX))


def load_all() -> dict[str, Calibration]:
    """Every shipped calibration by comparator id, in order of the ids."""
    return {name: load_calibration(name) for name in names()}


def load_dependence(comparators: Comparators | None = None) -> dict[Modality, Dependence]:
    """The fitted dependence between comparisons of one modality, by modality.

    Args:
        comparators: the comparators that are used, by modality; None: the default ones.

    Raises:
        ModelCorrupt: the file is not the one that was shipped.
        ConfigurationInvalid: the file is not of this kind, or of another format version.
    """
    return read_dependence(shipped(DEPENDENCE + SUFFIX), comparators)


def read_dependence(text: str, comparators: Comparators | None = None) -> dict[Modality, Dependence]:
    """Read what `evaluation.dependence` and `evaluation.repeated_samples` wrote.

    Args:
        text: of the file.
        comparators: the comparators that are used, by modality; None: the default ones.

    Raises:
        ConfigurationInvalid: the text is not of this kind, or of another format version.
    """
    try:
        content = json.loads(text)
        if content["format"] == DEPENDENCE_FORMAT:
            others, used = content.get("comparators", {}), comparators or {}
            return {
                (modality := Modality(name)): _dependence(others.get(used.get(modality), kinds))
                for name, kinds in content["modalities"].items()
            }
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
