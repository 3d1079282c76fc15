"""Is this the subject? Compares with the subject's references in the store, so a write is seen at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.errors import ServiceUnavailable
from biometrics.sample import Sample
from biometrics.template import MissingReason, Position
from fusion.budget import step_s
from fusion.crossed import perhaps_confused, with_crossed
from fusion.decision import Decision, DecisionReason, Outcome
from fusion.evidence import Evidence
from fusion.matchers import Hit
from fusion.model import FusionModel
from fusion.mutual import compared_with_each_other
from fusion.parallel import in_parallel
from fusion.probes import Matchers, Probe, compared, extract_probes, missing_evidence, require_usable
from gallery.store import SubjectStore
from gallery.subject import Missing, Reference, Subject, check_id
from infra.deadlines import Deadline


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """Who it is claimed to be, and how sure to be.

    Args:
        subject_id: the claimed identity.
        samples: 1–64.
        missing: positions without a sample.
        fmr: false match rate to decide at; 0 means the default.

    Raises:
        FieldInvalid: a subject id of the wrong form.
    """

    subject_id: str
    samples: tuple[Sample, ...]
    missing: tuple[Missing, ...] = ()
    fmr: float = 0.0

    def __post_init__(self) -> None:
        check_id(self.subject_id, "subject_id")


async def verify(
    request: VerificationRequest, matchers: Matchers, store: SubjectStore, model: FusionModel, timeout_s: float
) -> Decision:
    """Decide whether the samples are of the subject, at a false match rate.

    1. Extract every sample; compare the samples with each other.
    2. Compare each with the subject's references of its position; fuse; decide.
    3. Where that is no match, compare those that do not match with the references of other positions too: if some do,
       positions were confused, and a person must look.

    Raises:
        SubjectNotFound: no such subject.
        AcquisitionFailed, ServiceUnavailable: no sample at all has a template.
        FieldInvalid: no sample, or a rate out of range.
    """
    deadline = Deadline.after(timeout_s)
    subject = await store.get(request.subject_id)
    probes = await extract_probes(request.samples, matchers, step_s(deadline))
    require_usable(probes)
    probes = await compared_with_each_other(probes, matchers, model, step_s(deadline))
    missing = (*request.missing, *_not_probed(subject, request))
    absent = missing_evidence(missing, {(probe.modality, probe.position) for probe in probes})

    async def evidence_of(probes: Sequence[Probe]) -> list[Evidence]:
        left_s = step_s(deadline)
        return await in_parallel(_compare(probe, subject, matchers, model, left_s) for probe in probes)

    def decided(evidence: Sequence[Evidence]) -> Decision:
        return model.verification((*model.merged(evidence), *absent), request.fmr)

    evidence = await evidence_of(probes)
    decision = decided(evidence)
    if decision.outcome is Outcome.MATCH or not (confused := perhaps_confused(probes, evidence)):
        return decision
    crossed = decided(with_crossed(evidence, await evidence_of(confused)))
    return crossed if DecisionReason.POSITIONS_SWAPPED in crossed.reasons else decision


async def _compare(
    probe: Probe, subject: Subject, matchers: Matchers, model: FusionModel, timeout_s: float
) -> Evidence:
    references = _comparable(probe, subject)
    if not (probe.template and references):
        return probe.without_comparison()
    try:
        templates = [reference.template for reference in references]
        scores = await matchers[probe.modality].compare(probe.template, templates, timeout_s)
    except ServiceUnavailable as error:
        return probe.failed(error).without_comparison()
    best = max(range(len(scores)), key=scores.__getitem__)
    hit = Hit(subject.subject_id, scores[best], references[best].position, len(scores))
    return compared(probe, [hit], model)[0]


def _comparable(probe: Probe, subject: Subject) -> list[Reference]:
    if not probe.template:
        return []
    return [
        reference
        for reference in subject.active_references
        if reference.modality is probe.modality
        and reference.template.model_id == probe.template.model_id
        and (probe.any_position or reference.position.comparable(probe.position))
    ]


def _not_probed(subject: Subject, request: VerificationRequest) -> list[Missing]:
    """Positions that the subject has references of and the request says nothing about."""
    said = {(each.modality, each.position) for each in request.samples}
    said |= {(each.modality, each.position) for each in request.missing}
    unknown = {modality for modality, position in said if position is Position.UNKNOWN}
    enrolled = dict.fromkeys((each.modality, each.position) for each in subject.active_references)
    return [
        Missing(modality, position, MissingReason.NOT_CAPTURED)
        for modality, position in enrolled
        if (modality, position) not in said and modality not in unknown
    ]
