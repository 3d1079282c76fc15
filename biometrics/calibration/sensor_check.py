"""What a calibration claims, against what was observed on people or a sensor that it was not fitted on."""

from __future__ import annotations

from dataclasses import dataclass

CHECKED_RATES = (1e-2, 1e-3, 1e-4, 1e-5)


@dataclass(frozen=True, slots=True)
class SensorCheck:
    """One sensor, by a fit without it; or, where it is the only one, each half of its people by a fit on the other.

    Args:
        name: of the data set.
        people_count: people, or fingers where the set does not tell whose they are.
        mated_count: mated comparisons.
        non_mated_count: non-mated comparisons.
        ratios: observed FMR over the one claimed, at each of CHECKED_RATES; None where it is not claimed, or
            fewer than 3 of the non-mated comparisons are expected.
        cllr: in bits.
    """

    name: str
    people_count: int
    mated_count: int
    non_mated_count: int
    ratios: tuple[float | None, ...]
    cllr: float

    @property
    def fault(self) -> str:
        """What is wrong, or ""."""
        counts = min(self.people_count, self.mated_count, self.non_mated_count) > 0
        ratios = all(each is None or each >= 0.0 for each in self.ratios)
        well = self.name and counts and ratios and len(self.ratios) == len(CHECKED_RATES) and self.cllr >= 0.0
        return "" if well else "what it says of a sensor is not complete"
