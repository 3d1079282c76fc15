"""Check of a calibration: its claimed FMRs against those observed on people or a sensor it was not fitted on."""

from __future__ import annotations

from dataclasses import dataclass

CHECKED_RATES = (1e-2, 1e-3, 1e-4, 1e-5)


@dataclass(frozen=True, slots=True)
class SensorCheck:
    """Result for one sensor of a fit without it. An only sensor is checked by halves of its people instead.

    Args:
        name: the sensor's data set.
        people_count: people, or fingers where the data set does not say whose they are.
        mated_count: mated comparisons.
        non_mated_count: non-mated comparisons.
        ratios: observed FMR / claimed FMR at each of CHECKED_RATES, 0 or more; None where that rate is not claimed
            or fewer than 3 false matches are expected at it.
        cllr: in bits, 0 or more.
    """

    name: str
    people_count: int
    mated_count: int
    non_mated_count: int
    ratios: tuple[float | None, ...]
    cllr: float

    @property
    def fault(self) -> str:
        """Name what is wrong with the values, or "" if nothing is."""
        counts = min(self.people_count, self.mated_count, self.non_mated_count) > 0
        ratios = all(each is None or each >= 0.0 for each in self.ratios)
        well = self.name and counts and ratios and len(self.ratios) == len(CHECKED_RATES) and self.cllr >= 0.0
        return "" if well else "its check of a sensor is not complete"
