"""Templates written as records of each format, and taken back, by a fusion service of each kind."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import grpc
import pytest
from biofusion.fingerprint.v1 import fingerprint_pb2, fingerprint_pb2_grpc
from biofusion.fusion.v1 import encounters_pb2
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import modality_pb2, record_pb2, sample_pb2

from biometrics.template import Position
from formats.blocks import CARDS
from formats.contents import MinutiaeContent, RecordFormat
from formats.read import read
from infra.wire.records import FORMATS
from tests.service import pictures
from tests.service.fusion.requests import INVALID, Stub, enrolment, eye, fields_named, refused, someone
from tests.service.records.requests import MATCH, REVIEW, enrolled, outcome, print_of
from tests.support.records import of_pictures as made

INDEX, RING = Position.RIGHT_INDEX, Position.LEFT_RING
PLACES = [modality_pb2.POSITION_RIGHT_INDEX, modality_pb2.POSITION_LEFT_RING]
WRITTEN = [
    RecordFormat.ISO_19794_2_2005,
    RecordFormat.ISO_19794_2_2011,
    RecordFormat.ANSI_378_2004,
    RecordFormat.ANSI_378_2009,
    RecordFormat.COMPACT_CARD,
    RecordFormat.NORMAL_CARD,
    RecordFormat.CBEFF_XML,
    RecordFormat.ANSI_NIST,
]


@dataclass(frozen=True)
class Person:
    """An enrolled subject with two fingers, an eye and a missing thumb."""

    subject_id: str
    encounter_id: str


@pytest.fixture
def person(either: Stub) -> Person:
    """Enrolled by images."""
    gone = sample_pb2.MissingPosition(
        modality=modality_pb2.MODALITY_FINGERPRINT,
        position=modality_pb2.POSITION_LEFT_THUMB,
        reason=modality_pb2.MISSING_REASON_NOT_CAPTURED,
    )
    prints = [print_of(pictures.png(made.finger(number)), where) for number, where in ((1, INDEX), (3, RING))]
    request = enrolled(either, *prints, eye(1, 0), missing=[gone], encounter_id="first")
    return Person(request.subject_id, "first")


def export(stub: Stub, person: Person, name: RecordFormat, **fields: object) -> encounters_pb2.ExportEncounterResponse:
    """Records of the person's fingers."""
    request = encounters_pb2.ExportEncounterRequest(
        subject_id=person.subject_id, encounter_id=person.encounter_id, format=FORMATS.to_wire(name), **fields
    )
    return stub.encounters.ExportEncounter(request, timeout=60)


def as_samples(answer: encounters_pb2.ExportEncounterResponse) -> list[sample_pb2.Sample]:
    """The records as samples; a card, which does not say which finger it is of, with its position."""
    return [
        sample_pb2.Sample(record=record, position=position)
        for record, position in zip(answer.records, answer.positions, strict=True)
    ]


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_exported_can_be_enrolled(either: Stub, person: Person, name: RecordFormat) -> None:
    """Each record is enrolled under the model of foreign minutiae, with its positions."""
    answer = export(either, person, name)
    expected = PLACES if name in CARDS else [modality_pb2.POSITION_UNSPECIFIED]
    assert expected == list(answer.positions)
    assert {FORMATS.to_wire(name)} == {each.format for each in answer.records}
    asked = enrolment(someone(), *as_samples(answer))
    stored = either.subjects.EnrollSubject(asked, timeout=60)
    assert PLACES == [each.position for each in stored.reports]
    assert {"fingerprint-minutiae-1"} == {each.model_id for each in stored.reports}
    if name is RecordFormat.CBEFF_XML:
        assert [modality_pb2.POSITION_LEFT_THUMB] == [each.position for each in stored.missing]


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_exported_matches_the_original(either: Stub, person: Person, name: RecordFormat) -> None:
    """The record matches the templates that it was written from, and itself; one other print of it is for review.

    The calibration of minutiae of others carries no match by one finger.
    """
    samples = as_samples(export(either, person, name))
    assert MATCH == outcome(either, person.subject_id, *samples)
    again = enrolled(either, *samples)
    assert MATCH == outcome(either, again.subject_id, *samples)
    assert REVIEW == outcome(either, again.subject_id, print_of(pictures.png(made.finger(2)), INDEX))


def test_only_some_positions_and_minutiae(either: Stub, person: Person) -> None:
    """Only the asked-for finger is written, and only its most certain minutiae; without a limit all are."""
    name = RecordFormat.ISO_19794_2_2011

    def views(answer: encounters_pb2.ExportEncounterResponse) -> list[tuple[Position, int]]:
        found = [each for record in answer.records for each in read(record.data).samples]
        return [(each.position, len(each)) for each in found if isinstance(each, MinutiaeContent)]

    assert [(RING, 20)] == views(export(either, person, name, positions=PLACES[1:], max_minutia_count=20))
    every = views(export(either, person, name))
    assert [INDEX, RING] == [position for position, _ in every]
    assert all(count > 20 for _, count in every)


def test_the_newest_active_encounter_is_exported(either: Stub, person: Person) -> None:
    """Without an id the newest encounter is written, unless it is inactive; a named one always is."""
    both = print_of(pictures.png(made.finger(2)), Position.LEFT_LITTLE)
    either.subjects.EnrollSubject(
        enrolment(person.subject_id, both, add_encounter=True, encounter_id="second"), timeout=60
    )
    newest, second = Person(person.subject_id, ""), Person(person.subject_id, "second")
    name = RecordFormat.COMPACT_CARD
    assert [modality_pb2.POSITION_LEFT_LITTLE] == list(export(either, newest, name).positions)
    deactivate = encounters_pb2.DeactivateEncounterRequest(
        request_id=str(uuid.uuid4()), subject_id=person.subject_id, encounter_id="second"
    )
    either.encounters.DeactivateEncounter(deactivate)
    assert PLACES == list(export(either, newest, name).positions)
    assert [modality_pb2.POSITION_LEFT_LITTLE] == list(export(either, second, name).positions)


def test_exports_that_are_refused(either: Stub, person: Person) -> None:
    """Nobody, no such encounter, no such finger, a format of images, none at all, and numbers out of range."""
    call, request = either.encounters.ExportEncounter, encounters_pb2.ExportEncounterRequest
    iso = FORMATS.to_wire(RecordFormat.ISO_19794_2_2011)
    of = {"subject_id": person.subject_id, "format": iso}
    not_found, precondition = grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION
    assert (not_found, "SUBJECT_NOT_FOUND") == refused(call, request(subject_id=someone(), format=iso))
    assert (not_found, "ENCOUNTER_NOT_FOUND") == refused(call, request(**of, encounter_id="none"))
    thumb = request(**of, positions=[modality_pb2.POSITION_RIGHT_THUMB])
    assert (precondition, "NOTHING_TO_EXPORT") == refused(call, thumb)
    assert ["format"] == fields_named(call, request(subject_id=person.subject_id))
    image = FORMATS.to_wire(RecordFormat.ISO_19794_4_2011)
    assert ["format"] == fields_named(call, request(subject_id=person.subject_id, format=image))
    assert ["subject_id"] == fields_named(call, request(format=iso))
    assert ["max_minutia_count"] == fields_named(call, request(**of, max_minutia_count=0))
    assert ["max_minutia_count"] == fields_named(call, request(**of, max_minutia_count=256))
    eye_place = request(**of, positions=[modality_pb2.POSITION_LEFT_EYE])
    assert ["positions[0]"] == fields_named(call, eye_place)


def test_somebody_without_fingers(either: Stub) -> None:
    """No standard has a format for the templates of irises."""
    request = enrolled(either, eye(1, 0))
    asked = encounters_pb2.ExportEncounterRequest(
        subject_id=request.subject_id, format=FORMATS.to_wire(RecordFormat.ANSI_NIST)
    )
    assert (grpc.StatusCode.FAILED_PRECONDITION, "NOTHING_TO_EXPORT") == refused(
        either.encounters.ExportEncounter, asked
    )


@pytest.mark.parametrize("name", [each for each in WRITTEN if each not in {"CBEFF_XML", "ANSI_NIST"}])
def test_templates_to_a_record_and_back(channel: grpc.Channel, name: RecordFormat) -> None:
    """ExportTemplates writes a record that ExtractTemplate takes, and whose template is like the original's."""
    stub = fingerprint_pb2_grpc.FingerprintServiceStub(channel)
    image = sample_pb2.Image(data=pictures.png(made.finger(1)))
    template = stub.ExtractTemplate(matching_pb2.ExtractTemplateRequest(image=image), timeout=60).template
    one = fingerprint_pb2.TemplateExport(template=template, position=PLACES[0], quality=70)
    asked = fingerprint_pb2.ExportTemplatesRequest(templates=[one], format=FORMATS.to_wire(name))
    record = stub.ExportTemplates(asked, timeout=60).record
    assert asked.format == record.format
    again = stub.ExtractTemplate(matching_pb2.ExtractTemplateRequest(record=record), timeout=60)
    assert "fingerprint-minutiae-1" == again.template.model_id
    other = stub.ExportTemplates(
        fingerprint_pb2.ExportTemplatesRequest(
            templates=[fingerprint_pb2.TemplateExport(template=again.template, position=PLACES[0], quality=70)],
            format=asked.format,
        )
    ).record
    counts = [len(read(each.data, name).samples[0]) for each in (record, other)]
    assert counts[0] == counts[1] > 20


def test_templates_that_are_not_exported(channel: grpc.Channel) -> None:
    """None, too many, two on a card, one of another model, and a malformed one, which is named."""
    stub = fingerprint_pb2_grpc.FingerprintServiceStub(channel)
    image = sample_pb2.Image(data=pictures.png(made.finger(1)))
    template = stub.ExtractTemplate(matching_pb2.ExtractTemplateRequest(image=image), timeout=60).template
    one = fingerprint_pb2.TemplateExport(template=template)
    alien = fingerprint_pb2.TemplateExport(template=sample_pb2.Template(model_id="another-1", data=template.data))
    broken = fingerprint_pb2.TemplateExport(template=sample_pb2.Template(model_id=template.model_id, data=b"broken"))
    eyes = fingerprint_pb2.TemplateExport(template=template, position=modality_pb2.POSITION_LEFT_EYE)
    call, request = stub.ExportTemplates, fingerprint_pb2.ExportTemplatesRequest
    iso, card = record_pb2.RECORD_FORMAT_ISO_19794_2_2011, record_pb2.RECORD_FORMAT_COMPACT_CARD
    assert ["templates"] == fields_named(call, request(format=iso))
    assert ["templates"] == fields_named(call, request(format=iso, templates=[one] * 256))
    assert ["templates"] == fields_named(call, request(format=card, templates=[one] * 2))
    assert ["format"] == fields_named(call, request(templates=[one]))
    assert ["format"] == fields_named(call, request(templates=[one], format=record_pb2.RECORD_FORMAT_CBEFF_XML))
    assert ["templates[1].position"] == fields_named(call, request(templates=[one, eyes], format=iso))
    assert (grpc.StatusCode.FAILED_PRECONDITION, "TEMPLATE_MODEL_MISMATCH") == refused(
        call, request(templates=[one, alien], format=iso)
    )
    assert (INVALID, "TEMPLATE_MALFORMED") == refused(call, request(templates=[one, broken], format=iso))
