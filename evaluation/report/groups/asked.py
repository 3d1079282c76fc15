"""What is asked about groups: columns of images.csv, operating points, and bounds on the ratios of rates."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from biometrics.errors import FieldInvalid

ERRORS = ("FMR", "FNMR")
BASES = {"best": "the smallest rate", "mean": "the geometric mean", "all": "all groups"}
"""What a ratio's rate is divided by."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound on a ratio of rates.

    Args:
        error: "FMR" or "FNMR".
        base: of `BASES`.
        most: largest ratio allowed, 1 or more.
    """

    error: str
    base: str
    most: float

    @classmethod
    def read(cls, text: str) -> Bound:
        """`FNMR=2`, or `FMR:mean=3`; without a base it is "best".

        Raises:
            FieldInvalid: the text has another form.
        """
        name, _, number = text.partition("=")
        error, _, base = name.partition(":")
        try:
            most = float(number)
        except ValueError:
            most = 0.0
        if error not in ERRORS or (base or "best") not in BASES or not (isfinite(most) and most >= 1.0):
            example = "FNMR=2, FMR:mean=3 or FNMR:all=1.5, with a ratio of 1 or more"
            raise FieldInvalid("most-ratio", f"{text!r} is no bound such as {example}.")
        return cls(error, base or "best", most)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about groups.

    Args:
        columns: columns of images.csv, one value per image; an empty value is no group.
        fmrs: FMRs of all comparisons together, 0–1, at whose thresholds the rates are taken.
        thresholds: thresholds of the comparator's score at which they are taken as well.
        bounds: bounds on ratios; each is held against every column at every operating point.
    """

    columns: tuple[str, ...] = ()
    fmrs: tuple[float, ...] = ()
    thresholds: tuple[float, ...] = ()
    bounds: tuple[Bound, ...] = ()


NOTHING = Asked()
