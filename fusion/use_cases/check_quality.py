"""Use case "check quality": what would be enrolled of each sample, and why not. Stores nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.errors import AcquisitionFailed
from biometrics.sample import Sample
from fusion.requests.budget import step_s
from fusion.samples.probe_extraction import extract_probes
from fusion.samples.probes import Matchers, Probe, require_usable
from fusion.samples.quality_gate import MinQuality, require_quality
from infra.deadlines import Deadline


@dataclass(frozen=True, slots=True)
class QualityCheck:
    """What was found of one sample.

    Args:
        probe: the sample, with its template and quality if it has them.
        failure: why it would not be enrolled; None if it would be.
    """

    probe: Probe
    failure: AcquisitionFailed | None = None

    @property
    def message(self) -> str:
        """The failure in a sentence, without the sample's path, which the report's place says; "" if there is none."""
        return self.failure.message.removeprefix(f"samples[{self.probe.number}]: ") if self.failure else ""


async def check_quality(
    samples: Sequence[Sample], matchers: Matchers, timeout_s: float, min_quality: MinQuality
) -> list[QualityCheck]:
    """Extract each sample, and hold it against the quality gate of enrolment; in the order of the samples.

    Raises:
        InvalidInput, TemplateModelMismatch: a sample is no image or template that can be read; the metadata names it.
        ServiceUnavailable, DeadlineExpired: a service that is needed does not answer.
    """
    probes = await extract_probes(samples, matchers, step_s(Deadline.after(timeout_s)))
    return [_checked(probe, min_quality) for probe in probes]


def _checked(probe: Probe, min_quality: MinQuality) -> QualityCheck:
    try:
        require_usable([probe])
        require_quality([probe], min_quality)
    except AcquisitionFailed as error:
        return QualityCheck(probe, error)
    return QualityCheck(probe)
