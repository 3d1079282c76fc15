"""Exports of a gallery as records of a standard, on a real server with real matching services."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from biofusion.fusion.v1 import encounters_pb2, jobs_pb2, subjects_pb2

from biometrics.template import Position
from cli.stubs import FusionStubs
from formats.contents import RecordFormat
from infra.wire.records import FORMATS
from tests.service import pictures
from tests.service.fusion.requests import INVALID, enrolment, eye, refused, someone
from tests.service.jobs.job_requests import DONE, REFUSED, ended, options, results, summary
from tests.service.records.requests import MATCH, outcome, print_of
from tests.support.records import of_pictures as made

PLACES = {Position.RIGHT_INDEX: 1, Position.LEFT_RING: 3}
PRINTS = [print_of(pictures.png(made.finger(number)), place) for place, number in PLACES.items()]


@pytest.fixture
def gallery(fusion: FusionStubs) -> str:
    """Ann has two fingers, at two encounters and one that is INACTIVE, and an eye; Bob has an eye only."""
    name = someone()
    ann = f"{name}.ann"
    fusion.subjects.EnrollSubject(enrolment(ann, *PRINTS, eye(1, 0), galleries=[name], encounter_id="v.1"))
    for each in ("v.2", "old"):
        fusion.subjects.EnrollSubject(enrolment(ann, *PRINTS, add_encounter=True, encounter_id=each))
    asked = {"request_id": str(uuid.uuid4()), "subject_id": ann, "encounter_id": "old"}
    fusion.encounters.DeactivateEncounter(encounters_pb2.DeactivateEncounterRequest(**asked))
    fusion.subjects.EnrollSubject(enrolment(f"{name}.bob", eye(2, 0), galleries=[name]))
    return name


def exported(fusion: FusionStubs, gallery: str, name: RecordFormat) -> jobs_pb2.JobSummary:
    """The summary of an export into a folder of the format's name."""
    wanted = FORMATS.to_wire(name)
    request = jobs_pb2.StartExportRequest(
        options=options(), gallery=gallery, destination=f"{gallery}-{name}", format=wanted
    )
    operation = ended(fusion, fusion.jobs.StartExport(request))
    assert [DONE, REFUSED] == sorted(each.outcome for each in results(fusion, operation.name))
    return summary(operation)


@pytest.mark.parametrize("name", [RecordFormat.ANSI_NIST, RecordFormat.CBEFF_XML, RecordFormat.ISO_19794_2_2011])
def test_a_folder_of_records_is_imported_as_it_was_written(
    fusion: FusionStubs, files: Path, gallery: str, name: RecordFormat
) -> None:
    """Every ACTIVE encounter with a finger is a record; after the subject is deleted the folder brings it back."""
    assert {"NOTHING_TO_EXPORT": 1} == dict(exported(fusion, gallery, name).refused_by_reason)
    folder, ann = files / f"{gallery}-{name}", f"{gallery}.ann"
    assert [ann] == [each.name for each in folder.iterdir() if not each.name.startswith(".")]
    assert ["v.1", "v.2"] == sorted(each.stem for each in (folder / ann).iterdir())
    fusion.subjects.DeleteSubject(subjects_pb2.DeleteSubjectRequest(request_id=str(uuid.uuid4()), subject_id=ann))
    request = jobs_pb2.StartImportRequest(options=options(), source=folder.name, gallery=gallery)
    assert 2 == summary(ended(fusion, fusion.jobs.StartImport(request))).done_count
    assert MATCH == outcome(fusion, ann, *PRINTS)


def test_cards_say_in_their_names_which_finger_they_are_of(fusion: FusionStubs, files: Path, gallery: str) -> None:
    """A card has one finger, and does not say which."""
    exported(fusion, gallery, RecordFormat.COMPACT_CARD)
    names = sorted(each.name for each in (files / f"{gallery}-COMPACT_CARD" / f"{gallery}.ann").iterdir())
    assert [f"{visit}+{place}.card" for visit in ("v.1", "v.2") for place in sorted(PLACES)] == names


def test_a_format_that_is_not_written(fusion: FusionStubs, gallery: str) -> None:
    """Records of images are not written: the job is refused when it is asked for."""
    request = jobs_pb2.StartExportRequest(
        options=options(),
        gallery=gallery,
        destination=f"{gallery}-images",
        format=FORMATS.to_wire(RecordFormat.ISO_19794_4_2011),
    )
    assert (INVALID, "FIELD_INVALID") == refused(fusion.jobs.StartExport, request)
