"""Reach of the shipped calibrations: which combinations of samples can be a MATCH, and in how large a gallery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import floor

from biometrics.template import POSITIONS, Modality, Position
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.models.model import FusionModel

LARGEST_GALLERY = 10_000_000_000
"""Upper limit of `Reach.largest_gallery`: more than there are people."""

COUNTS = {Modality.FACE: (0, 1), Modality.FINGERPRINT: (0, 1, 2, 4, 10), Modality.IRIS: (0, 1, 2)}
"""Numbers of positions of each modality that are combined with each other."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The highest LLR that samples of some positions can have, each compared with one reference.

    Args:
        counts: number of positions by modality, above 0.
        llr: the highest fused log10 LR.
        largest_gallery: most subjects among whom an identification at the default FPIR can be a MATCH, 0 (none) to
            10^10.
    """

    counts: Mapping[Modality, int]
    llr: float
    largest_gallery: int

    @property
    def lowest_fmr(self) -> float:
        """The lowest false match rate at which a verification can be a MATCH, 0–1."""
        return min(1.0, float(10.0**-self.llr))


def reaches(model: FusionModel) -> Iterator[Reach]:
    """The reach of every combination of COUNTS, in their order."""
    for numbers in product(*COUNTS.values()):
        counts = {modality: number for modality, number in zip(COUNTS, numbers, strict=True) if number}
        if counts:
            llr = reachable(model, counts)
            yield Reach(counts, llr, min(floor(model.fpir * 10.0**llr + 1e-9), LARGEST_GALLERY))


def reachable(model: FusionModel, counts: Mapping[Modality, int]) -> float:
    """The highest fused LLR of these numbers of positions, by the same function that decisions use."""
    evidence = [
        Evidence(modality, position, EvidenceStatus.REFERENCE_MISSING)
        for modality, number in counts.items()
        for position in [each for each in POSITIONS[modality] if each is not Position.UNKNOWN][:number]
    ]
    return model.attainable_llr(evidence, evidence)
