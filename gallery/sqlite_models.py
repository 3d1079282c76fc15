"""Fusion models in the SQLite store. Every function runs inside one transaction of `connection`."""

from __future__ import annotations

import sqlite3

from gallery.rules import fusion_model_not_found, require_same_request
from gallery.sqlite_queries import keep_receipt, receipt
from gallery.store import Receipt


def put(connection: sqlite3.Connection, wanted: Receipt, text: str, now: float) -> Receipt:
    """Write the model that `wanted` names, or answer from the receipt."""
    known = receipt(connection, wanted.request_id)
    if known is not None:
        return require_same_request(known, wanted.digest)
    connection.execute("INSERT OR REPLACE INTO fusion_models VALUES (?, ?)", (wanted.subject_id, text))
    return keep_receipt(connection, wanted, now)


def delete(connection: sqlite3.Connection, wanted: Receipt, now: float) -> Receipt:
    """Delete the model that `wanted` names, or answer from the receipt."""
    known = receipt(connection, wanted.request_id)
    if known is not None:
        return require_same_request(known, wanted.digest)
    if not connection.execute("DELETE FROM fusion_models WHERE model_id = ?", (wanted.subject_id,)).rowcount:
        raise fusion_model_not_found(wanted.subject_id)
    return keep_receipt(connection, wanted, now)


def get(connection: sqlite3.Connection, model_id: str) -> str:
    """The model's text."""
    row = connection.execute("SELECT content FROM fusion_models WHERE model_id = ?", (model_id,)).fetchone()
    if row is None:
        raise fusion_model_not_found(model_id)
    return str(row[0])


def page(connection: sqlite3.Connection, after: str, limit: int) -> list[str]:
    """Up to `limit` ids after one, in order."""
    statement = "SELECT model_id FROM fusion_models WHERE model_id > ? ORDER BY model_id LIMIT ?"
    return [model_id for (model_id,) in connection.execute(statement, (after, limit))]
