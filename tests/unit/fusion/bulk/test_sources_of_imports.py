"""Sources and specs of imports that cannot be used, and folders with odd names."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from biometrics.errors import FieldInvalid
from fusion.bulk.importing import ImportKind
from fusion.bulk.work.outcomes import Detail
from fusion.jobs.values import JobState
from tests.support.jobs.bulk_office import Bulk, bulk_office


@pytest.fixture
async def bulk(tmp_path: Path) -> AsyncIterator[Bulk]:
    """A process that imports."""
    async with bulk_office(tmp_path, ImportKind) as bulk:
        yield bulk


@pytest.mark.parametrize(
    "spec",
    [
        None,
        {},
        {"source": ""},
        {"source": "../x"},
        {"source": "/etc/passwd"},
        {"source": "missing.jsonl"},
        {"source": "p.jsonl", "gallery": "no id!"},
        {"source": "p.jsonl", "format": "PDF"},
        {"source": "p.jsonl", "on_duplicate": "PERHAPS"},
        {"source": "p.jsonl", "validate_only": 1},
        {"source": "p.jsonl", "other": 1},
    ],
)
async def test_specs(bulk: Bulk, spec: Any) -> None:
    """A spec that cannot be used makes no job."""
    (bulk.folder / "p.jsonl").write_text("")
    with pytest.raises(FieldInvalid):
        await bulk.jobs.create("import", spec)


async def test_a_folder_with_odd_names(bulk: Bulk) -> None:
    """Files whose names are no ids are refused, each once; nested folders beyond the first are, too."""
    folder = bulk.folder / "records"
    folder.mkdir()
    names = ["ok.xyz", "no id.xyz", "é.xyz", ".hidden", "x\ny.xyz", *(f"f{n}.xyz" for n in range(205))]
    for name in names:
        (folder / name).write_bytes(b"no record")
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / os.fsdecode(b"\xff.xyz")).write_bytes(b"no record")
    job, results = await bulk.done("import", {"source": "records"})
    assert (JobState.DONE, 211) == (job.state, job.counts.refused), job.error
    assert list(range(1, 212)) == [Detail.of(each).number for each in results]


async def test_a_source_that_goes_away(bulk: Bulk) -> None:
    """A job whose manifest is removed FAILED with a named error."""
    (bulk.folder / "people.jsonl").write_text(json.dumps({"subject_id": "p"}))
    spec = {"source": "people.jsonl"}
    await bulk.engine.close()
    made = await bulk.jobs.create("import", spec)
    (bulk.folder / "people.jsonl").unlink()
    bulk.engine.start()
    job = await bulk.jobs.wait(made.name, 30)
    assert (JobState.FAILED, "FIELD_INVALID") == (job.state, job.error and job.error.reason)
