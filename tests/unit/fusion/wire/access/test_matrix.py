"""Every identity × method × place × purpose of a policy, against a table that is written and read otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from biofusion.face.v1 import face_pb2
from biofusion.fingerprint.v1 import fingerprint_pb2
from biofusion.fusion.v1 import decisions_pb2, encounters_pb2, fusion_models_pb2, galleries_pb2, jobs_pb2, subjects_pb2
from biofusion.iris.v1 import iris_pb2
from biofusion.review.v1 import review_pb2
from google.longrunning import operations_pb2
from google.protobuf import message_factory

from biometrics.errors import AccessDenied
from fusion.__main__ import assemble
from fusion.access.policy_file import PolicyFile
from fusion.jobs.job_rows import JobRows
from fusion.jobs.values import Job
from fusion.use_cases.subject_reads import GalleryReader
from fusion.wire.access.gate import PolicyGate
from fusion.wire.access.lookup import Lookup
from fusion.wire.access.methods import METHODS
from infra.serving.door import Door
from infra.settings import Settings
from tests.support.builders import enrolment
from tests.support.stores.sqlite_store import sqlite_store
from tests.unit.fusion.policies import BORDER, Metadata, Named, written
from tests.unit.fusion.wire.access.matrix import MAY, PLACES, PURPOSES, WORDS, expected, names

FILES = (
    subjects_pb2,
    decisions_pb2,
    encounters_pb2,
    galleries_pb2,
    fusion_models_pb2,
    jobs_pb2,
    operations_pb2,
    face_pb2,
    fingerprint_pb2,
    iris_pb2,
    review_pb2,
)
SERVICES = [service for file in FILES for service in file.DESCRIPTOR.services_by_name.values()]
INPUTS = {f"/{service.full_name}/{each.name}": each.input_type for service in SERVICES for each in service.methods}


def request(method: str, place: str, jobs: dict[str, str]) -> Any:
    """A request of the method about a place; fields that it lacks are left out."""
    subject, _ = PLACES[place]
    gallery = (["wanted"] if place == "alias" else names(place) or [""])[0]
    wanted: dict[str, Any] = dict.fromkeys(("subject_id", "source_subject_id", "target_subject_id"), subject)
    wanted |= {"gallery": gallery, "name": jobs[place]}
    kind = INPUTS[method]
    if kind.name == "EnrollSubjectRequest" and gallery:
        wanted["galleries"] = [gallery]
    if "Alias" in kind.name:
        wanted |= {"alias": "wanted", "gallery": "watchlist"}
    fields = {key: value for key, value in wanted.items() if key in kind.fields_by_name}
    return message_factory.GetMessageClass(kind)(**fields)


@pytest.fixture
async def door(tmp_path: Path) -> Any:
    """A door with the policy, and the jobs of each place."""
    store = sqlite_store(tmp_path / "store.db")
    for subject, galleries in PLACES.values():
        if galleries and not (await store.get_many([subject])):
            await store.enroll(enrolment(subject, galleries=tuple(galleries)))
    await store.set_alias("wanted", "watchlist", "11111111-1111-4111-8111-111111111111", "d")
    rows, jobs = JobRows(store.backend.documents), {"nowhere": "operations/none"}
    for place, (_, galleries) in PLACES.items():
        if galleries:
            kind, gallery = ("export", "wanted") if place == "alias" else ("duplicate-sweep", names(place)[0])
            jobs[place] = (await rows.put(Job(f"operations/{place}", kind, {"gallery": gallery}))).name
    gate = PolicyGate(Named(), PolicyFile(written(tmp_path, BORDER)), Lookup(store, GalleryReader(store).of, rows.get))
    yield Door(gate, leaving=gate), jobs
    await store.close()


async def passes(door: Door, method: str, request: Any, *stated: str) -> bool:
    """Whether a call comes in."""

    async def answer(_request: Any) -> None:
        return None

    try:
        visit = await door.enter(method, Metadata(*stated))  # type: ignore[arg-type]  # all that a gate reads
        await door.answer(method, visit, answer, request)
    except AccessDenied:
        return False
    return True


def cases() -> Iterator[tuple[str, str, str, str]]:
    """Method, place, caller, purpose."""
    for method in INPUTS:
        for place in PLACES:
            for caller in MAY:
                for purpose in PURPOSES:
                    yield method, place, caller, purpose


async def test_every_call_is_allowed_or_refused_as_the_table_says(door: tuple[Door, dict[str, str]]) -> None:
    """The gate and the table agree on all of the matrix, of which the table allows a part."""
    entrance, jobs = door
    wrong, allowed = [], 0
    for method, place, caller, purpose in cases():
        is_allowed = await passes(entrance, method, request(method, place, jobs), caller, purpose)
        allowed += is_allowed
        if is_allowed != expected(caller, method.rpartition("/")[2], place, purpose):
            wrong.append((method, place, caller, purpose, is_allowed))
    assert [] == wrong
    assert len(list(cases())) == len(INPUTS) * len(PLACES) * len(MAY) * len(PURPOSES)
    assert allowed > 400


def test_every_method_is_one_operation() -> None:
    """The policy knows the methods of all services that are served, and no other; and the tables name the same."""
    assert set(INPUTS) == set(METHODS)
    assert {name.rpartition("/")[2]: each.operation.value for name, each in METHODS.items()} == WORDS
    store: Any = object()
    served = {each.name for each in assemble({}, store, Settings())}
    assert served <= {name.split("/")[1] for name in METHODS}
