"""Subjects, encounters and galleries on the command line."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from click.testing import Result
from PIL import Image

from cli.stubs import FusionStubs
from rendering.eyes import render_eye
from tests.service.fusion.requests import eye

Command = Callable[..., Result]


@pytest.fixture(scope="module")
def eyes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files IDENTITY-CAPTURE.png."""
    folder = tmp_path_factory.mktemp("eyes")
    for identity in (1, 2, 3):
        for capture in (0, 1):
            Image.fromarray(render_eye(identity, capture)).save(folder / f"{identity}-{capture}.png")
    return folder


def person(command: Command, eyes: Path, identity: int, *words: str, encounter: str = "first") -> str:
    """Enrol a subject, and wait until searches see it; returns its id."""
    subject = f"p-{uuid.uuid4()}"
    sample = ("--eye", f"LEFT={eyes / f'{identity}-0.png'}", "--encounter", encounter)
    done = command("enroll", subject, *sample, *words)
    assert done.exit_code == 0, done.output
    command("identify", *sample[:2], "--token", done.stdout.split("Token ")[1].strip())
    return subject


def said(result: Result) -> str:
    """The output of a command that was done."""
    assert result.exit_code == 0, result.output
    return result.stdout


def shown(command: Command, subject: str) -> dict[str, dict[str, object]]:
    """The encounters of a subject, by id."""
    answer = json.loads(said(command("subject", "show", subject, "--json")))["subject"]
    return {each["encounterId"]: each for each in answer["encounters"]}


def test_a_subject_is_shown(command: Command, eyes: Path) -> None:
    """Its galleries, encounters, references and missing positions; nobody is exit code 4."""
    subject = person(command, eyes, 1, "--gallery", "west", "--missing", "RIGHT=BANDAGED")
    text = said(command("subject", "show", subject))
    assert text.startswith(f"{subject} in west")
    assert all(word in text for word in ("first", "ACTIVE", "LEFT_EYE", "iris-gabor-2", "missing: BANDAGED"))
    assert ("LEFT_EYE" in said(command("encounter", "show", subject, "first")), 4) == (
        True,
        command("subject", "show", "nobody").exit_code,
    )


def test_subjects_are_merged_and_split(command: Command, eyes: Path) -> None:
    """A merge leaves one subject with both encounters, a split takes one out again; all of them are not taken."""
    one, other = person(command, eyes, 1), person(command, eyes, 2, encounter="second")
    assert said(command("subject", "merge", other, one)).startswith(f"Merged {other} into {one}.\nToken ")
    assert {"first", "second"} == set(shown(command, one))
    assert 4 == command("subject", "show", other).exit_code
    assert "Moved second" in said(command("subject", "split", one, f"{one}-x", "--encounter", "second"))
    assert ({"first"}, {"second"}) == (set(shown(command, one)), set(shown(command, f"{one}-x")))
    assert 3 == command("subject", "split", one, f"{one}-y", "--encounter", "first").exit_code


def test_the_life_of_an_encounter(command: Command, eyes: Path) -> None:
    """It is deactivated, activated, given an expiry and freed of it, updated, moved and deleted."""
    one, other = person(command, eyes, 1), person(command, eyes, 2, encounter="second")
    first, second = (one, "first"), (other, "first")
    verify = ("verify", one, "--eye", f"LEFT={eyes / '1-1.png'}")
    assert 0 == command(*verify).exit_code
    assert "is kept and not searched" in said(command("encounter", "deactivate", *first))
    assert ("ENCOUNTER_STATE_INACTIVE", True) == (shown(command, one)["first"]["state"], command(*verify).exit_code > 0)
    assert "is searched" in said(command("encounter", "activate", *first))
    assert 0 == command(*verify).exit_code
    assert "2031-02-03" in said(command("encounter", "expire", *first, "--at", "2031-02-03"))
    assert "2031-02-03T00:00:00Z" == shown(command, one)["first"]["expireTime"]
    assert "never" in said(command("encounter", "expire", *first, "--never"))
    assert "expireTime" not in shown(command, one)["first"]
    assert 3 == command("encounter", "expire", *first).exit_code
    assert "Updated" in said(command("encounter", "update", *first, "--eye", f"LEFT={eyes / '3-0.png'}"))
    assert 1 == command(*verify).exit_code
    assert "Moved first" in said(command("encounter", "move", *first, other))
    assert 4 == command("subject", "show", one).exit_code
    assert "Erased" in said(command("encounter", "delete", *second))
    assert {"second"} == set(shown(command, other))


def test_a_write_is_repeated_by_its_request_id(command: Command, eyes: Path) -> None:
    """The second call with an id says that it was carried out before; with another subject's data it is refused."""
    subject, request_id = person(command, eyes, 1), str(uuid.uuid4())
    words = ("encounter", "deactivate", subject, "first", "--request-id", request_id)
    assert "by this request before" not in said(command(*words))
    assert "by this request before" in said(command(*words))
    assert 4 == command("encounter", "activate", subject, "first", "--request-id", request_id).exit_code


def test_galleries_and_aliases(command: Command, eyes: Path) -> None:
    """A subject joins and leaves; an alias is set, used, switched, listed and removed."""
    subject = person(command, eyes, 1, "--gallery", "old")
    person(command, eyes, 2, "--gallery", "new")
    said(command("galleries", "join", subject, "third"))
    assert "third" in said(command("subject", "show", subject))
    said(command("galleries", "leave", subject, "third"))
    assert 4 == command("galleries", "leave", subject, "old").exit_code
    assert "live stands for old." in said(command("galleries", "alias", "live", "old"))
    identify = ("identify", "--eye", f"LEFT={eyes / '1-1.png'}", "--gallery", "live")
    assert subject in said(command(*identify))
    switched = said(command("galleries", "alias", "live", "new"))
    assert "it stood for old before" in switched
    assert 1 == command(*identify).exit_code
    listed = [line.split() for line in said(command("galleries", "list")).splitlines()]
    assert ["new", "1", "live"] in listed
    assert "no longer stands for new" in said(command("galleries", "unalias", "live"))
    assert 4 == command(*identify).exit_code


def test_duplicates(command: Command, eyes: Path) -> None:
    """Another subject with the same eye is found by an enrolled encounter and by samples, the own one is not."""
    one = person(command, eyes, 3, "--gallery", "twins")
    two = person(command, eyes, 3, "--gallery", "twins")
    gallery = ("--gallery", "twins", "--json")
    by_one = command("duplicates", "--enrolled", one, *gallery)
    assert [two] == [each["subjectId"] for each in json.loads(by_one.stdout)["candidates"]]
    sample = ("--eye", f"LEFT={eyes / '3-1.png'}", "--not-subject", two)
    assert [one] == [
        each["subjectId"] for each in json.loads(command("duplicates", *sample, *gallery).stdout)["candidates"]
    ]
    assert 3 == command("duplicates", *gallery).exit_code
    token = said(command("delete", two)).split("Token ")[1].strip()
    gone = ("--gallery", "twins", "--token", token)
    assert 1 == command("duplicates", "--enrolled", f"{one}/first", *gone).exit_code


def test_watching(command: Command, shadowed: str, eyes: Path) -> None:
    """The changes after a token come, a line each, and the command ends after their number."""
    with grpc.insecure_channel(shadowed) as channel:
        stream = FusionStubs(channel).subjects.WatchChanges(subjects_pb2.WatchChangesRequest())
        token = next(iter(stream)).resume_token
        stream.cancel()
    subject = person(command, eyes, 1)
    said(command("encounter", "deactivate", subject, "first"))
    told = said(command("watch", "--after", token, "--count", "1", "--json"))
    assert (subject, "CHANGE_KIND_PUT") == (json.loads(told)["subjectId"], json.loads(told)["kind"])
    said(command("delete", subject))
    assert "(erased)" in said(command("watch", "--after", json.loads(told)["resumeToken"], "--count", "1"))


def test_agreement(command: Command, shadowed: str, eyes: Path) -> None:
    """Decisions that another system's were sent along with are counted, agreements in all."""
    subject = person(command, eyes, 1)
    other = {"system": "elder", "subject_id": subject}
    with grpc.insecure_channel(shadowed) as channel:
        stub = FusionStubs(channel)
        for outcome in (1, 1, 3):
            said_by = decisions_pb2.OtherDecision(outcome=outcome, **other)
            request = decisions_pb2.VerifySubjectRequest(
                subject_id=subject, samples=[eye(1, 1)], other_decision=said_by
            )
            stub.decisions.VerifySubject(request, timeout=60)
    text = said(command("agreement", "--system", "elder"))
    assert "2 of 3 decisions agree (66.67%)." in text
    assert 3 == sum(int(each["count"]) for each in json.loads(said(command("agreement", "--json")))["counts"])
