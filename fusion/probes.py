"""Samples → probes: every sample's template, or why there is none. The first step of every use case."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from biometrics.errors import AcquisitionFailed, BiofusionError, FieldInvalid, ServiceUnavailable
from biometrics.quality import Quality
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template
from fusion.evidence import Evidence, EvidenceStatus
from fusion.likeness import Likeness
from fusion.located import located
from fusion.matchers import Hit, Matcher
from fusion.model import FusionModel
from fusion.parallel import in_parallel
from gallery.subject import Missing

E = TypeVar("E", bound=BiofusionError)

MAX_SAMPLES = 64

Matchers = Mapping[Modality, Matcher]


@dataclass(frozen=True, slots=True)
class Probe:
    """One sample with its template, or the error that stands in its place.

    Args:
        sample: what was sent.
        template: its template, or None.
        quality: of the sample, when known.
        error: why there is no template: AcquisitionFailed or ServiceUnavailable.
        number: of the sample in the request, from 0.
        likenesses: how alike it is to the other samples of its modality, as far as that is known.
        any_position: whether it is compared with references of every position, not only of its own.
    """

    sample: Sample
    template: Template | None = field(default=None, repr=False)
    quality: Quality | None = None
    error: AcquisitionFailed | ServiceUnavailable | None = None
    number: int = 0
    likenesses: tuple[Likeness, ...] = ()
    any_position: bool = False

    @property
    def modality(self) -> Modality:
        """The sample's modality."""
        return self.sample.modality

    @property
    def position(self) -> Position:
        """The sample's position."""
        return self.sample.position

    @property
    def quality_value(self) -> float | None:
        """Quality 0–100, when known."""
        return self.quality.value if self.quality else self.sample.template_quality

    @property
    def as_sample(self) -> Sample:
        """The sample as it is searched with: with its template for its image; only where there is a template."""
        assert self.template is not None
        position = Position.UNKNOWN if self.any_position else self.position
        return replace(self.sample, source=self.template, position=position)

    @property
    def evidence(self) -> Evidence:
        """What its evidence says of it whatever it is compared with."""
        measures = self.quality.measures if self.quality else {}
        return Evidence(
            self.modality,
            self.position,
            EvidenceStatus.REFERENCE_MISSING,
            quality=self.quality_value,
            quality_reasons=self.quality.reasons if self.quality else (),
            resolution_dpi=measures.get("resolution_dpi"),
            sample=self.number,
            likenesses=self.likenesses,
        )

    def failed(self, error: AcquisitionFailed | ServiceUnavailable) -> Probe:
        """The probe without its template."""
        return replace(self, template=None, error=error)

    def without_comparison(self) -> Evidence:
        """The evidence of a probe that was compared with nothing."""
        if isinstance(self.error, ServiceUnavailable):
            cause = self.error.metadata.get("cause", "")
            return replace(self.evidence, status=EvidenceStatus.SERVICE_UNAVAILABLE, failure_reason=cause)
        if self.error:
            return replace(self.evidence, status=EvidenceStatus.SAMPLE_UNUSABLE, failure_reason=self.error.reason)
        return self.evidence


async def extract_probes(samples: Sequence[Sample], matchers: Matchers, timeout_s: float) -> list[Probe]:
    """Extract all samples in parallel, in order.

    Raises:
        FieldInvalid: no sample, or more than 64.
        InvalidInput, TemplateModelMismatch: a sample that no service can take; the metadata names it.
    """
    if not 1 <= len(samples) <= MAX_SAMPLES:
        raise FieldInvalid("samples", f"1 to {MAX_SAMPLES} samples are needed, {len(samples)} were sent.")
    return await in_parallel(_probe(index, sample, matchers, timeout_s) for index, sample in enumerate(samples))


def require_usable(probes: Sequence[Probe]) -> None:
    """Refuse to decide on nothing.

    Raises:
        AcquisitionFailed, ServiceUnavailable: no probe has a template; the first one's error.
    """
    failures = [probe.error for probe in probes if probe.error]
    if len(failures) == len(probes):
        raise failures[0]


def compared(probe: Probe, hits: Sequence[Hit], model: FusionModel) -> list[Evidence]:
    """The evidence of a probe for the subject of each hit, in order; all are calibrated at once."""
    comparator_id = model.comparators[probe.modality]
    comparisons = model.comparisons(comparator_id, [hit.score for hit in hits], probe.quality_value)
    return [
        replace(
            probe.evidence,
            status=EvidenceStatus.COMPARED,
            comparison=comparison,
            reference_position=hit.reference_position,
            comparison_count=hit.comparison_count,
            model_id=model.model_id(comparator_id),
        )
        for hit, comparison in zip(hits, comparisons, strict=True)
    ]


def missing_evidence(
    missing: Sequence[Missing], compared: Collection[tuple[Modality | None, Position]]
) -> list[Evidence]:
    """Evidence for the positions stated as missing, except those that have a sample all the same."""
    return [
        Evidence(each.modality, each.position, EvidenceStatus.PROBE_MISSING, missing_reason=each.reason)
        for each in missing
        if (each.modality, each.position) not in compared
    ]


async def _probe(index: int, sample: Sample, matchers: Matchers, timeout_s: float) -> Probe:
    matcher = matchers[sample.modality]
    try:
        if isinstance(sample.source, EncodedImage):
            template, quality = await matcher.extract(sample.source, sample.position, timeout_s)
            return Probe(sample, template, quality, number=index)
        await matcher.compare(sample.source, [sample.source], timeout_s)
        return Probe(sample, sample.source, number=index)
    except (AcquisitionFailed, ServiceUnavailable) as error:
        return Probe(sample, error=_of_sample(error, index), number=index)
    except BiofusionError as error:
        raise _of_sample(error, index) from error


def _of_sample(error: E, index: int) -> E:
    path = f"samples[{index}]"
    error.metadata["sample"] = path
    return located(error, path)
