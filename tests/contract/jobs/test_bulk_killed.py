"""Processes that are killed while they import or sweep: every row counts once, and every pair is told once.

Killed three times each; BIOFUSION_TEST_KILLS=10 kills them ten times.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from pathlib import Path

from fusion.bulk.importing import ImportKind
from fusion.bulk.sweep.sweeping import SweepKind
from fusion.bulk.work.outcomes import Detail
from fusion.jobs.parts import RowOutcome
from fusion.jobs.values import Job, JobState
from tests.support.jobs.bulk_office import Bulk, bulk_office, everybody
from tests.support.jobs.office import OPTIONS, WAIT_S

ROWS, SUBJECTS, PEOPLE = 1200, 400, 150
KILLS = int(os.environ.get("BIOFUSION_TEST_KILLS", "3"))


def killed_after(folder: Path, count: int) -> int:
    """Rows that a process told before it was killed, once it had told `count`."""
    command = [sys.executable, "-m", "tests.support.jobs.bulk_process", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as working:
        assert working.stdout is not None
        lines = [working.stdout.readline() for _ in range(count)]
        working.kill()
    return len([each for each in lines if each])


async def after_kills(bulk: Bulk, place: Path, job: Job, most: int) -> Job:
    """A job at its end, after processes were killed that worked on it."""
    rng = random.Random(3)
    for _ in range(KILLS):
        count = rng.randrange(1, most)
        assert count == await asyncio.to_thread(killed_after, place, count)
        assert not (await bulk.jobs.get(job.name)).state.is_final
    bulk.engine.start()
    return await bulk.jobs.wait(job.name, WAIT_S)


def manifest(folder: Path) -> dict[str, str]:
    """The spec of an import: each subject has encounters of its own, among them equal ones and bad rows."""
    lines = []
    for number in range(ROWS):
        data = b64encode(f"face {number % PEOPLE}".encode()).decode()
        sample = {"modality": "FACE", "template": data, "model_id": "face-model-1"}
        subject_id = "no id!" if number % 100 == 99 else f"p{number % SUBJECTS:03}"
        lines.append(json.dumps({"subject_id": subject_id, "encounter_id": f"e{number}", "samples": [sample]}))
    (folder / "people.jsonl").write_text("\n".join(lines))
    return {"source": "people.jsonl"}


async def test_an_import_and_a_sweep_survive_kills(tmp_path: Path) -> None:
    """After kills every row of the manifest is enrolled and in the results once; and so are the pairs."""
    options = replace(OPTIONS, lease_s=0.5)
    async with bulk_office(tmp_path, ImportKind, SweepKind, options=options) as bulk:
        await bulk.engine.close()
        made = await bulk.jobs.create("import", manifest(bulk.folder))
        job = await after_kills(bulk, tmp_path, made, 90)
        await bulk.engine.close()
        results = await bulk.results(job.name)
        assert JobState.DONE is job.state, job.error
        assert list(range(1, ROWS + 1)) == [Detail.of(each).number for each in results]
        assert {RowOutcome.DONE: ROWS - 12, RowOutcome.REFUSED: 12} == Counter(each.outcome for each in results)
        people = await everybody(bulk.store)
        found = [each.encounter_id for person in people for each in person.encounters]
        assert sorted(f"e{n}" for n in range(ROWS) if n % 100 != 99) == sorted(found)

        made = await bulk.jobs.create("duplicate-sweep", {"expected_false_pairs": 10})
        job = await after_kills(bulk, tmp_path, made, 30)
        assert JobState.DONE is job.state, job.error
        faces = {each.subject_id: {one.template.data for one in each.active_references} for each in people}
        wanted = [f"{a} {b}" for a in faces for b in faces if a < b and faces[a] & faces[b]]
        pairs = [each.key for each in await bulk.results(job.name) if " " in each.key]
        assert len(wanted) > 100
        assert sorted(wanted) == sorted(pairs)
