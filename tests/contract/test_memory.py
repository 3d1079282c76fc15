"""What was erased is not in the memory of a process that searches, neither in Python's hands nor in the allocators'."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gallery.memory import VARIABLE, overwrite_freed, with_tunables

SEARCHING = '''
"""An index of 300 subjects of which 100 are erased; prints whom it still finds in its own memory."""
import asyncio, re, sys
from dataclasses import replace
from pathlib import Path
import gallery.feed_reader as feed_reader
from biometrics.template import Position
from gallery.erasures import scrub
from gallery.index import ExactIndex
from gallery.sqlite import SqliteStore
from tests.builders import enrolment, reference, vector
from tests.fakes import VectorComparator

def values(number):
    return [number + 0.137, number + 0.251, number * 0.5 + 0.377, number + 0.509]

def name(number):
    return "-".join(["erased" if number < 100 else "kept", "subject", str(number)])

def own_memory():
    held = []
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in Path("/proc/self/maps").read_text().splitlines():
            area, rights = line.split()[:2]
            if rights.startswith("rw"):
                first, last = (int(end, 16) for end in area.split("-"))
                try:
                    memory.seek(first)
                    held.append(memory.read(last - first))
                except OSError:
                    pass
    return held

async def main():
    feed_reader.PURGE_S, feed_reader.AGAIN_S = 0.01, 0.01
    store = SqliteStore(sys.argv[1])
    index = ExactIndex(store, VectorComparator(), segment_size=64)
    index._reader._purge_s = 0.01
    for number in range(0, 300, 10):
        await asyncio.gather(*(store.enroll(enrolment(name(n), reference(values(n)))) for n in range(number, number + 10)))
    await index.start()
    for number in range(0, 100, 7):
        await asyncio.to_thread(index.search, vector(values(number)), Position.RIGHT_INDEX, "default", 5)
    for number in range(100):
        token = (await store.delete(name(number), f"r{number}", "d")).token
    await index.wait_for(token, 60)
    while index._reader._purge_at != float("inf"):
        await asyncio.sleep(0.01)
    await store.let_go()
    await asyncio.to_thread(scrub)
    marks = {n: [vector(values(n)).data, name(n).encode()] for n in range(100)}
    held = own_memory()
    templates = sum(area.count(marks[n][0]) for n in marks for area in held)
    ids = len({found for area in held for found in re.findall(rb"erased-subject-[0-9]+", area)})
    kept = sum(area.count(b"kept-subject-") > 0 for area in held)
    print(templates - len(marks) * held_by_marks, ids, kept > 0, index.count("default"))
    await index.close()
    await store.close()

held_by_marks = 1
asyncio.run(main())
'''
