"""Subjects: domain objects → messages."""

from __future__ import annotations

from biofusion.fusion.v1 import subjects_pb2
from biofusion.type.v1 import sample_pb2

from biometrics.errors import FieldInvalid
from fusion.samples.probes import Probe
from fusion.use_cases.check_quality import QualityCheck
from fusion.watching.watch import News
from gallery.store.values import ChangeKind
from gallery.subject import Encounter, EncounterState, EncounterSummary, Missing, Reference, Subject, SubjectSummary
from infra.wire.convert import (
    missing_reason_to_wire,
    modality_to_wire,
    position_to_wire,
    quality_to_wire,
)
from infra.wire.resolutions import resolution_to_wire


def is_basic(view: subjects_pb2.SubjectView.ValueType, default: subjects_pb2.SubjectView.ValueType) -> bool:
    """Whether the view asks for summaries, not whole subjects; an unspecified view means `default`.

    Raises:
        FieldInvalid: this version does not know the view.
    """
    if view not in subjects_pb2.SubjectView.values():
        raise FieldInvalid("view", f"{', '.join(subjects_pb2.SubjectView.keys()[1:])} are known.")
    return (view or default) == subjects_pb2.SUBJECT_VIEW_BASIC


def report_to_wire(probe: Probe) -> subjects_pb2.SampleReport:
    """Modality, position and quality, where known, of one sample of an enrolment."""
    report = subjects_pb2.SampleReport(
        modality=modality_to_wire(probe.modality),
        position=position_to_wire(probe.position),
        quality_is_claimed=probe.quality_is_claimed,
        sample_index=probe.origin.index,
        record_part=probe.origin.part,
        model_id=probe.template.model_id if probe.template else "",
    )
    if probe.resolution:
        report.resolution.CopyFrom(resolution_to_wire(probe.resolution))
    if probe.quality:
        report.quality.CopyFrom(quality_to_wire(probe.quality))
    elif probe.quality_value is not None:
        report.quality.value = probe.quality_value
        report.quality.SetInParent()  # also where it is 0
    return report


def check_to_wire(check: QualityCheck) -> subjects_pb2.QualityReport:
    """Quality of one sample, and whether it would be enrolled."""
    return subjects_pb2.QualityReport(
        report=report_to_wire(check.probe),
        is_sufficient=check.failure is None,
        failure_reason=check.failure.reason if check.failure else "",
        failure_message=check.message,
    )


def news_to_wire(news: News) -> subjects_pb2.WatchChangesResponse:
    """A change, or a token alone."""
    message = subjects_pb2.WatchChangesResponse(
        resume_token=news.token, subject_id=news.subject_id, subject_name=news.name.hex()
    )
    if news.kind:
        is_gone = news.kind is ChangeKind.DELETE
        message.kind = subjects_pb2.CHANGE_KIND_DELETE if is_gone else subjects_pb2.CHANGE_KIND_PUT
    return message


def subject_to_wire(subject: Subject | SubjectSummary) -> subjects_pb2.Subject:
    """A subject with its encounters and references, without templates; a summary has no references."""
    return subjects_pb2.Subject(
        subject_id=subject.subject_id,
        galleries=subject.galleries,
        encounters=map(encounter_to_wire, subject.encounters),
    )


def state_to_wire(state: EncounterState) -> subjects_pb2.EncounterState.ValueType:
    """Whether an encounter is searched."""
    return subjects_pb2.EncounterState.Value(f"ENCOUNTER_STATE_{state}")


def encounter_to_wire(encounter: Encounter | EncounterSummary) -> subjects_pb2.Encounter:
    """An encounter without templates; a summary has no references."""
    message = subjects_pb2.Encounter(
        encounter_id=encounter.encounter_id,
        state=state_to_wire(encounter.state),
    )
    message.create_time.FromDatetime(encounter.create_time)
    if encounter.update_time:
        message.update_time.FromDatetime(encounter.update_time)
    if encounter.expire_time:
        message.expire_time.FromDatetime(encounter.expire_time)
    if isinstance(encounter, Encounter):
        message.references.extend(map(_reference_to_wire, encounter.references))
        message.missing.extend(map(missing_to_wire, encounter.missing))
    return message


def _reference_to_wire(reference: Reference) -> subjects_pb2.Reference:
    return subjects_pb2.Reference(
        modality=modality_to_wire(reference.modality),
        position=position_to_wire(reference.position),
        model_id=reference.template.model_id,
        quality=reference.quality,
        quality_is_claimed=reference.quality_is_claimed,
    )


def missing_to_wire(missing: Missing) -> sample_pb2.MissingPosition:
    """A position without a sample."""
    return sample_pb2.MissingPosition(
        modality=modality_to_wire(missing.modality),
        position=position_to_wire(missing.position),
        reason=missing_reason_to_wire(missing.reason),
    )
