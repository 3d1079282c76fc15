"""Reading all subjects of some partitions with their references of one modality, a page at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.template import Modality
from gallery.store.backend import ReferenceRow, SubjectRows
from gallery.store.sqlite.in_list import in_list
from gallery.store.sqlite.queries import SUBJECT, SubjectRow, references_between, subject_rows

FEW = 16
"""Up to one in 16 partitions is read by the index of its subjects; more in one pass over the table."""
DENSE = 4
"""References of a page are read in one range, if it spans at most 4 times as many subjects as there are in the page."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Part of a scan that goes through subjects by rising number.

    Args:
        modality: whose references are read.
        condition: which subjects, in SQL.
        page_size: most subjects of a page.
    """

    modality: Modality
    condition: str
    page_size: int

    def page(self, connection: sqlite3.Connection, after: int) -> tuple[int, list[SubjectRows]]:
        """Number of the last subject of the page, and the page; empty after the last. Call it in a transaction."""
        statement = (
            f"SELECT {SUBJECT} FROM subjects "  # noqa: S608 - numbers only
            f"WHERE number > ? AND {self.condition} ORDER BY number LIMIT ?"
        )
        rows: list[SubjectRow] = connection.execute(statement, (after, self.page_size)).fetchall()
        if not rows:
            return after, []
        references = self._references(connection, [row[0] for row in rows])
        return rows[-1][0], [subject_rows(row, (), references.get(row[0], ())) for row in rows]

    def _references(self, connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, list[ReferenceRow]]:
        if numbers[-1] - numbers[0] <= DENSE * len(numbers):
            return references_between(connection, numbers[0], numbers[-1], self.modality)
        found: dict[int, list[ReferenceRow]] = {}
        for number in numbers:
            found |= references_between(connection, number, number, self.modality)
        return found


def passes(modality: Modality, partitions: Sequence[int], partition_count: int, page_size: int) -> list[Pass]:
    """The passes that read these partitions: one for all together, or one for each if they are few."""
    wanted = sorted(set(partitions))
    if len(wanted) == partition_count:
        return [Pass(modality, "true", page_size)]
    if len(wanted) * FEW <= partition_count:
        return [Pass(modality, f"partition = {each}", page_size) for each in wanted]
    return [Pass(modality, f"+partition IN {in_list(wanted)}", page_size)]  # +: not by the index
