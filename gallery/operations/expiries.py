"""Compares the list of encounters that expire with their records, in constant memory."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.errors import RecordUnreadable
from gallery.store.backend import Backend
from gallery.store.records import encounters
from gallery.store.rows import ExpiryRow, SubjectRows

PAGE = 1000
LAST = 2**62
"""After every time that a record can have."""


@dataclass
class Expiries:
    """Some times of expiry, in any order: their number, and the sum of their hashes, so that equal ones are equal.

    Times count as a list in Redis keeps them, as floating-point numbers.
    """

    count: int = 0
    hashes: int = 0

    def add(self, row: ExpiryRow) -> None:
        """Count one."""
        self.count += 1
        self.hashes += hash((float(row.time), row.subject_id, row.encounter_id))

    def add_rows(self, rows: SubjectRows | None) -> None:
        """Count those of a subject's records; one that cannot be read has none."""
        for each in rows.encounters if rows else ():
            try:
                time = encounters.micros(encounters.summary(each).expire_time)
            except RecordUnreadable:
                continue
            if rows is not None and time is not None:
                self.add(ExpiryRow(time, rows.subject_id, each.encounter_id))


async def listed_expiries(backend: Backend) -> Expiries:
    """Those of the list."""
    found, after = Expiries(), None
    while page := await backend.expiring(LAST, after, PAGE):
        for each in page:
            found.add(each)
        after = page[-1]
    return found
