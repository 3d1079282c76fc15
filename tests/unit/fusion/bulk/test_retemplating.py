"""New templates in place of those of another model, on a real store."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from biometrics.sample import EncodedImage
from biometrics.template import Modality, Position, Template
from fusion.bulk.retemplating import RetemplatingKind
from fusion.bulk.work.outcomes import Detail
from fusion.jobs.parts import RowOutcome
from fusion.matching.matchers import Extracted
from gallery.subject import Reference
from tests.support import builders
from tests.support.jobs.bulk_office import Bulk, StoreMatcher, bulk_office, everybody

DONE, REFUSED, REPEATED = RowOutcome.DONE, RowOutcome.REFUSED, RowOutcome.REPEATED


@pytest.fixture
async def bulk(tmp_path: Path) -> AsyncIterator[Bulk]:
    """A process that replaces templates."""
    async with bulk_office(tmp_path, RetemplatingKind) as bulk:
        yield bulk


def reference(who: str, model_id: str = "face-model-1") -> Reference:
    """A face."""
    return Reference(Position.FACE, Template(Modality.FACE, model_id, who.encode()), 50.0)


async def test_new_templates(bulk: Bulk) -> None:
    """Templates of another model are replaced by those of the images; a second run finds nothing to do."""
    for number in range(6):
        old = reference(f"old {number}", "face-model-0")
        await bulk.store.enroll(builders.enrolment(f"p{number}", old, builders.reference([1, 0, 0, 0])))
        (bulk.folder / f"{number}.png").write_bytes(f"new {number}".encode())
    rows: list[dict[str, Any]] = [
        {"subject_id": f"p{n}", "encounter_id": "e1", "samples": [{"modality": "FACE", "image": f"{n}.png"}]}
        for n in range(5)
    ]
    bad = [
        rows[0] | {"encounter_id": "e2"},
        rows[0] | {"subject_id": "nobody"},
        {"subject_id": "p1", "samples": rows[1]["samples"]},
        rows[1] | {"samples": [{"modality": "FACE", "image": "missing.png"}], "subject_id": "p5"},
        {"subject_id": "p5", "encounter_id": "e1", "samples": [{"modality": "IRIS", "image": "5.png"}]},
    ]
    (bulk.folder / "rows.jsonl").write_text("".join(json.dumps(each) + "\n" for each in [*rows, *bad]))
    spec = {"source": "rows.jsonl", "from_model_id": "face-model-0"}
    job, results = await bulk.done("retemplating", spec)
    reasons = ["ENCOUNTER_NOT_FOUND", "SUBJECT_NOT_FOUND", "FIELD_INVALID", "FIELD_INVALID", "FIELD_INVALID"]
    assert [(DONE, "")] * 5 + [(REFUSED, each) for each in reasons] == [(r.outcome, r.reason) for r in results]
    people = {each.subject_id: each.encounters[0].references for each in await everybody(bulk.store)}
    assert {b"new 3"} == {each.template.data for each in people["p3"] if each.modality is Modality.FACE}
    assert 2 == len(people["p3"])  # the fingerprint is kept
    facts = job.summary["facts"]
    assert ("1", "5") == (facts["templates of face-model-0"], facts["templates of face-model-1"])
    _, results = await bulk.done("retemplating", spec)
    assert [REPEATED] * 5 == [each.outcome for each in results][:5]
    assert list(range(1, 11)) == [Detail.of(each).number for each in results]


@pytest.mark.parametrize(("changes", "outcome"), [(3, (DONE, "")), (9, (REFUSED, "ENCOUNTER_CHANGED"))])
async def test_what_others_write_meanwhile_is_kept(bulk: Bulk, changes: int, outcome: tuple[RowOutcome, str]) -> None:
    """A row whose encounter is changed meanwhile is done anew, and refused if that happens again and again."""
    old = reference("old", "face-model-0")
    await bulk.store.enroll(builders.enrolment("p", old))
    (bulk.folder / "new.png").write_bytes(b"new")
    row = {"subject_id": "p", "encounter_id": "e1", "samples": [{"modality": "FACE", "image": "new.png"}]}
    (bulk.folder / "rows.jsonl").write_text(json.dumps(row))
    bulk.matchers[Modality.FACE] = busy = BusyMatcher(bulk, [old, builders.reference([1, 0, 0, 0])], changes)
    _, (result,) = await bulk.done("retemplating", {"source": "rows.jsonl"})
    assert outcome == (result.outcome, result.reason)
    (encounter,) = (await bulk.store.get("p")).encounters
    assert busy.written == [each for each in encounter.references if each.modality is not Modality.FACE]
    models = [each.template.model_id for each in encounter.references if each.modality is Modality.FACE]
    assert [old.template.model_id if result.reason else "face-model-1"] == models


class BusyMatcher(StoreMatcher):
    """While it makes a template, another caller replaces the encounter, by other references every time.

    Args:
        bulk: whose store it is.
        references: that the encounter gets, and one more that is another one each time.
        changes: how often.
    """

    def __init__(self, bulk: Bulk, references: Sequence[Reference], changes: int) -> None:
        super().__init__(Modality.FACE, bulk.store)  # type: ignore[arg-type]
        self._references, self._left = references, changes
        self.written: list[Reference] = []

    async def extract(self, image: EncodedImage, position: Position, timeout_s: float) -> Extracted:
        """See Matcher."""
        if self._left:
            self._left -= 1
            self.written = [self._references[1], builders.reference([0, 1, 0, self._left])]
            changed = builders.encounter(self._references[0], *self.written)
            await self.real.replace_encounter("p", changed, str(uuid.uuid4()), "d")
        return await super().extract(image, position, timeout_s)


async def test_rows_of_one_encounter(bulk: Bulk) -> None:
    """Two rows that each bring one position of an encounter both count."""
    eyes = [
        Reference(position, Template(Modality.IRIS, "iris-model-0", b"old"), None)
        for position in (Position.LEFT_EYE, Position.RIGHT_EYE)
    ]
    rows = []
    for number in range(20):
        await bulk.store.enroll(builders.enrolment(f"p{number}", *eyes))
        for position in ("LEFT_EYE", "RIGHT_EYE"):
            (bulk.folder / position).write_bytes(position.encode())
            sample = {"modality": "IRIS", "position": position, "image": position}
            rows.append({"subject_id": f"p{number}", "encounter_id": "e1", "samples": [sample]})
    (bulk.folder / "rows.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    _, results = await bulk.done("retemplating", {"source": "rows.jsonl"})
    assert {DONE} == {each.outcome for each in results}
    for each in await everybody(bulk.store):
        assert {b"LEFT_EYE", b"RIGHT_EYE"} == {one.template.data for one in each.encounters[0].references}
