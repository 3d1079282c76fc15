"""The adapter's own file: tasks, and the types of encounters. One process has it at a time."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from adapters.keeping.files import opened

PENDING, SCHEDULED, RETRY = "PENDING", "RESPONSE_SCHEDULED", "RESPONSE_RETRY"
FAILED, COMPLETED = "RESPONSE_ERROR", "COMPLETED"
OPEN = (PENDING, SCHEDULED, RETRY)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
  id TEXT PRIMARY KEY, caller BLOB NOT NULL, state TEXT NOT NULL, priority INTEGER NOT NULL, made REAL NOT NULL,
  attempts INTEGER NOT NULL, due REAL NOT NULL, request BLOB NOT NULL, result BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS open_tasks ON tasks (state, due);
CREATE TABLE IF NOT EXISTS encounter_types (name BLOB PRIMARY KEY, kind TEXT NOT NULL) STRICT;
"""
_COLUMNS = "id, caller, state, priority, made, attempts, due, request, result"


@dataclass(frozen=True, slots=True)
class Row:
    """A task.

    Args:
        task_id: its id.
        caller: hash of who asked for it.
        state: OSIA's word.
        priority: 0 to 9, the highest first.
        made: when, in seconds since 1970.
        attempts: to do what its state waits for.
        due: when the next one is.
        request: sealed; b"" when it is no more needed.
        result: sealed; b"" before there is one, and when it is delivered.
    """

    task_id: str
    caller: bytes
    state: str
    priority: int
    made: float
    attempts: int
    due: float
    request: bytes
    result: bytes = b""


class Database:
    """Keeps rows durably: what a method has done is on the disk when it returns. Erased bytes are overwritten.

    Args:
        path: of the file; "" keeps everything in memory.

    Raises:
        ConfigurationInvalid: the file cannot be used, or another process has it.
    """

    def __init__(self, path: str) -> None:
        self._rows = opened(path, _SCHEMA, "BIOFUSION_OSIA_DATABASE")

    def add(self, row: Row) -> None:
        """Keep a new task."""
        self._write(row, "INSERT")

    def save(self, row: Row) -> None:
        """Replace a task."""
        self._write(row, "REPLACE")

    def find(self, task_id: str) -> Row | None:
        """A task."""
        found = self._rows.execute(f"SELECT {_COLUMNS} FROM tasks WHERE id = ?", (task_id,)).fetchone()  # noqa: S608
        return Row(*found) if found else None

    def due(self, now: float, most: int) -> list[Row]:
        """Tasks that are open and due, by priority, then by age."""
        query = (
            f"SELECT {_COLUMNS} FROM tasks WHERE state IN (?, ?, ?) AND due <= ? ORDER BY priority DESC, made LIMIT ?"  # noqa: S608
        )
        return [Row(*each) for each in self._rows.execute(query, (*OPEN, now, most))]

    def next_due(self, now: float) -> float | None:
        """When the next open task is due that is not yet due."""
        query = "SELECT min(due) FROM tasks WHERE state IN (?, ?, ?) AND due > ?"
        (found,) = self._rows.execute(query, (*OPEN, now)).fetchone()
        return None if found is None else float(found)

    def forget_before(self, time: float) -> None:
        """Delete tasks that were made before this time and have ended."""
        self._rows.execute("DELETE FROM tasks WHERE made < ? AND state IN (?, ?)", (time, FAILED, COMPLETED))

    def put(self, person: str, encounter: str, kind: str) -> None:
        """Remember the type of an encounter."""
        self._rows.execute("REPLACE INTO encounter_types VALUES (?, ?)", (_name(person, encounter), kind))

    def get(self, person: str, encounter: str) -> str:
        """The type of an encounter; "" if it is not known."""
        query = "SELECT kind FROM encounter_types WHERE name = ?"
        found = self._rows.execute(query, (_name(person, encounter),)).fetchone()
        return str(found[0]) if found else ""

    def forget(self, person: str, encounters: list[str]) -> None:
        """Forget the types of these encounters."""
        names = [(_name(person, each),) for each in encounters]
        self._rows.executemany("DELETE FROM encounter_types WHERE name = ?", names)

    def close(self) -> None:
        """Close the file."""
        self._rows.close()

    def _write(self, row: Row, verb: str) -> None:
        values = (
            row.task_id, row.caller, row.state, row.priority, row.made, row.attempts, row.due, row.request, row.result
        )  # fmt: skip
        self._rows.execute(f"{verb} INTO tasks ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


def _name(person: str, encounter: str) -> bytes:
    return sha256(f"{person}\n{encounter}".encode()).digest()
