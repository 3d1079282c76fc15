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

REMOVE_TEXT = {
    "fusion_models": "DELETE FROM fusion_models WHERE model_id = ?",
    "aliases": "DELETE FROM aliases WHERE alias = ?",
}
ACTIVATE_REFERENCES = [
    f"UPDATE {references_table(modality)} SET active = ? WHERE id = ?"  # noqa: S608 - no foreign text
    for modality in Modality
]


def write(ledger: Ledger, wanted: Write) -> Written:
    """Carry out a write. See Backend."""
    if ledger.identity.key(wanted.subject_id) != wanted.key:
        return Written(Outcome.REPLACED)
    if done := ledger.done(wanted.key.partition, wanted.request):
        return Written(Outcome.DONE, done[1], done[0])
    if wanted.unless and ledger.done(wanted.key.partition, Request(wanted.unless, b"")):
        return Written(Outcome.BARRED)
    statement = "SELECT number, head FROM subjects WHERE name = ?"
    number, head = ledger.connection.execute(statement, (wanted.key.name,)).fetchone() or (None, b"")
    if head != wanted.expected:
        return Written(Outcome.CHANGED, head=head)
    if not wanted.anew and _is_taken(ledger.connection, number, wanted):
        return Written(Outcome.TAKEN)
    if wanted.anew or not wanted.head:
        _remove(ledger.connection, number, wanted)
    if wanted.head:
        _put(ledger.connection, number, wanted)
    elif number is not None:
        ledger.connection.execute("DELETE FROM subjects WHERE number = ?", (number,))
    _move(ledger.connection, wanted)
    register.add_key_slots(ledger.connection, wanted.key.partition, wanted.key_slots)
    position = ledger.log(wanted.key.partition, wanted.kind, wanted.key.name, wanted.request)
    if wanted.anew:
        register.rewritten(ledger.connection, position)
    _count(ledger, wanted, was_there=bool(head))
    return Written(Outcome.WRITTEN, position)


def put_text(ledger: Ledger, table: str, name: str, text: str, request: Request) -> Written:
    """Store a fusion model or an alias, in its table, or remove it if the text is "". See Backend."""
    if done := ledger.done(0, request):
        return Written(Outcome.DONE, done[1], done[0])
    if text:
        ledger.connection.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (name, text))  # noqa: S608 - own
    elif not ledger.connection.execute(REMOVE_TEXT[table], (name,)).rowcount:
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
    for encounter in wanted.changed:
        place = (encounter.record, number, encounter.encounter_id)
        run("UPDATE encounters SET record = ? WHERE subject = ? AND encounter_id = ?", place)
    for encounter_number, active in wanted.activity:
        for statement in ACTIVATE_REFERENCES:
            run(statement, (active, number * NUMBERS + encounter_number))
    for expiry in wanted.expiries:
        run("DELETE FROM expiries WHERE subject_id = ? AND encounter_id = ?", (wanted.subject_id, expiry.encounter_id))
        if expiry.time is not None:
            run("INSERT INTO expiries VALUES (?, ?, ?)", (expiry.time, wanted.subject_id, expiry.encounter_id))


def _remove(connection: sqlite3.Connection, number: int | None, wanted: Write) -> None:
    """Remove the subject's encounters and references, and the snapshots that may hold them."""
    if number is not None:
        connection.execute("DELETE FROM encounters WHERE subject = ?", (number,))
        connection.execute("DELETE FROM expiries WHERE subject_id = ?", (wanted.subject_id,))
        for statement in DELETE_REFERENCES:
            connection.execute(statement, (number * NUMBERS, number * NUMBERS + NUMBERS - 1))
    register.drop_all(connection, wanted.key.partition)


def _move(connection: sqlite3.Connection, wanted: Write) -> None:
    """Write memberships, and whether the subject's encounters are being moved."""
    memberships = [(gallery, wanted.subject_id) for gallery in wanted.joined]
    connection.executemany("INSERT INTO memberships VALUES (?, ?)", memberships)
    if wanted.leaving:
        row = (wanted.subject_id, wanted.key.partition)
        connection.execute("INSERT OR REPLACE INTO leaving VALUES (?, ?)", row)
    elif wanted.leaving is False or not wanted.head:
        connection.execute("DELETE FROM leaving WHERE subject_id = ?", (wanted.subject_id,))
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
    ledger.erased = ledger.erased or wanted.anew or not wanted.head
