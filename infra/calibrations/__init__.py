"""The calibrations that ship with the project: one `<comparator_id>.json` per comparator beside this file."""

from __future__ import annotations

from importlib.resources import files

from biometrics.calibration import Calibration
from biometrics.errors import ComparatorUncalibrated

SUFFIX = ".json"


def load_calibration(comparator_id: str) -> Calibration:
    """The calibration of one comparator.

    Raises:
        ComparatorUncalibrated: none is shipped for it.
        ConfigurationInvalid: the file is not a calibration.
    """
    known = _names()
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
    return {name: load_calibration(name) for name in _names()}


def _names() -> list[str]:
    return sorted(entry.name.removesuffix(SUFFIX) for entry in files(__name__).iterdir() if entry.name.endswith(SUFFIX))
