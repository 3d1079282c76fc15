"""Exports, expiry and new templates, on a real store."""

from __future__ import annotations

import json
import uuid
from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from biometrics.errors import FieldInvalid
from biometrics.template import Modality, Position, Template
from fusion.bulk.expiring import ExpiryKind
from fusion.bulk.exporting import MARK, ExportKind
from fusion.bulk.importing import ImportKind
from fusion.bulk.retemplating import RetemplatingKind
from fusion.bulk.work.outcomes import Detail
from fusion.jobs.kinds import Context
from fusion.jobs.parts import RowOutcome
from fusion.jobs.values import JobState
from fusion.packages import open_package, rows_of
from gallery.subject import EncounterState, Reference
from tests.support import builders
from tests.support.jobs.bulk_office import Bulk, bulk_office, everybody

DONE, REFUSED, REPEATED = RowOutcome.DONE, RowOutcome.REFUSED, RowOutcome.REPEATED
KEY = X25519PrivateKey.generate()
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
async def bulk(tmp_path: Path) -> AsyncIterator[Bulk]:
    """A process that does these kinds."""
    async with bulk_office(tmp_path, ImportKind, ExportKind, ExpiryKind, RetemplatingKind) as bulk:
        yield bulk


def reference(who: str, model_id: str = "face-model-1") -> Reference:
    """A face."""
    return Reference(Position.FACE, Template(Modality.FACE, model_id, who.encode()), 50.0)


async def enrolled(bulk: Bulk, count: int, gallery: str = "default") -> None:
    """So many subjects, each with one face."""
    for number in range(count):
        wanted = builders.enrolment(f"p{number:03}", reference(f"face {number}"), galleries=(gallery,))
        await bulk.store.enroll(wanted)


async def test_packages(bulk: Bulk) -> None:
    """Every subject of the gallery has a package, which is imported into another store as it was."""
    await enrolled(bulk, 130)
    job, results = await bulk.done("export", {"destination": "out", "recipient_public_key": PUBLIC})
    assert (JobState.DONE, [DONE] * 130) == (job.state, [each.outcome for each in results]), job.error
    files = sorted(each.name for each in (bulk.folder / "out").iterdir())
    assert [MARK, *(f"p{number:03}.biofusion" for number in range(130))] == files
    rows = [row for name in files[1:] for row in open_package((bulk.folder / "out" / name).read_bytes(), PRIVATE)]
    assert [f"face {n}".encode() for n in range(130)] == [b64decode(row["samples"][0]["template"]) for row in rows]
    before = await everybody(bulk.store)
    for each in before:
        await bulk.store.delete(each.subject_id, _uuid(), "d")
    (bulk.folder / "again.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    _, results = await bulk.done("import", {"source": "again.jsonl"})
    assert {DONE} == {each.outcome for each in results}
    facts = [
        (s.subject_id, s.galleries, [(r.position, r.template, r.quality) for r in s.active_references]) for s in before
    ]
    now = await everybody(bulk.store)
    assert facts == [
        (s.subject_id, s.galleries, [(r.position, r.template, r.quality) for r in s.active_references]) for s in now
    ]


async def test_packages_keep_the_state_of_encounters(bulk: Bulk) -> None:
    """An encounter that nobody is compared with comes in as such, whatever the policy for duplicates."""
    await bulk.store.enroll(builders.enrolment("a", reference("held"), encounter_id="held"))
    await bulk.store.enroll(builders.enrolment("a", reference("a"), encounter_id="open", create_subject=False))
    await bulk.store.set_encounter_state("a", "held", EncounterState.INACTIVE, _uuid(), "d")
    rows = rows_of(await bulk.store.get("a"))
    assert ["INACTIVE", None] == [each.get("state") for each in rows]
    (bulk.folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for policy in ("UNCHECKED", "ALLOW", "REVIEW", "REFUSE"):
        await bulk.store.delete("a", _uuid(), "d")
        _, results = await bulk.done("import", {"source": "rows.jsonl", "on_duplicate": policy})
        assert [(DONE, "")] * 2 == [(each.outcome, Detail.of(each).message) for each in results]
        found = {each.encounter_id: each.state for each in (await bulk.store.get("a")).encounters}
        assert {"held": EncounterState.INACTIVE, "open": EncounterState.ACTIVE} == found
    rows[0]["state"] = "HIDDEN"
    (bulk.folder / "rows.jsonl").write_text(json.dumps(rows[0]))
    _, (result,) = await bulk.done("import", {"source": "rows.jsonl"})
    assert (REFUSED, "FIELD_INVALID") == (result.outcome, result.reason)


def _uuid() -> str:
    """A new one."""
    return str(uuid.uuid4())


async def test_packages_are_for_one_key_only(bulk: Bulk) -> None:
    """Another key, a damaged or a truncated package, and what is no key, are named errors."""
    await enrolled(bulk, 1)
    await bulk.done("export", {"destination": "out", "recipient_public_key": PUBLIC})
    package = (bulk.folder / "out" / "p000.biofusion").read_bytes()
    other = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    cases = [(package, other), (b"", PRIVATE), (package, b"no key"), (package, PUBLIC.encode())]
    cases += [(package[:length], PRIVATE) for length in range(0, len(package), 7)]
    cases += [(package[:place] + bytes([package[place] ^ 1]) + package[place + 1 :], PRIVATE) for place in range(80)]
    for data, key in cases:
        with pytest.raises(FieldInvalid):
            open_package(data, key)


async def test_destinations(bulk: Bulk) -> None:
    """Only a new or an empty folder is written into; the repetition of a request finds its job."""
    await enrolled(bulk, 1)
    spec = {"destination": "out", "recipient_public_key": PUBLIC}
    request_id = _uuid()
    job, _ = await bulk.done("export", spec, request_id=request_id)
    again, _ = await bulk.done("export", spec, request_id=request_id)
    assert job.name == again.name
    other, _ = await bulk.done("export", spec)
    assert (JobState.FAILED, "FIELD_INVALID") == (other.state, other.error and other.error.reason)
    (bulk.folder / "full").mkdir()
    (bulk.folder / "full" / "file").write_bytes(b"")
    for wrong in (
        {"destination": "full"},
        {"destination": "full/file"},
        {"destination": "no/such/folder"},
        {"destination": "/tmp/elsewhere"},
        {"destination": ""},
        {"recipient_public_key": ""},
        {"recipient_public_key": PRIVATE.decode()},
        {"recipient_public_key": "x" * 20000},
        {"format": "ISO_19794_4_2011"},
        {"format": "PDF"},
        {"gallery": "no id!"},
    ):
        with pytest.raises(FieldInvalid):
            await bulk.jobs.create("export", spec | {"destination": "new"} | wrong)


async def test_a_gallery_that_does_not_exist(bulk: Bulk) -> None:
    """An export of a gallery that nobody was ever in FAILED, by name."""
    job, _ = await bulk.done("export", {"gallery": "nobody", "destination": "out", "recipient_public_key": PUBLIC})
    assert (JobState.FAILED, "GALLERY_NOT_FOUND") == (job.state, job.error and job.error.reason)


async def test_expiry(bulk: Bulk) -> None:
    """Encounters whose time has passed are deleted, with their subjects if none is left; the others stay."""
    now = datetime.now(UTC)
    times = {"old": now - timedelta(days=1), "new": now + timedelta(days=1), "never": None}
    for number in range(60):
        for name, at in times.items():
            wanted = builders.enrolment(f"{name}{number}", reference("a"))
            await bulk.store.enroll(wanted)
            if at:
                await bulk.store.set_retention(f"{name}{number}", "e1", at, _uuid(), "d")
    job, results = await bulk.done("expiry", {})
    assert (JobState.DONE, 60) == (job.state, job.counts.done), job.error
    assert {f"old{n}" for n in range(60)} == {each.key for each in results}
    assert {f"{name}{n}" for name in ("new", "never") for n in range(60)} == {
        each.subject_id for each in await everybody(bulk.store)
    }
    job, results = await bulk.done("expiry", {"before": (now - timedelta(days=2)).isoformat()})
    assert (JobState.DONE, []) == (job.state, results)
    for wrong in ({"before": (now + timedelta(days=1)).isoformat()}, {"before": "soon"}, {"other": 1}, []):
        with pytest.raises(FieldInvalid):
            await bulk.jobs.create("expiry", wrong)


async def test_what_changed_since_it_was_planned_is_kept(bulk: Bulk) -> None:
    """An encounter that was prolonged after it was planned is refused as NOT_EXPIRED; a deleted one is REPEATED."""
    past, future = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    kind = ExpiryKind(bulk.tools)
    for name in ("longer", "gone"):
        await bulk.store.enroll(builders.enrolment(name, reference("a")))
        await bulk.store.set_retention(name, "e1", past, _uuid(), "d")
    await bulk.engine.close()
    job = await bulk.jobs.create("expiry", {})
    (part,) = [each async for each in kind.plan(job, None)]
    await bulk.store.set_retention("longer", "e1", future, _uuid(), "d")
    await bulk.store.delete("gone", _uuid(), "d")
    rows = {row.key: (row.outcome, row.reason) async for row in kind.work(part, Context(job, 0))}
    assert {"longer": (REFUSED, "NOT_EXPIRED"), "gone": (REPEATED, "")} == rows
