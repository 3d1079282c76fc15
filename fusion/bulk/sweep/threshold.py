"""The LLR from which a pair is reported, and what the calibrations can carry of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log10

from biometrics.template import Modality
from fusion.models.model import FusionModel
from fusion.models.reach import reachable

LARGEST = {Modality.FACE: 1, Modality.FINGERPRINT: 10, Modality.IRIS: 2}


@dataclass(frozen=True, slots=True)
class Threshold:
    """Follows from the number of pairs and how many of different people may be reported.

    Args:
        subject_count: subjects of the gallery.
        expected_false_pairs: pairs of different people that may be reported in all.
    """

    subject_count: int
    expected_false_pairs: float

    @property
    def pair_count(self) -> int:
        """Pairs of two subjects, at least 1."""
        return max(1, self.subject_count * (self.subject_count - 1) // 2)

    @property
    def fmr(self) -> float:
        """The false match rate of one pair, above 0 to 1."""
        return min(1.0, self.expected_false_pairs / self.pair_count)

    @property
    def llr(self) -> float:
        """The fused log10 LR from which a pair is reported, 0 or more: FMR <= 10^-LLR."""
        return -log10(self.fmr) or 0.0

    @property
    def first_llr(self) -> float:
        """The LLR by the modality that is searched with from which a subject is compared in the others too.

        By the bound of the FMR, at most 10 subjects of the gallery reach it by chance in one search.
        """
        return min(self.llr, max(0.0, log10(max(1, self.subject_count)) - 1.0))

    def facts(self, model: FusionModel) -> Mapping[str, str]:
        """What a report says of it, with every combination of samples that cannot reach it.

        `expected_false_pairs needed` is from where on such pairs can be reported.
        """
        facts = {
            "pairs": str(self.pair_count),
            "false match rate of a pair": f"{self.fmr:.3g}",
            "threshold LLR": f"{self.llr:.2f}",
            "LLR needed in the first modality": f"{self.first_llr:.2f}",
        }
        for name, counts in _combinations():
            most = reachable(model, counts)
            if most < self.llr:
                facts[f"{name}: not carried"] = (
                    f"the calibration reaches {most:.2f}; expected_false_pairs needed: "
                    f"{self.pair_count * 10.0**-most:.3g}"
                )
        for modality, comparator in model.comparators.items():
            observed = model.calibrations[comparator].lowest_fmr
            if self.fmr < observed:
                facts[f"{modality}: observed"] = f"no false match rate below {observed:.3g} was observed"
        return facts


def _combinations() -> list[tuple[str, Mapping[Modality, int]]]:
    each = [(f"one {modality}", {modality: 1}) for modality in Modality]
    return [*each, ("all positions of all modalities", LARGEST)]
