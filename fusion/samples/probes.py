"""Probes: every sample of a request with its template or the error in its place, and their evidence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from biometrics.comparison import Comparison
from biometrics.errors import AcquisitionFailed, BiofusionError, DeadlineExpired, ServiceUnavailable
from biometrics.quality import Quality
from biometrics.resolution import Resolution
from biometrics.sample import Origin, Sample
from biometrics.template import Modality, Position, Template
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.evidence.likeness import NO_LIKENESSES, Likenesses
from fusion.matching.matchers import Hit, Matcher
from fusion.models.model import FusionModel
from gallery.subject import Missing

Matchers = Mapping[Modality, Matcher]

OUT_OF_TIME = "DEADLINE_EXCEEDED"
"""`code` in the error of a service that did not answer in time; the error of one that is known to hang has none."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One sample with its template, or the error in its place.

    Args:
        sample: the sample as sent.
        template: its template, or None.
        quality: its measured quality, or None.
        error: why there is no template: AcquisitionFailed or ServiceUnavailable.
        number: number of the sample in the request, from 0.
        likenesses: how alike it is to the others of its modality in the request, where known.
        any_position: whether it is compared with references of every position, not only of its own.
        resolution: at which its image was read, where that is known.
    """

    sample: Sample
    template: Template | None = field(default=None, repr=False)
    quality: Quality | None = None
    error: AcquisitionFailed | ServiceUnavailable | None = None
    number: int = 0
    likenesses: Likenesses = NO_LIKENESSES
    any_position: bool = False
    resolution: Resolution | None = None

    @property
    def path(self) -> str:
        """The sample of the request, for errors, e.g. "samples[3]"."""
        return f"samples[{self.origin.index}]"

    @property
    def origin(self) -> Origin:
        """Where the sample comes from."""
        return self.sample.origin or Origin(self.number)

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
        """Quality, 0–100, measured or else claimed; None if unknown."""
        return self.quality.value if self.quality else self.sample.template_quality

    @property
    def quality_is_claimed(self) -> bool:
        """Whether the quality was stated by the caller for a template, not measured."""
        return self.quality is None and self.sample.template_quality is not None

    @property
    def as_sample(self) -> Sample:
        """The sample to search with: its template in place of its image. There must be a template."""
        assert self.template is not None
        position = Position.UNKNOWN if self.any_position else self.position
        return replace(self.sample, source=self.template, position=position)

    @property
    def evidence(self) -> Evidence:
        """Its evidence before it is compared with anything: facts about the sample alone."""
        return self._evidence(EvidenceStatus.REFERENCE_MISSING)

    def _evidence(self, status: EvidenceStatus, **rest: Any) -> Evidence:
        quality = self.quality
        return Evidence(
            self.modality,
            self.position,
            status,
            quality=self.quality_value,
            quality_reasons=quality.reasons if quality else (),
            resolution=self.resolution,
            sample=self.number,
            likenesses=self.likenesses,
            quality_is_claimed=self.quality_is_claimed,
            origin=self.origin,
            **rest,
        )

    def compared_with(self, hit: Hit, comparison: Comparison, model_id: str) -> Evidence:
        """Its evidence after a comparison with templates of this model."""
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
        """The probe with this error in place of its template."""
        return replace(self, template=None, error=error)

    def without_comparison(self) -> Evidence:
        """Its evidence if it was not compared: why it has no template, or that there is no reference."""
        if isinstance(self.error, ServiceUnavailable):
            cause = self.error.metadata.get("cause", "")
            return self._evidence(EvidenceStatus.SERVICE_UNAVAILABLE, failure_reason=cause)
        if self.error:
            return self._evidence(EvidenceStatus.SAMPLE_UNUSABLE, failure_reason=self.error.reason)
        return self.evidence


def require_usable(probes: Sequence[Probe]) -> None:
    """Check that at least one probe has a template.

    Raises:
        AcquisitionFailed, ServiceUnavailable: none has; the error of the first one.
        DeadlineExpired: none has, and all for lack of time. The services are not at fault, so this is not an
            Unavailable error that the caller would retry at once.
    """
    failures = [probe.error for probe in probes if probe.error]
    if len(failures) < len(probes):
        return
    if all(error.metadata.get("code") == OUT_OF_TIME for error in failures):
        raise DeadlineExpired(f"{failures[0].message} Only time was lacking: allow more.", **_named(failures[0]))
    raise failures[0]


def _named(error: BiofusionError) -> dict[str, str]:
    """The metadata that say which sample and service an error is about."""
    return {key: value for key, value in error.metadata.items() if key in ("modality", "sample")}


def compared(probe: Probe, hits: Sequence[Hit], model: FusionModel) -> list[Evidence]:
    """The evidence of a probe about the subject of each hit, in order; all scores are calibrated at once."""
    own = model.comparators[probe.modality]
    places: dict[str, list[int]] = {}
    for place, hit in enumerate(hits):
        places.setdefault(hit.comparator_id or own, []).append(place)
    found: dict[int, Evidence] = {}
    for comparator_id, held in places.items():
        scores = [hits[place].score for place in held]
        comparisons = model.comparisons(comparator_id, scores, probe.quality_value, is_claimed=probe.quality_is_claimed)
        for place, comparison in zip(held, comparisons, strict=True):
            model_id = hits[place].model_id or model.model_id(comparator_id)
            found[place] = probe.compared_with(hits[place], comparison, model_id)
    return [found[place] for place in range(len(hits))]


def missing_evidence(
    missing: Sequence[Missing], compared: Collection[tuple[Modality | None, Position]]
) -> list[Evidence]:
    """Evidence for the positions stated as missing, except those that do have a sample."""
    return [
        Evidence(each.modality, each.position, EvidenceStatus.PROBE_MISSING, missing_reason=each.reason)
        for each in missing
        if (each.modality, each.position) not in compared
    ]
