"""The port to the services: what the operations need of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from adapters.mosip_biosdk.samples import Sample
from biometrics.comparison import Comparison
from biometrics.slap import Segment
from biometrics.template import Modality, Position


@dataclass(frozen=True, slots=True)
class Report:
    """The quality of a sample.

    Args:
        index: of the sample.
        quality: 0–100; None if nothing could be extracted.
        reason: why it would not be enrolled, UPPER_SNAKE; "" if it would be.
    """

    index: int
    quality: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Extracted:
    """A template of a sample.

    Args:
        template: a serialised `biofusion.type.v1.Template`.
        quality: of its sample, 0–100; None if it is not known.
    """

    template: bytes = field(repr=False)
    quality: float | None


@dataclass(frozen=True, slots=True)
class Cut:
    """One finger of a slap.

    Args:
        segment: where it is, in px of the slap's image, and which finger.
        quality: 0–100; None if nothing could be extracted.
    """

    segment: Segment
    quality: float | None


@dataclass(frozen=True, slots=True)
class Score:
    """The best comparison of a probe with the references of one record.

    Args:
        position: of the probe.
        comparison: the best.
        count: references that it is the best of.
        quality: of the probe's sample, if known.
    """

    position: Position
    comparison: Comparison
    count: int
    quality: float | None


class Biometrics(Protocol):
    """What the services do. All methods raise `infra.calling.calls.CallFailed`."""

    async def check_quality(self, samples: Sequence[Sample]) -> list[Report]:
        """The quality of samples that are no templates; several reports for one of several fingers."""
        ...

    async def extract(self, sample: Sample) -> Extracted:
        """The template of a sample that is none yet."""
        ...

    async def cut(self, sample: Sample, missing: Sequence[Position]) -> list[Cut]:
        """The fingers of a slap, from left to right.

        Args:
            sample: a slap.
            missing: fingers of its hand that it does not show.
        """
        ...

    async def compare(self, modality: Modality, probe: bytes, references: Sequence[bytes]) -> list[Comparison]:
        """One comparison for each reference, in order. All are serialised templates."""
        ...

    async def is_match(self, modality: Modality, scores: Sequence[Score]) -> bool | None:
        """Whether scores decide for the same person, at the service's own error rate; None: a person must look."""
        ...
