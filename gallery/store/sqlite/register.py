"""Registers in the SQLite store: snapshots, and keys that must be destroyed. Called inside a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from biometrics.template import Modality
from gallery.store.backend import Held, SnapshotRow
from gallery.store.sqlite import feed
from gallery.store.sqlite.in_list import in_list
from gallery.store.tokens import FeedPosition
from gallery.store.values import ChangeKind

_COLUMNS = "partition, modality, name, key_slot, epoch, mark, seq, details"


def put_snapshot(connection: sqlite3.Connection, snapshot: SnapshotRow) -> bool:
    """Register a snapshot, unless references of a subject were removed after its position. See Backend."""
    position = snapshot.position
    if feed.held(connection, [position]) != [Held.HELD]:
        return False
    statement = "SELECT 1 FROM changes WHERE partition = ? AND seq > ? AND kind = ?"
    erasure = (snapshot.partition, position.number[0], ChangeKind.DELETE.value)
    if connection.execute(statement, erasure).fetchone():
        return False
    statement = "SELECT 1 FROM rewritten WHERE partition = ? AND seq > ?"
    if connection.execute(statement, erasure[:2]).fetchone():
        return False
    row = (
        snapshot.partition,
        snapshot.modality.value,
        snapshot.name,
        snapshot.key_slot,
        position.epoch,
        position.mark,
        position.number[0],
        snapshot.details,
    )
    connection.execute(f"INSERT INTO snapshots ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608 - no foreign text
    return True


def snapshots(connection: sqlite3.Connection, modality: Modality, partitions: Sequence[int]) -> list[SnapshotRow]:
    """The registered snapshots of these partitions, newest first within each."""
    statement = (
        f"SELECT {_COLUMNS} FROM snapshots WHERE modality = ? AND partition IN {in_list(partitions)} "  # noqa: S608 - numbers
        "ORDER BY partition, number DESC"
    )
    return [_row(*row) for row in connection.execute(statement, (modality.value,))]


def drop_snapshot(connection: sqlite3.Connection, snapshot: SnapshotRow) -> None:
    """Remove a snapshot; its key must be destroyed."""
    statement = "DELETE FROM snapshots WHERE partition = ? AND modality = ? AND name = ? RETURNING key_slot"
    place = (snapshot.partition, snapshot.modality.value, snapshot.name)
    removed = connection.execute(statement, place).fetchall()
    add_key_slots(connection, snapshot.partition, [slot for (slot,) in removed])


def drop_all(connection: sqlite3.Connection, partition: int) -> None:
    """Remove all snapshots of a partition; their keys must be destroyed."""
    statement = "DELETE FROM snapshots WHERE partition = ? RETURNING key_slot"
    add_key_slots(connection, partition, [slot for (slot,) in connection.execute(statement, (partition,)).fetchall()])


def rewritten(connection: sqlite3.Connection, position: FeedPosition) -> None:
    """Remember that references of a subject were removed by the write at this position."""
    statement = "INSERT OR REPLACE INTO rewritten VALUES (?, ?)"
    connection.execute(statement, (position.partition, position.number[0]))


def add_key_slots(connection: sqlite3.Connection, partition: int, slots: Sequence[bytes]) -> None:
    """Remember keys that must be destroyed."""
    statement = "INSERT INTO key_slots (partition, slot) VALUES (?, ?)"
    connection.executemany(statement, [(partition, slot) for slot in slots])


def key_slots(connection: sqlite3.Connection, partitions: Sequence[int]) -> list[tuple[int, bytes]]:
    """Partition and name of the keys that must be destroyed, oldest first; of all partitions, if none is named."""
    rows = connection.execute("SELECT partition, slot FROM key_slots ORDER BY number")
    return [(partition, slot) for partition, slot in rows if not partitions or partition in partitions]


def forget_key_slots(connection: sqlite3.Connection, partition: int, slots: Sequence[bytes]) -> None:
    """Forget keys that are destroyed."""
    statement = "DELETE FROM key_slots WHERE partition = ? AND slot = ?"
    connection.executemany(statement, [(partition, slot) for slot in slots])


def _row(
    partition: int, modality: str, name: str, slot: bytes, epoch: str, mark: str, seq: int, details: bytes
) -> SnapshotRow:
    position = FeedPosition(partition, epoch, mark, (seq, 0))
    return SnapshotRow(partition, Modality(modality), name, slot, position, details)
