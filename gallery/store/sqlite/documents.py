"""Documents in the SQLite file. Their writes share the transactions, and the syncs, of the subjects' writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial

from gallery.store.documents import rules
from gallery.store.documents.port import Document
from gallery.store.sqlite.in_list import chunks, marks
from gallery.store.sqlite.readers import Readers
from gallery.store.sqlite.writing.ledger import Ledger
from gallery.store.sqlite.writing.writer import Writer

COLUMNS = "key, version, CAST(body AS BLOB)"
BEYOND = b"\xff"
"""Follows every byte of UTF-8."""


class SqliteDocuments:
    """The documents of one file (document_table.py); see Documents.

    Args:
        readers: read the file.
        writer: writes it.
    """

    def __init__(self, readers: Readers, writer: Writer) -> None:
        self._readers, self._writer = readers, writer

    async def get(self, collection: str, key: str) -> Document | None:
        """See Documents."""
        (found,) = await self.get_many(collection, [key])
        return found

    async def get_many(self, collection: str, keys: Sequence[str]) -> list[Document | None]:
        """See Documents."""
        rules.check_collection(collection)
        rules.check_limit(len(keys))
        wanted = [rules.key_bytes(each) for each in keys]
        found = await self._readers.call(partial(_found, collection=collection, keys=wanted))
        return [found.get(each) for each in wanted]

    async def put(self, collection: str, key: str, body: bytes, expected_version: int) -> int:
        """See Documents."""
        rules.check_collection(collection)
        row = (collection, rules.key_bytes(key), rules.check_body(body))
        return await self._writer.call(partial(_put, row=row, expected=expected_version))

    async def delete(self, collection: str, key: str, expected_version: int) -> None:
        """See Documents."""
        rules.check_collection(collection)
        place = (collection, rules.key_bytes(key))
        await self._writer.call(partial(_delete, place=place, expected=expected_version))

    async def list(self, collection: str, after: str, limit: int, prefix: str = "") -> list[Document]:
        """See Documents."""
        rules.check_collection(collection)
        begin, start = rules.text_bytes(after), rules.text_bytes(prefix)
        is_within = begin >= start and bool(begin)
        row = (collection, begin if is_within else start, start + BEYOND, rules.check_limit(limit))
        return await self._readers.call(partial(_listed, row=row, sign=">" if is_within else ">="))


def _put(ledger: Ledger, row: tuple[str, bytes, bytes], expected: int) -> int:
    """The new row takes the old one's place; its number, which SQLite never gives again, is the version."""
    _require(ledger.connection, row[:2], expected)
    if expected:
        ledger.connection.execute("DELETE FROM documents WHERE version = ?", (expected,))
    statement = "INSERT INTO documents (collection, key, body) VALUES (?, ?, ?)"
    version = ledger.connection.execute(statement, row).lastrowid
    assert version is not None
    return version


def _delete(ledger: Ledger, place: tuple[str, bytes], expected: int) -> None:
    if not expected:
        raise rules.changed(place[0], _version(ledger.connection, place))
    _require(ledger.connection, place, expected)
    ledger.connection.execute("DELETE FROM documents WHERE version = ?", (expected,))
    ledger.erased = True


def _require(connection: sqlite3.Connection, place: tuple[str, bytes], expected: int) -> None:
    version = _version(connection, place)
    if version != expected:
        raise rules.changed(place[0], version)


def _version(connection: sqlite3.Connection, place: tuple[str, bytes]) -> int:
    statement = "SELECT version FROM documents WHERE collection = ? AND key = ?"
    (version,) = connection.execute(statement, place).fetchone() or (0,)
    return int(version)


def _found(connection: sqlite3.Connection, collection: str, keys: Sequence[bytes]) -> dict[bytes, Document]:
    found = {}
    for part in chunks(keys):
        statement = f"SELECT {COLUMNS} FROM documents WHERE collection = ? AND key IN {marks(part)}"  # noqa: S608 - no foreign text
        for row in connection.execute(statement, (collection, *part)).fetchall():
            found[row[0]] = _document(row)
    return found


def _listed(connection: sqlite3.Connection, row: tuple[str, bytes, bytes, int], sign: str) -> list[Document]:
    """One lower bound: with two, SQLite may look through all keys between them."""
    statement = (
        f"SELECT {COLUMNS} FROM documents WHERE collection = ? AND key {sign} ? AND key < ? "  # noqa: S608 - no foreign text
        "ORDER BY key LIMIT ?"
    )
    return [_document(each) for each in connection.execute(statement, row).fetchall()]


def _document(row: tuple[bytes, int, bytes]) -> Document:
    key, version, body = row
    return Document(key.decode(), version, body)
