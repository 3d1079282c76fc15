"""Reading all subjects of some partitions with their references of one modality, a page at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.template import Modality
from gallery.store.rows import ReferenceRow, SubjectKey, SubjectRows
from gallery.store.sqlite.in_list import in_list
from gallery.store.sqlite.queries import REFERENCE, SUBJECT
from gallery.store.sqlite.schema import NUMBERS, references_table

FEW = 16
"""Up to one in 16 partitions is read by the index of its subjects; more in one pass over the table."""


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

    @property
    def statement(self) -> str:
        """The subjects of a page, each with its references, in SQL."""
        subjects = f"SELECT * FROM subjects WHERE number > ? AND {self.condition} ORDER BY number LIMIT ?"  # noqa: S608 - no foreign text
        own = f"id BETWEEN number * {NUMBERS} AND number * {NUMBERS} + {NUMBERS - 1}"
        table = references_table(self.modality)
        return f"SELECT {SUBJECT}, {REFERENCE} FROM ({subjects}) LEFT JOIN {table} ON {own}"  # noqa: S608 - no foreign text

    def page(self, connection: sqlite3.Connection, after: int) -> tuple[int, list[SubjectRows]]:
        """Number of the last subject of the page, and the page; empty after the last."""
        last, rows, references = after, list[SubjectRows](), list[ReferenceRow]()
        for number, partition, name, subject_id, head, *reference in connection.execute(
            self.statement, (after, self.page_size)
        ):
            if number != last:
                references = []
                rows.append(SubjectRows(SubjectKey(partition, name), subject_id, head, (), references))
                last = number
            place, active, sealed = reference
            if place is not None:
                references.append(ReferenceRow(place % NUMBERS, self.modality, bool(active), sealed))
        return last, rows


def passes(modality: Modality, partitions: Sequence[int], partition_count: int, page_size: int) -> list[Pass]:
    """The passes that read these partitions: one for all together, or one for each if they are few."""
    wanted = sorted(set(partitions))
    if len(wanted) == partition_count:
        return [Pass(modality, "true", page_size)]
    if len(wanted) * FEW <= partition_count:
        return [Pass(modality, f"partition = {each}", page_size) for each in wanted]
    return [Pass(modality, f"+partition IN {in_list(wanted)}", page_size)]  # +: not by the index
