"""SQL writes of the SQLite store. Every function runs inside a transaction of the ledger's connection."""

from __future__ import annotations

from gallery.store.record import pack, unpack
from gallery.store.rules import enrolled, fusion_model_not_found, subject_not_found
from gallery.store.sqlite.ledger import Ledger
from gallery.store.sqlite.queries import get_many
from gallery.store.sqlite.schema import EVERYBODY
from gallery.store.values import START, ChangeKind, Enrolment, Receipt


def enroll(ledger: Ledger, enrolment: Enrolment) -> Receipt:
    """Write one encounter, or return the receipt if that was done before."""
    subject_id = enrolment.subject_id
    wanted = Receipt(enrolment.request_id, enrolment.digest, subject_id, enrolment.encounter.encounter_id, START)
    if done := ledger.done(wanted):
        return done
    current = get_many(ledger.connection, [subject_id]).get(subject_id)
    subject = enrolled(current, enrolment)
    run = ledger.connection.execute
    if current is None:
        row = (subject_id, pack(subject), ledger.name(subject_id))
        run("INSERT INTO subjects (subject_id, record, name) VALUES (?, ?, ?)", row)
        _resize(ledger, EVERYBODY, 1)
    else:
        run("UPDATE subjects SET record = ? WHERE subject_id = ?", (pack(subject), subject_id))
    for gallery in set(subject.galleries) - set(current.galleries if current else ()):
        run("INSERT INTO memberships VALUES (?, ?)", (gallery, subject_id))
        _resize(ledger, gallery, 1)
    ledger.log(ChangeKind.PUT, subject_id)
    return ledger.keep(wanted)


def delete(ledger: Ledger, wanted: Receipt) -> Receipt:
    """Erase the subject that `wanted` names, or return the receipt if that was done before."""
    if done := ledger.done(wanted):
        return done
    run, subject_id = ledger.connection.execute, wanted.subject_id
    row = run("DELETE FROM subjects WHERE subject_id = ? RETURNING record", (subject_id,)).fetchone()
    if row is None:
        raise subject_not_found(subject_id)
    _resize(ledger, EVERYBODY, -1)
    for gallery in unpack(row[0]).galleries:
        run("DELETE FROM memberships WHERE gallery = ? AND subject_id = ?", (gallery, subject_id))
        _resize(ledger, gallery, -1)
    ledger.log(ChangeKind.DELETE, subject_id)
    ledger.erase()
    return ledger.keep(wanted)


def put_model(ledger: Ledger, wanted: Receipt, text: str) -> Receipt:
    """Write the fusion model that `wanted` names, or return the receipt if that was done before."""
    if done := ledger.done(wanted):
        return done
    ledger.connection.execute("INSERT OR REPLACE INTO fusion_models VALUES (?, ?)", (wanted.subject_id, text))
    return ledger.keep(wanted)


def delete_model(ledger: Ledger, wanted: Receipt) -> Receipt:
    """Erase the fusion model that `wanted` names, or return the receipt if that was done before."""
    if done := ledger.done(wanted):
        return done
    statement = "DELETE FROM fusion_models WHERE model_id = ?"
    if not ledger.connection.execute(statement, (wanted.subject_id,)).rowcount:
        raise fusion_model_not_found(wanted.subject_id)
    ledger.erase()
    return ledger.keep(wanted)


def _resize(ledger: Ledger, gallery: str, by: int) -> None:
    statement = "INSERT INTO galleries VALUES (?, ?) ON CONFLICT DO UPDATE SET size = size + excluded.size"
    ledger.connection.execute(statement, (gallery, by))
