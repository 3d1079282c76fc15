"""Probes: every sample's template, or why there is none, and the evidence that comes of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from biometrics.comparison import Comparison
from biometrics.errors import AcquisitionFailed, BiofusionError, DeadlineExpired, ServiceUnavailable
from biometrics.quality import Quality
from biometrics.sample import Sample
from biometrics.template import Modality, Position, Template
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.evidence.likeness import NO_LIKENESSES, Likenesses
from fusion.matching.matchers import Hit, Matcher
from fusion.models.model import FusionModel
from gallery.subject import Missing

Matchers = Mapping[Modality, Matcher]

OUT_OF_TIME = "DEADLINE_EXCEEDED"
"""`code` of a service that had not answered when the time was up; one that is known to hang has none."""


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
    likenesses: Likenesses = NO_LIKENESSES
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
    def quality_is_claimed(self) -> bool:
        """Whether the quality is what the caller says of a template, and nobody measured it."""
        return self.quality is None and self.sample.template_quality is not None

    @property
    def as_sample(self) -> Sample:
        """The sample as it is searched with: with its template for its image; only where there is a template."""
        assert self.template is not None
        position = Position.UNKNOWN if self.any_position else self.position
        return replace(self.sample, source=self.template, position=position)

    @property
    def evidence(self) -> Evidence:
        """What its evidence says of it whatever it is compared with."""
        return self._evidence(EvidenceStatus.REFERENCE_MISSING)

    def _evidence(self, status: EvidenceStatus, **rest: Any) -> Evidence:
        quality = self.quality
        return Evidence(
            self.modality,
            self.position,
            status,
            quality=self.quality_value,
            quality_reasons=quality.reasons if quality else (),
            resolution_dpi=quality.measures.get("resolution_dpi") if quality else None,
            sample=self.number,
            likenesses=self.likenesses,
            quality_is_claimed=self.quality_is_claimed,
            **rest,
        )

    def compared_with(self, hit: Hit, comparison: Comparison, model_id: str) -> Evidence:
        """The evidence of a comparison with templates of this model."""
        return self._evidence(
            EvidenceStatus.COMPARED,
            comparison=comparison,
            reference_position=hit.reference_position,
            comparison_count=hit.comparison_count,
            model_id=model_id,
        )

    @property
    def is_template(self) -> bool:
        """Whether the sample is a template itself."""
        return isinstance(self.sample.source, Template)

    @classmethod
    def of_template(cls, sample: Sample, number: int) -> Probe:
        """The probe of a sample that is a template."""
        assert isinstance(sample.source, Template)
        return cls(sample, sample.source, number=number)

    def failed(self, error: AcquisitionFailed | ServiceUnavailable) -> Probe:
        """The probe without its template."""
        return replace(self, template=None, error=error)

    def without_comparison(self) -> Evidence:
        """The evidence of a probe that was compared with nothing."""
        if isinstance(self.error, ServiceUnavailable):
            cause = self.error.metadata.get("cause", "")
            return self._evidence(EvidenceStatus.SERVICE_UNAVAILABLE, failure_reason=cause)
        if self.error:
            return self._evidence(EvidenceStatus.SAMPLE_UNUSABLE, failure_reason=self.error.reason)
        return self.evidence


def require_usable(probes: Sequence[Probe]) -> None:
    """Refuse to decide on nothing.

    Raises:
        AcquisitionFailed, ServiceUnavailable: no probe has a template; the first one's error.
        DeadlineExpired: as all that was lacking was time: nothing is out of order, and to try again at once only adds
            to what there is to do.
    """
    failures = [probe.error for probe in probes if probe.error]
    if len(failures) < len(probes):
        return
    if all(error.metadata.get("code") == OUT_OF_TIME for error in failures):
        raise DeadlineExpired(
            f"{failures[0].message} All that was lacking was time: allow more.", **_named(failures[0])
        )
    raise failures[0]


def _named(error: BiofusionError) -> dict[str, str]:
    """Which sample and service an error is about."""
    return {key: value for key, value in error.metadata.items() if key in ("modality", "sample")}


def compared(probe: Probe, hits: Sequence[Hit], model: FusionModel) -> list[Evidence]:
    """The evidence of a probe for the subject of each hit, in order; all are calibrated at once."""
    comparator_id = model.comparators[probe.modality]
    scores = [hit.score for hit in hits]
    comparisons = model.comparisons(comparator_id, scores, probe.quality_value, is_claimed=probe.quality_is_claimed)
    model_id = model.model_id(comparator_id)
    return [probe.compared_with(*each, model_id) for each in zip(hits, comparisons, strict=True)]


def missing_evidence(
    missing: Sequence[Missing], compared: Collection[tuple[Modality | None, Position]]
) -> list[Evidence]:
    """Evidence for the positions stated as missing, except those that have a sample all the same."""
    return [
        Evidence(each.modality, each.position, EvidenceStatus.PROBE_MISSING, missing_reason=each.reason)
        for each in missing
        if (each.modality, each.position) not in compared
    ]
