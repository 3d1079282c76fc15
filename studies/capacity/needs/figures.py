"""The figures that the plan is computed from, each with where it is from: `measured.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from biometrics.template import Modality

FILE = Path(__file__).with_name("measured.json")
COUNTS: Mapping[Modality, int] = {Modality.FACE: 1, Modality.FINGERPRINT: 10, Modality.IRIS: 2}
"""References of each subject."""


class Kind(StrEnum):
    """Where a figure is from.

    MEASURED: a command printed it. DERIVED: computed from others. ASSUMED: nobody measured it.
    """

    MEASURED = "measured"
    DERIVED = "derived"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Args:
        value: in `unit`.
        unit: for tables.
        what: what it is.
        kind: where it is from.
        source: the command or document.
    """

    value: float
    unit: str
    what: str
    kind: Kind
    source: str


Figures = Mapping[str, Figure]


def of(figures: Figures, name: str, modality: Modality) -> float:
    """The figure of a modality."""
    return figures[f"{name}.{modality.value}"].value


def per_subject(figures: Figures, name: str) -> float:
    """The sum of a figure over all references of a subject."""
    return sum(count * of(figures, name, modality) for modality, count in COUNTS.items())


def read_figures(path: Path = FILE) -> dict[str, Figure]:
    """Read the figures, by name."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return {name: Figure(**{**each, "kind": Kind(each["kind"])}) for name, each in content.items()}


def write_figures(figures: Figures, path: Path = FILE) -> None:
    """Write the figures, a line each, in order of their names."""
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(asdict(figures[name]))}" for name in sorted(figures))
    path.write_text("{\n" + lines + "\n}\n", encoding="utf-8")
