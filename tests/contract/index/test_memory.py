"""Erased data is not in the memory of a searching process, neither in Python objects nor in freed memory."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np

from gallery.erased_memory import TUNABLES, VARIABLE, overwrite_freed, with_tunables
from gallery.store.open_store import open_store
from gallery.store.port import SubjectStore
from gallery.store.values import START, ConsistencyToken
from soak.processes.memory import found_in_memory
from tests.support.builders import enrolment, reference

ERASED, KEPT = [0.137, 2.251], [0.731, 5.152]
"""Values that fill half of each template."""
ROUNDS = 3
MARKS = {
    "erased id": b"subject-to-be-erased-",
    "erased template": np.array(ERASED, np.float32).tobytes(),
    "kept id": b"subject-to-be-kept-",
    "kept template": np.array(KEPT, np.float32).tobytes(),
}


async def enrol(store: SubjectStore, kind: str, marks: list[float], numbers: range) -> ConsistencyToken:
    """Enrol subjects whose ids and templates contain marks."""
    token = START
    for number in numbers:
        template = reference([*marks, float(number), 1.0])
        token = (await store.enroll(enrolment(f"subject-to-be-{kind}-{number}", template))).token
    return token


async def remove(store: SubjectStore, subject_id: str, number: int) -> ConsistencyToken:
    """Erase every other subject; of the rest, replace the encounter by one without the marks."""
    if number % 2 == 0:
        return (await store.delete(subject_id, f"r{number}", "d")).token
    new = enrolment(subject_id).encounter
    return (await store.replace_encounter(subject_id, new, f"r{number}", "d")).token


async def test_100_erasures_leave_no_template_in_a_searching_process(tmp_path: Path) -> None:
    """No writable byte of the process has templates that were erased or replaced; those of the others are there.

    An id may be left: SQLite leaves copies in free parts of pages that were split, and these pages are read.
    """
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    await enrol(store, "erased", ERASED, range(60))
    command = [sys.executable, "-m", "tests.support.stores.searching_process", str(tmp_path / "store.db")]
    searching = await asyncio.to_thread(
        subprocess.Popen[str], command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    async def ask(line: str) -> int:
        assert searching.stdin is not None
        assert searching.stdout is not None
        searching.stdin.write(line + "\n")
        searching.stdin.flush()
        return int(await asyncio.to_thread(searching.stdout.readline))

    await enrol(store, "kept", KEPT, range(200))
    token = await enrol(store, "erased", ERASED, range(60, 100))
    assert 300 == await ask(token)
    assert set(MARKS) == set(found_in_memory(searching.pid, MARKS))
    for number in range(100):
        token = await remove(store, f"subject-to-be-erased-{number}", number)
    assert 200 + 50 == await ask(token)
    assert 200 + 50 == await ask("")
    left = set(found_in_memory(searching.pid, MARKS))
    # A block that was in use during these purges, as on a busy machine, is overwritten by those of a later erasure.
    for number in range(ROUNDS):
        if "erased template" in left:
            await store.enroll(enrolment(f"other-{number}"))
            assert 200 + 50 == await ask((await store.delete(f"other-{number}", f"other-r{number}", "d")).token)
            assert 200 + 50 == await ask("")
            left = set(found_in_memory(searching.pid, MARKS))
    searching.communicate()
    await store.close()
    assert {"kept id", "kept template"} == left - {"erased id"}


def test_a_process_restarts_itself_once() -> None:
    """With its tunables set the process does not restart again; other tunables in the variable are kept."""
    overwrite_freed({VARIABLE: TUNABLES})
    overwrite_freed({VARIABLE: f"glibc.malloc.check=1:{TUNABLES}"})
    assert TUNABLES == with_tunables("") == with_tunables(TUNABLES)
    assert f"glibc.malloc.check=1:{TUNABLES}" == with_tunables("glibc.malloc.check=1")


def test_a_process_that_loses_its_tunables_restarts_once() -> None:
    """Where the loader removes the tunables (a Python with capabilities), the process continues and logs it."""
    program = (
        f"import os; os.environ.pop({VARIABLE!r}, None); print('begun', flush=True)\n"
        "from gallery.erased_memory import overwrite_freed; overwrite_freed(); print('on')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = list(itertools.islice(process.stdout, 3))
        process.kill()
    assert ["begun\n", "begun\n", "on\n"] == lines
