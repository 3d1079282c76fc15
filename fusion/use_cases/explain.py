"""Use case "explain": what one sample and a subject have in common, as far as their templates show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from biometrics.errors import FieldInvalid, PreconditionFailed
from biometrics.explanation import Explanation
from biometrics.sample import Sample
from biometrics.template import Modality, Position, check_position
from fusion.evidence.evidence import Evidence
from fusion.matching.explaining_port import explaining_matcher
from fusion.models.model import FusionModel
from fusion.requests.budget import step_s
from fusion.requests.parallel import in_parallel
from fusion.samples.comparable import best_by_each, comparable, hit_of
from fusion.samples.enrolled_probe import EnrolledProbe, probes_of
from fusion.samples.probe_extraction import not_of_the_request
from fusion.samples.probes import Matchers, Probe, compared
from fusion.samples.single_probe import probe_of_sample
from gallery.store.port import SubjectStore
from gallery.subject import Reference, Subject, check_id
from infra.deadlines import Deadline
from infra.wire.field_paths import OF_A_FIELD, renamed

NOTHING = "NOTHING_TO_EXPLAIN"


@dataclass(frozen=True, slots=True)
class ExplanationRequest:
    """What is to be explained.

    Args:
        subject_id: the subject that is compared with.
        encounter_id: one of its encounters; "": all ACTIVE ones.
        reference_position: only samples of the subject of this position; UNKNOWN: those that a decision compares with.
        sample: the probe; None: an enrolled one is.
        enrolled: the encounter whose samples are the probes; None: a sample is.
        modality: of the enrolled probes.
        position: of the enrolled probes; UNKNOWN: of any.

    Raises:
        FieldInvalid: an id has the wrong form, there is not exactly one kind of probe, or no modality of enrolled ones.
        PositionInvalid: the modality does not have the position.
    """

    subject_id: str
    encounter_id: str = ""
    reference_position: Position = Position.UNKNOWN
    sample: Sample | None = None
    enrolled: EnrolledProbe | None = None
    modality: Modality | None = None
    position: Position = Position.UNKNOWN

    def __post_init__(self) -> None:
        check_id(self.subject_id, "subject_id")
        if self.encounter_id:
            check_id(self.encounter_id, "encounter_id")
        if (self.sample is None) == (self.enrolled is None):
            raise FieldInvalid("sample", "send either a sample or an enrolled encounter, not both.")
        if self.enrolled and self.modality is None:
            raise FieldInvalid("modality", "state of which modality the enrolled samples are.")
        modality = self.sample.modality if self.sample else self.modality
        assert modality is not None
        check_position(modality, self.position)
        with renamed("position", "reference_position", is_meant=True):
            check_position(modality, self.reference_position)


@dataclass(frozen=True, slots=True)
class ExplainedEvidence:
    """A comparison as evidence, and what it rests on.

    Args:
        evidence: of the probe alone, as a decision has it; its score is that of the explanation.
        explanation: of the comparison with the reference.
        reference: the sample of the subject.
        encounter_id: that it is of.
    """

    evidence: Evidence
    explanation: Explanation
    reference: Reference
    encounter_id: str


@dataclass(frozen=True, slots=True)
class _Best:
    """A probe, the reference that it is most like, and the evidence of their comparison."""

    probe: Probe
    reference: Reference
    evidence: Evidence


async def explain_evidence(
    request: ExplanationRequest, matchers: Matchers, store: SubjectStore, model: FusionModel, timeout_s: float
) -> ExplainedEvidence:
    """Compare a probe with a subject as a decision does, and show on what the best comparison rests.

    Raises:
        SubjectNotFound, EncounterNotFound: there is none, e.g. as it was erased.
        PreconditionFailed: ENCOUNTER_INACTIVE; NOTHING_TO_EXPLAIN, there is nothing to compare.
        AcquisitionFailed: the sample cannot be used.
        TemplateModelMismatch, ComparatorUncalibrated, InvalidInput: the template cannot be compared.
        ServiceUnavailable: the matching service does not answer.
    """
    deadline = Deadline.after(timeout_s)
    subject = _narrowed(await store.get(request.subject_id), request.encounter_id)
    probes = await _probes(request, matchers, store, deadline)
    found = await in_parallel(_best(each, subject, request, matchers, model, step_s(deadline)) for each in probes)
    best = max((each for each in found if each), key=lambda each: each.evidence.llr, default=None)
    if best is None or best.probe.template is None:
        raise PreconditionFailed(
            f"Subject {request.subject_id} has no sample that is comparable with this one: none of its position, or "
            "only of other models.",
            reason=NOTHING,
        )
    matcher = explaining_matcher(matchers, best.probe.modality)
    explanation = await matcher.explain(best.probe.template, best.reference.template, step_s(deadline))
    return _told(best, explanation, subject, model)


def _narrowed(subject: Subject, encounter_id: str) -> Subject:
    """The subject with only this encounter, if one is named."""
    if not encounter_id:
        return subject
    return replace(subject, encounters=(EnrolledProbe(subject.subject_id, encounter_id).encounter_of(subject),))


async def _probes(
    request: ExplanationRequest, matchers: Matchers, store: SubjectStore, deadline: Deadline
) -> Sequence[Probe]:
    if request.sample:
        probes = [await probe_of_sample(request.sample, matchers, step_s(deadline))]
    else:
        assert request.enrolled is not None
        encounter = request.enrolled.encounter_of(await store.get(request.enrolled.subject_id))
        wanted = (request.modality, request.position)
        probes = probes_of(each for each in encounter.references if _is_wanted(each, *wanted))
    return [replace(each, any_position=request.reference_position is not Position.UNKNOWN) for each in probes]


def _is_wanted(reference: Reference, modality: Modality | None, position: Position) -> bool:
    return reference.modality is modality and position in (Position.UNKNOWN, reference.position)


async def _best(
    probe: Probe,
    subject: Subject,
    request: ExplanationRequest,
    matchers: Matchers,
    model: FusionModel,
    timeout_s: float,
) -> _Best | None:
    """The comparison that counts in a decision; None if there is nothing to compare with."""
    assert probe.template is not None
    wanted = request.reference_position
    references = [each for each in comparable(probe, subject, model) if wanted in (Position.UNKNOWN, each.position)]
    if not references:
        return None
    try:
        scores = await matchers[probe.modality].compare(probe.template, [r.template for r in references], timeout_s)
    except OF_A_FIELD as error:
        raise not_of_the_request(error) from error.__cause__
    places = best_by_each(probe.template, references, scores, model)
    hits = [hit_of(subject.subject_id, references, scores, *each) for each in places.items()]
    found = zip(places.values(), compared(probe, hits, model), strict=True)
    place, evidence = max(found, key=lambda each: each[1].llr)
    return _Best(probe, references[place], evidence)


def _told(best: _Best, explanation: Explanation, subject: Subject, model: FusionModel) -> ExplainedEvidence:
    comparator_id, score = explanation.comparison.comparator_id, explanation.comparison.score
    probe = best.probe
    comparisons = model.comparisons(comparator_id, [score], probe.quality_value, is_claimed=probe.quality_is_claimed)
    (evidence,) = model.merged([replace(best.evidence, comparison=comparisons[0])])
    encounter = next(each for each in subject.encounters if any(r is best.reference for r in each.references))
    return ExplainedEvidence(evidence, explanation, best.reference, encounter.encounter_id)
