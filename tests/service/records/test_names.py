"""Names and demographics in records: in no answer, no error, no log line and no object's text."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, encounters_pb2, subjects_pb2
from biofusion.type.v1 import record_pb2
from google.protobuf.message import Message

from cli.local.all_in_one import running
from cli.stubs import FusionStubs
from infra import records
from infra.models.supply import ensure_all, ensure_assets
from infra.settings import Settings
from tests.service.fusion.requests import enrolment, someone
from tests.service.records.requests import record
from tests.support.records import of_pictures as made
from tests.support.records.nist_files import SECRET, nist_file, print_14

MARKS = ("DOE", "JANE", "19800101")
"""Parts of the name and the birthday that every file of `nist_file` has in Type-2, Type-1 and comments."""


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FusionStubs]:
    """All services, which log all that they ever log."""
    ensure_all()
    ensure_assets()
    folder = tmp_path_factory.mktemp("talkative")
    settings = Settings(store_url=f"sqlite:///{folder / 'store.db'}", log_level="DEBUG")
    with running(settings) as address, grpc.insecure_channel(address) as channel:
        yield FusionStubs(channel)


def prints(code: int | str = 2, **changed: str) -> bytes:
    """A file with a print of this position, of a person who is named in it."""
    pixels = made.finger(1)
    return nist_file(print_14(1, code, pixels.tobytes(), **{"f06": "400", "f07": "500", **changed}))


def shown(text: object) -> list[str]:
    """Which parts of the person's data a text has."""
    return [mark for mark in MARKS if mark in str(text)]


def told(stub: FusionStubs, data: bytes) -> tuple[grpc.StatusCode, str]:
    """Status code of an enrolment, and all that a client sees of the answer or error."""
    try:
        answer = stub.subjects.EnrollSubject(enrolment(someone(), record(data)), timeout=60)
    except grpc.RpcError as error:
        return error.code(), f"{error.details()} {error.trailing_metadata()} {error!r}"
    return grpc.StatusCode.OK, str(answer)


def test_the_file_names_somebody() -> None:
    """Otherwise nothing would be tested below."""
    assert all(mark.encode() in prints() for mark in MARKS)
    assert "DOE,JANE" in SECRET


def test_nothing_of_a_person_in_what_is_opened() -> None:
    """Neither the samples nor any repr of them shows a name, nor the picture's bytes."""
    found = records.opened(prints())
    assert [] == shown(repr(found))
    assert [] == shown(vars(type(found))) + shown(found.samples[0].source.data)
    assert len(repr(found)) < 1000


def test_answers_and_logs(talkative: FusionStubs, caplog: pytest.LogCaptureFixture) -> None:
    """Enrolment, reading, search, quality and export of such a file show nothing of it."""
    caplog.set_level(logging.DEBUG)
    asked = enrolment(someone(), record(prints()))
    answers: list[Message] = [talkative.subjects.EnrollSubject(asked, timeout=60)]
    subject = subjects_pb2.GetSubjectRequest(subject_id=asked.subject_id)
    answers.append(talkative.subjects.GetSubject(subject))
    answers.append(talkative.subjects.CheckQuality(subjects_pb2.CheckQualityRequest(samples=[record(prints())])))
    search = decisions_pb2.IdentifySubjectsRequest(samples=[record(prints())])
    answers.append(talkative.decisions.IdentifySubjects(search, timeout=60))
    export = encounters_pb2.ExportEncounterRequest(
        subject_id=asked.subject_id, format=record_pb2.RECORD_FORMAT_ANSI_NIST
    )
    answers.append(talkative.encounters.ExportEncounter(export))
    assert {"": []} == {"": [mark for answer in answers for mark in shown(answer) + shown(answer.SerializeToString())]}
    assert caplog.records
    assert [] == shown(caplog.text)


BAD = {
    "a palm": lambda: prints(21),
    "no position": lambda: prints("DOE"),
    "two positions": lambda: prints(f13=f"2\x1e{SECRET}"),
    "an unknown compression": lambda: prints(f11=SECRET),
    "a width that is a name": lambda: prints(f06=SECRET),
    "a unit that is a name": lambda: prints(f08=SECRET),
    "a reason that is a name": lambda: prints(f18=f"3\x1f{SECRET}"),
    "a position that is a name": lambda: prints(f18=f"{SECRET}\x1fXX"),
    "a quality that is a name": lambda: prints(f24=f"2\x1f{SECRET}\x1f0"),
    "cut off in Type-2": lambda: prints()[: prints().index(b"JANE") + 2],
    "cut off in Type-14": lambda: prints()[: prints().rindex(b"JANE") + 2],
    "a Type-2 of a wrong length": lambda: prints().replace(b"2.001:", b"2.001:9"),
    "a Type-2 with a lie": lambda: prints().replace(b"2.018:DOE", b"DOE.018:JANE"),
    "a name for a record": lambda: b"1.001:" + SECRET.encode() * 20,
}


@pytest.mark.parametrize("name", BAD)
def test_errors_and_logs(talkative: FusionStubs, caplog: pytest.LogCaptureFixture, name: str) -> None:
    """Whatever is wrong with the file, message, metadata and log lines show nothing of the person."""
    caplog.set_level(logging.DEBUG)
    code, said = told(talkative, BAD[name]())
    assert [] == shown(said)
    assert grpc.StatusCode.INTERNAL != code
    assert [] == shown(caplog.text)


def test_a_document_with_names(talkative: FusionStubs, caplog: pytest.LogCaptureFixture) -> None:
    """Elements of a CBEFF document that name its creator, and comments, are in nothing; good or bad."""
    caplog.set_level(logging.DEBUG)
    kind = f"<BDBInfo><Type>{SECRET}</Type></BDBInfo>"
    for inside in ("<BDB>AAAA</BDB>", f"<BDB>{SECRET}</BDB>", f"<{SECRET}/>", kind):
        document = f"<BIR><!-- {SECRET} --><BIRInfo><Creator>{SECRET}</Creator></BIRInfo>{inside}</BIR>"
        code, said = told(talkative, document.encode())
        assert (grpc.StatusCode.INVALID_ARGUMENT, []) == (code, shown(said)), inside
    assert [] == shown(caplog.text)
