"""Documents in store files that earlier programs made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gallery.store.sqlite.backend import SqliteBackend
from tests.support.builders import enrolment
from tests.support.stores.sqlite_store import sqlite_store


async def test_a_file_without_the_table_gets_it(tmp_path: Path) -> None:
    """A file of schema version 3 that has no documents keeps its subjects, and takes documents when it is opened."""
    path = tmp_path / "store.db"
    store = sqlite_store(path)
    await store.enroll(enrolment("anna"))
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE documents")
        connection.commit()
    store = sqlite_store(path)
    version = await store.backend.documents.put("c", "k", b"1", 0)
    assert "anna" == (await store.get("anna")).subject_id
    await store.close()
    backend = SqliteBackend(path)
    found = await backend.documents.get("c", "k")
    assert found is not None
    assert version == found.version
    await backend.close()
