"""Reads a SQLite store of schema version 1 or 2, of which each subject is one record. Changes nothing in it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from biometrics.errors import ConfigurationInvalid, RecordUnreadable, StoreUnavailable
from gallery.operations.record import unpack
from gallery.operations.source import PAGE, SourcePage

VERSIONS = (1, 2)


class EarlierSqlite:
    """Source of the subjects of an earlier file. Nobody may write to it meanwhile.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: sqlite3.Connection | None = None

    async def count(self) -> int:
        """See Source.

        Raises:
            ConfigurationInvalid: the file is missing, no store, or of another version.
        """
        return await asyncio.to_thread(lambda: int(self._run("SELECT count(*) FROM subjects")[0][0]))

    async def pages(self) -> AsyncIterator[SourcePage]:
        """See Source."""
        after = ""
        while True:
            statement = "SELECT subject_id, record FROM subjects WHERE subject_id > ? ORDER BY subject_id LIMIT ?"
            rows = await asyncio.to_thread(self._run, statement, after, PAGE)
            if not rows:
                return
            after = rows[-1][0]
            yield await asyncio.to_thread(page_of, [(str(each), bytes(record)) for each, record in rows])

    async def models(self) -> AsyncIterator[tuple[str, str]]:
        """See Source."""
        for model_id, text in await asyncio.to_thread(self._run, "SELECT model_id, content FROM fusion_models"):
            yield str(model_id), str(text)

    async def aliases(self) -> Mapping[str, str]:
        """See Source."""
        return {}

    async def close(self) -> None:
        """See Source."""
        if self._opened is not None:
            self._opened.close()

    def _run(self, statement: str, *values: object) -> list[Any]:
        try:
            if self._opened is None:
                self._opened = _open(self._path)
            return self._opened.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreUnavailable(f"The store file {self._path.name} cannot be read ({error}).") from error


def _open(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise ConfigurationInvalid(f"There is no store file {path.name}.")
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    version = connection.execute("SELECT schema_version FROM store").fetchone()[0] if "store" in tables else None
    if version not in VERSIONS:
        connection.close()
        raise ConfigurationInvalid(f"{path.name} is no store of schema version 1 or 2.", schema_version=str(version))
    return connection


def page_of(records: list[tuple[str, bytes]]) -> SourcePage:
    """The subjects of records, each with its id."""
    subjects, unreadable = [], []
    for subject_id, record in records:
        try:
            subjects.append(unpack(record))
        except RecordUnreadable:
            unreadable.append(subject_id)
    return SourcePage(subjects, unreadable)
