"""Rows of imports that are checked and stored together, and those among them that need work of their own."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from biometrics.errors import ServiceUnavailable, StoreUnavailable, TemplateMalformed
from biometrics.sample import EncodedImage
from biometrics.template import Modality, Position, Template
from fusion.bulk.batches import LEAST
from fusion.bulk.importing import ImportKind
from fusion.bulk.work import in_order
from fusion.bulk.work.outcomes import Detail
from fusion.jobs.parts import RowOutcome
from fusion.matching.matchers import Extracted
from gallery.store.values import Enrolment, Receipt
from tests.support.jobs.bulk_office import Bulk, StoreMatcher, bulk_office, everybody

DONE, REFUSED, REPEATED = RowOutcome.DONE, RowOutcome.REFUSED, RowOutcome.REPEATED


class CountingMatcher(StoreMatcher):
    """Refuses templates that begin with "bad", and counts what it is asked; does not answer to `silent` calls."""

    calls = 0
    silent = 0

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """Scores by name."""
        self.calls += 1
        if self.calls <= self.silent:
            raise ServiceUnavailable("Not now.", modality="FACE", code="UNAVAILABLE")
        if any(each.data.startswith(b"bad") for each in references):
            raise TemplateMalformed("The template is damaged.", field="data")
        return await super().compare(probe, references, timeout_s)

    async def extract(self, image: EncodedImage, position: Position, timeout_s: float) -> Extracted:
        """A template of the image's bytes."""
        self.calls += 1
        return await super().extract(image, position, timeout_s)


@pytest.fixture
async def bulk(tmp_path: Path) -> AsyncIterator[Bulk]:
    """A process that imports."""
    async with bulk_office(tmp_path, ImportKind) as bulk:
        bulk.matchers[Modality.FACE] = CountingMatcher(Modality.FACE, bulk.store)  # type: ignore[arg-type]
        yield bulk


def asked(bulk: Bulk) -> int:
    """How often the face service was asked since the last call of this."""
    matcher = bulk.matchers[Modality.FACE]
    assert isinstance(matcher, CountingMatcher)
    calls, matcher.calls = matcher.calls, 0
    return calls


def templates(bulk: Bulk, names: Sequence[str], model_id: str = "face-model-1") -> dict[str, Any]:
    """The spec of an import of a subject for each name, with a template of this data."""
    with (bulk.folder / "people.jsonl").open("w") as file:
        for number, name in enumerate(names):
            data = b64encode(f"{name:300}".encode()).decode()  # as long as a template, so that a part has many rows
            sample = {"modality": "FACE", "template": data, "model_id": f"{model_id}{number % 2 or ''}"}
            file.write(json.dumps({"subject_id": f"p{number}", "samples": [sample]}) + "\n")
    return {"source": "people.jsonl"}


def images(bulk: Bulk, *subjects: str) -> dict[str, Any]:
    """The spec of an import of a row with an image of its own for each of these subjects."""
    with (bulk.folder / "people.jsonl").open("w") as file:
        for number, subject_id in enumerate(subjects):
            (bulk.folder / f"{number}.png").write_bytes(f"image {number}".encode())
            sample = {"modality": "FACE", "image": f"{number}.png"}
            file.write(json.dumps({"subject_id": subject_id, "samples": [sample]}) + "\n")
    return {"source": "people.jsonl"}


async def test_templates_are_checked_together(bulk: Bulk) -> None:
    """A call checks the templates of one model of a quarter of a part, and every row is enrolled."""
    job, results = await bulk.done("import", templates(bulk, [f"face {number}" for number in range(200)]))
    assert (200, 8) == (job.counts.done, asked(bulk))
    assert [f"p{number}" for number in range(200)] == [each.key for each in results]


async def test_bad_templates_among_good_ones(bulk: Bulk) -> None:
    """A template that its service refuses refuses its row alone, and does not send the others to the service singly."""
    names = ["bad" if number in (3, 150, 151) else f"face {number}" for number in range(200)]
    _, results = await bulk.done("import", templates(bulk, names))
    assert [3, 150, 151] == [Detail.of(each).number - 1 for each in results if each.outcome is REFUSED]
    assert {DONE: 197, REFUSED: 3} == Counter(each.outcome for each in results)
    assert 197 == len(await everybody(bulk.store))
    assert asked(bulk) < 60


async def test_a_service_that_does_not_answer_at_first(bulk: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that could not be checked together are checked one by one, and all are enrolled."""
    monkeypatch.setattr(in_order, "PAUSES_S", (0.0,) * 3)
    bulk.matchers[Modality.FACE].silent = 6  # type: ignore[attr-defined]
    job, _ = await bulk.done("import", templates(bulk, [f"face {number}" for number in range(40)]))
    assert 40 == job.counts.done


async def test_writes_that_fail(bulk: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows whose common write is lost, before or after it was carried out, are enrolled one by one, each once."""
    monkeypatch.setattr(in_order, "PAUSES_S", (0.0,) * 3)
    original, times = bulk.store.enroll_all, iter(range(100))

    async def enroll_all(enrolments: Sequence[Enrolment]) -> list[Receipt | None]:
        turn = next(times)
        if turn == 0:
            raise StoreUnavailable("Not now.")
        receipts = await original(enrolments)
        return receipts if turn % 2 else [None] * len(enrolments)

    monkeypatch.setattr(bulk.store, "enroll_all", enroll_all)
    _, results = await bulk.done("import", templates(bulk, [f"face {number}" for number in range(100)]))
    assert {DONE} == {each.outcome for each in results}
    assert [1] * 100 == [len(each.encounters) for each in await everybody(bulk.store)]


async def test_images_are_extracted_once(bulk: Bulk) -> None:
    """Each image of a batch is extracted once, also if several rows are of one subject."""
    job, _ = await bulk.done("import", images(bulk, *(f"p{number % 7}" for number in range(LEAST))))
    assert (LEAST, LEAST) == (job.counts.done, asked(bulk))
    assert LEAST == sum(len(each.encounters) for each in await everybody(bulk.store))


async def test_images_that_are_enrolled_are_not_extracted_again(bulk: Bulk) -> None:
    """The same rows once more are REPEATED, without an extraction."""
    spec = images(bulk, *(f"p{number}" for number in range(20)))
    await bulk.done("import", spec)
    assert 20 == asked(bulk)
    _, results = await bulk.done("import", spec)
    assert {REPEATED} == {each.outcome for each in results}
    assert 0 == asked(bulk)
