"""SQL writes of the SQLite store. Every function runs inside a transaction of the ledger's connection."""

from __future__ import annotations

import sqlite3

from biometrics.template import Modality
from gallery.store.backend import Outcome, Request, Write, Written
from gallery.store.sqlite import register
from gallery.store.sqlite.schema import EVERYBODY, NUMBERS, references_table
from gallery.store.sqlite.writing.ledger import Ledger

INSERT_REFERENCES = {
    modality: f"INSERT INTO {references_table(modality)} VALUES (?, ?, ?)"  # noqa: S608 - no foreign text
    for modality in Modality
}
DELETE_REFERENCES = [
    f"DELETE FROM {references_table(modality)} WHERE id BETWEEN ? AND ?"  # noqa: S608 - no foreign text
    for modality in Modality
]


def write(ledger: Ledger, wanted: Write) -> Written:
    """Carry out a write. See Backend."""
    if ledger.identity.key(wanted.subject_id) != wanted.key:
        return Written(Outcome.REPLACED)
    if done := ledger.done(wanted.key.partition, wanted.request):
        return Written(Outcome.DONE, done[1], done[0])
    statement = "SELECT number, head FROM subjects WHERE name = ?"
    number, head = ledger.connection.execute(statement, (wanted.key.name,)).fetchone() or (None, b"")
    if head != wanted.expected:
        return Written(Outcome.CHANGED, head=head)
    if _is_taken(ledger.connection, number, wanted):
        return Written(Outcome.TAKEN)
    if wanted.head:
        _put(ledger.connection, number, wanted)
    else:
        _erase(ledger.connection, number, wanted)
    register.add_key_slots(ledger.connection, wanted.key.partition, wanted.key_slots)
    position = ledger.log(wanted.key.partition, wanted.kind, wanted.key.name, wanted.request)
    _count(ledger, wanted, was_there=bool(head))
    return Written(Outcome.WRITTEN, position)


def put_model(ledger: Ledger, model_id: str, text: str, request: Request) -> Written:
    """Store a fusion model, or remove it if the text is "". See Backend."""
    if done := ledger.done(0, request):
        return Written(Outcome.DONE, done[1], done[0])
    if text:
        ledger.connection.execute("INSERT OR REPLACE INTO fusion_models VALUES (?, ?)", (model_id, text))
    elif not ledger.connection.execute("DELETE FROM fusion_models WHERE model_id = ?", (model_id,)).rowcount:
        return Written(Outcome.CHANGED)
    position = ledger.keep(0, request)
    ledger.erased = True  # a new text also overwrites an old one
    return Written(Outcome.WRITTEN, position)


def _is_taken(connection: sqlite3.Connection, number: int | None, wanted: Write) -> bool:
    statement = "SELECT 1 FROM encounters WHERE subject = ? AND encounter_id = ?"
    return number is not None and any(
        connection.execute(statement, (number, each.encounter_id)).fetchone() for each in wanted.encounters
    )


def _put(connection: sqlite3.Connection, number: int | None, wanted: Write) -> None:
    run, key = connection.execute, wanted.key
    if number is None:
        statement = "INSERT INTO subjects (partition, name, subject_id, head) VALUES (?, ?, ?, ?)"
        number = run(statement, (key.partition, key.name, wanted.subject_id, wanted.head)).lastrowid
        assert number is not None
    else:
        run("UPDATE subjects SET head = ? WHERE number = ?", (wanted.head, number))
    for encounter in wanted.encounters:
        row = (number, encounter.encounter_id, encounter.number, encounter.record)
        run("INSERT INTO encounters VALUES (?, ?, ?, ?)", row)
    for each in wanted.references:
        run(INSERT_REFERENCES[each.modality], (number * NUMBERS + each.number, each.active, each.sealed))
    memberships = [(gallery, wanted.subject_id) for gallery in wanted.joined]
    connection.executemany("INSERT INTO memberships VALUES (?, ?)", memberships)
    _leave(connection, wanted)


def _erase(connection: sqlite3.Connection, number: int | None, wanted: Write) -> None:
    """Remove all rows of the subject, and the snapshots that may hold it."""
    if number is not None:
        connection.execute("DELETE FROM subjects WHERE number = ?", (number,))
        connection.execute("DELETE FROM encounters WHERE subject = ?", (number,))
        for statement in DELETE_REFERENCES:
            connection.execute(statement, (number * NUMBERS, number * NUMBERS + NUMBERS - 1))
    _leave(connection, wanted)
    register.drop_all(connection, wanted.key.partition)


def _leave(connection: sqlite3.Connection, wanted: Write) -> None:
    memberships = [(gallery, wanted.subject_id) for gallery in wanted.left]
    connection.executemany("DELETE FROM memberships WHERE gallery = ? AND subject_id = ?", memberships)


def _count(ledger: Ledger, wanted: Write, *, was_there: bool) -> None:
    partition = wanted.key.partition
    if was_there != bool(wanted.head):
        ledger.resize(EVERYBODY, partition, 1 if wanted.head else -1)
    for gallery in wanted.joined:
        ledger.resize(gallery, partition, 1)
    for gallery in wanted.left:
        ledger.resize(gallery, partition, -1)
    ledger.erased = ledger.erased or not wanted.head
