"""Imports into a real store: every line of the source has one result."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fusion.bulk.importing import ImportKind
from fusion.bulk.work.outcomes import Detail
from fusion.jobs.parts import Row, RowOutcome
from fusion.jobs.values import JobState
from gallery.subject import EncounterState
from tests.support.jobs.bulk_office import Bulk, bulk_office, everybody

DONE, REFUSED, REPEATED = RowOutcome.DONE, RowOutcome.REFUSED, RowOutcome.REPEATED


@pytest.fixture
async def bulk(tmp_path: Path) -> AsyncIterator[Bulk]:
    """A process that imports."""
    async with bulk_office(tmp_path, ImportKind) as bulk:
        yield bulk


def face(who: str) -> dict[str, Any]:
    """A template of a person as a sample of a row."""
    data = b64encode(who.encode()).decode()
    return {"modality": "FACE", "template": data, "model_id": "face-model-1", "quality": 50}


def picture(name: str) -> dict[str, Any]:
    """A file as a sample of a row."""
    return {"modality": "FACE", "image": name}


def row(subject_id: str, *samples: dict[str, Any], **others: Any) -> dict[str, Any]:
    """A row."""
    return {"subject_id": subject_id, "samples": samples or [face(subject_id)], **others}


def manifest(bulk: Bulk, *rows: dict[str, Any] | str, name: str = "people.jsonl") -> dict[str, Any]:
    """The spec of the import of a manifest with these rows; texts are lines as they are."""
    lines = [each if isinstance(each, str) else json.dumps(each) for each in rows]
    (bulk.folder / name).write_text("\n".join(lines) + "\n")
    return {"source": name}


def outcomes(rows: list[Row]) -> list[tuple[int, str, RowOutcome, str]]:
    """Number, key, outcome and reason of every result."""
    return [(Detail.of(each).number, each.key, each.outcome, each.reason) for each in rows]


async def test_template_rows(bulk: Bulk) -> None:
    """Rows are enrolled in order; another row of a subject is one more encounter of it."""
    rows = [row(f"p{number % 150}", face(f"face {number}")) for number in range(250)]
    job, results = await bulk.done("import", manifest(bulk, *rows))
    assert (JobState.DONE, 250) == (job.state, job.counts.done)
    assert [(n + 1, f"p{n % 150}", DONE, "") for n in range(250)] == outcomes(results)
    people = await everybody(bulk.store)
    assert 150 == len(people)
    assert Counter({2: 100, 1: 50}) == Counter(len(each.encounters) for each in people)
    assert {("default",)} == {each.galleries for each in people}


async def test_the_same_manifest_again(bulk: Bulk) -> None:
    """All rows of a second import are REPEATED; of equal rows in one manifest, one is DONE."""
    rows = [row(f"p{number}", face(f"face {number}"), galleries=["one", "two"]) for number in range(120)]
    twice = [*rows, *rows[:30], rows[0]]
    _, results = await bulk.done("import", manifest(bulk, *twice))
    assert {DONE: 120, REPEATED: 31} == Counter(each.outcome for each in results)
    assert {f"p{number}" for number in range(120)} == {each.key for each in results if each.outcome is DONE}
    job, results = await bulk.done("import", manifest(bulk, *twice))
    assert {REPEATED} == {each.outcome for each in results}
    assert 151 == job.counts.repeated
    assert {1} == {len(each.encounters) for each in await everybody(bulk.store)}


async def test_encounters_with_an_id(bulk: Bulk) -> None:
    """The same templates under the same id are REPEATED; others, or another gallery, are refused."""
    first = row("p", face("a"), encounter_id="e")
    cases = (
        (first, REPEATED, ""),
        (row("p", face("b"), encounter_id="e"), REFUSED, "ENCOUNTER_EXISTS"),
        (first | {"galleries": ["other"]}, REFUSED, "ENCOUNTER_EXISTS"),
        (row("p", face("b"), encounter_id="f"), DONE, ""),
    )
    await bulk.done("import", manifest(bulk, first))
    _, results = await bulk.done("import", manifest(bulk, *(each for each, *_ in cases)))
    assert [(outcome, reason) for _, outcome, reason in cases] == [(each.outcome, each.reason) for each in results]


async def test_every_line_is_accounted_for(bulk: Bulk) -> None:
    """Bad rows are refused by name, the others are enrolled, and the counts of the report add up to the lines."""
    (bulk.folder / "good.png").write_bytes(b"good")
    (bulk.folder / "empty").mkdir()
    (bulk.folder.parent / "secret").write_bytes(b"secret")
    (bulk.folder / "link").symlink_to(bulk.folder.parent / "secret")
    bad = [
        "{",
        "[]",
        "\x00",
        '"text"',
        json.dumps(row("p", unknown=1)),
        json.dumps(row("no id!")),
        json.dumps({"subject_id": "p"}),
        json.dumps(row("p", picture("missing.png"))),
        json.dumps(row("p", picture("../secret"))),
        json.dumps(row("p", picture("link"))),
        json.dumps(row("p", picture(str(bulk.folder.parent / "secret")))),
        json.dumps(row("p", picture("empty"))),
        json.dumps(row("p", picture("x" * 5000))),
        json.dumps(row("p", face("a"), missing=[{"modality": "FACE", "reason": "OTHER"}] * 2)),
        json.dumps(row("p", face("a"), expire_time="yesterday")),
        json.dumps(row("p", picture("\ud800"))),
        json.dumps(row("p", face("a"), encounter_id="\ud800")),
        json.dumps(row("p", face("a") | {"model_id": "\ud800\x01" * 300})),
        json.dumps(row("p\ud800", face("a"))),
        "[" * 100_000,
        "x" * 2_000_000,
    ]
    good = [row(f"good{n}", picture("good.png")) for n in range(5)]
    lines = ["", *bad, "", *map(json.dumps, good)]
    job, results = await bulk.done("import", manifest(bulk, *lines))
    assert JobState.DONE is job.state, job.error
    assert [REFUSED] * len(bad) + [DONE] * 5 == [each.outcome for each in results], outcomes(results)
    assert list(range(2, len(bad) + 2)) == [Detail.of(each).number for each in results][: len(bad)]
    assert len(bad) == sum(job.summary["refused_by_reason"].values()), outcomes(results)
    assert {"lines": str(len(lines)), "empty_lines": "2"} == {
        name: job.summary["facts"][name] for name in ("lines", "empty_lines")
    }
    assert all("secret" not in (Detail.of(each).message) for each in results)


async def test_unusable_samples(bulk: Bulk) -> None:
    """A sample that cannot be used refuses its row by the reason of the service."""
    (bulk.folder / "nobody.png").write_bytes(b"nobody")
    _, results = await bulk.done("import", manifest(bulk, row("p", picture("nobody.png"))))
    assert [(1, "p", REFUSED, "NOTHING_FOUND")] == outcomes(results)


async def test_duplicates(bulk: Bulk) -> None:
    """REFUSE names the candidates of refused rows; REVIEW holds the encounter and names them; ALLOW names them."""
    await bulk.done("import", manifest(bulk, row("known", face("same"))))
    for policy, outcome, state in (
        ("REFUSE", REFUSED, None),
        ("REVIEW", DONE, EncounterState.INACTIVE),
        ("ALLOW", DONE, EncounterState.ACTIVE),
    ):
        spec = manifest(bulk, row(f"new-{policy}", face("same"))) | {"on_duplicate": policy}
        _, (result,) = await bulk.done("import", spec)
        assert outcome is result.outcome
        assert "known" in [each.subject_id for each in Detail.of(result).candidates]
        found = await bulk.store.get_many([f"new-{policy}"])
        assert state == (found[f"new-{policy}"].encounters[0].state if found else None)
        assert ("DUPLICATE_FOUND" if outcome is REFUSED else "") == result.reason


async def test_validate_only(bulk: Bulk) -> None:
    """All rows are checked, and nothing is stored."""
    spec = manifest(bulk, row("p"), row("no id!"), row("q")) | {"validate_only": True}
    _, results = await bulk.done("import", spec)
    assert [DONE, REFUSED, DONE] == [each.outcome for each in results]
    assert [] == await everybody(bulk.store)


async def test_expire_time(bulk: Bulk) -> None:
    """The encounter has the row's time."""
    await bulk.done("import", manifest(bulk, row("p", expire_time="2030-01-01T00:00:00Z")))
    (person,) = await everybody(bulk.store)
    assert "2030-01-01T00:00:00+00:00" == str(person.encounters[0].expire_time).replace(" ", "T")
