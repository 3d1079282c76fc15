"""Use case "verify": compares samples with a subject's references, read from the store so that writes count at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from biometrics.errors import ServiceUnavailable
from biometrics.sample import Sample
from biometrics.template import MissingReason, Position
from fusion.decision.decision import Decision, DecisionReason, Outcome
from fusion.evidence.evidence import Evidence
from fusion.models.model import FusionModel
from fusion.requests.budget import step_s
from fusion.requests.parallel import computed, in_parallel
from fusion.samples.comparable import best_by_each, comparable, hit_of
from fusion.samples.mutual import compared_with_each_other
from fusion.samples.probe_extraction import checked, extract_probes, not_of_the_request
from fusion.samples.probes import Matchers, Probe, compared, missing_evidence, require_usable
from fusion.samples.swapped_positions import perhaps_confused, with_crossed
from gallery.subject import Missing, Subject, check_id
from infra.deadlines import Deadline
from infra.telemetry.metrics.stages import FUSION, stage
from infra.wire.field_paths import OF_A_FIELD


class Subjects(Protocol):
    """Reads subjects: a SubjectStore or a SubjectReader."""

    async def get(self, subject_id: str) -> Subject:
        """Read the current state of a subject. Raises SubjectNotFound, StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """A claimed identity, samples, and the error rate to decide at.

    Args:
        subject_id: the claimed identity.
        samples: 1–64.
        missing: positions without a sample.
        fmr: false match rate; None means the default.

    Raises:
        FieldInvalid: the subject id has the wrong form.
    """

    subject_id: str
    samples: tuple[Sample, ...]
    missing: tuple[Missing, ...] = ()
    fmr: float | None = None

    def __post_init__(self) -> None:
        check_id(self.subject_id, "subject_id")


async def verify(
    request: VerificationRequest, matchers: Matchers, subjects: Subjects, model: FusionModel, timeout_s: float
) -> Decision:
    """Decide whether the samples are of the subject, at a false match rate.

    1. Extract every sample; compare the samples with each other.
    2. Compare each with the subject's references of its position; fuse; decide.
    3. Unless that is a MATCH, compare the samples that do not match with the references of other positions too: if some
       match there, positions were swapped, and the decision is REVIEW.

    Raises:
        SubjectNotFound: no such subject.
        AcquisitionFailed, ServiceUnavailable: none of the samples has a template.
        FieldInvalid: there is no sample, or the rate is out of range.
    """
    deadline = Deadline.after(timeout_s)
    subject = await subjects.get(request.subject_id)
    probes = await extract_probes(request.samples, matchers, step_s(deadline), check_templates=False)
    require_usable(probes)
    probes = await compared_with_each_other(probes, matchers, model, step_s(deadline))
    missing = (*request.missing, *_not_probed(subject, request))
    absent = missing_evidence(missing, {(probe.modality, probe.position) for probe in probes})

    async def evidence_of(probes: Sequence[Probe]) -> list[Evidence]:
        left_s = step_s(deadline)
        with stage(FUSION, "compare"):
            tried = await in_parallel(_compared(probe, subject, matchers, model, left_s) for probe in probes)
        require_usable(
            [after if after.is_template else before for before, (after, _) in zip(probes, tried, strict=True)]
        )
        return [evidence for _, evidence in tried]

    async def decided(evidence: Sequence[Evidence]) -> Decision:
        with stage(FUSION, "decide"):
            return await computed(10 * len(evidence), _decided, evidence, absent, model, request.fmr)

    evidence = await evidence_of(probes)
    decision = await decided(evidence)
    if decision.outcome is Outcome.MATCH or not (confused := perhaps_confused(probes, evidence)):
        return decision
    crossed = await decided(with_crossed(evidence, await evidence_of(confused)))
    return crossed if DecisionReason.POSITIONS_SWAPPED in crossed.reasons else decision


def _decided(
    evidence: Sequence[Evidence], absent: Sequence[Evidence], model: FusionModel, fmr: float | None
) -> Decision:
    return model.verification((*model.merged(evidence), *absent), fmr)


async def _compared(
    probe: Probe, subject: Subject, matchers: Matchers, model: FusionModel, timeout_s: float
) -> tuple[Probe, Evidence]:
    """The evidence of a probe about the subject, and the probe: without its template if its service did not answer."""
    if not probe.template:
        return probe, probe.without_comparison()
    references = comparable(probe, subject, model)
    try:
        if references:
            templates = [reference.template for reference in references]
            scores = await matchers[probe.modality].compare(probe.template, templates, timeout_s)
        elif probe.is_template:
            probe = await checked(probe, matchers, timeout_s)
    except ServiceUnavailable as error:
        probe = probe.failed(error)
    except OF_A_FIELD as error:
        if probe.is_template:
            # raises an error that names the sample, if the sample is at fault
            await checked(probe, matchers, timeout_s)
        raise not_of_the_request(error) from error.__cause__
    if not (probe.template and references):
        return probe, probe.without_comparison()
    places = best_by_each(probe.template, references, scores, model)
    hits = [hit_of(subject.subject_id, references, scores, *each) for each in places.items()]
    return probe, max(compared(probe, hits, model), key=lambda each: each.llr)


def _not_probed(subject: Subject, request: VerificationRequest) -> list[Missing]:
    """Positions of which the subject has references and the request has neither a sample nor a statement."""
    said = {(each.modality, each.position) for each in request.samples}
    said |= {(each.modality, each.position) for each in request.missing}
    unknown = {modality for modality, position in said if position is Position.UNKNOWN}
    enrolled = dict.fromkeys((each.modality, each.position) for each in subject.active_references)
    return [
        Missing(modality, position, MissingReason.NOT_CAPTURED)
        for modality, position in enrolled
        if (modality, position) not in said and modality not in unknown
    ]
