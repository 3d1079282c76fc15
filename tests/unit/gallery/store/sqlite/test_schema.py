"""gallery.store.sqlite.schema: files of other versions, of other programs, and with other numbers of partitions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from biometrics.errors import ConfigurationInvalid
from gallery.store.sqlite.backend import SqliteBackend

OpenBackend = Callable[..., SqliteBackend]


def changed(path: Path, statement: str) -> None:
    """Carry out a statement on the file."""
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("version", [1, 2])
async def test_an_earlier_version_is_to_be_migrated(open_backend: OpenBackend, tmp_path: Path, version: int) -> None:
    """A file of version 1 or 2 is refused with its version and the command that converts it."""
    changed(tmp_path / "store.db", "CREATE TABLE store (schema_version INTEGER NOT NULL, store_id TEXT NOT NULL)")
    changed(tmp_path / "store.db", f"INSERT INTO store VALUES ({version}, '0123abcd')")
    with pytest.raises(ConfigurationInvalid, match="biofusion gallery migrate") as refused:
        await open_backend().ping()
    assert {"schema_version": str(version)} == refused.value.metadata


async def test_a_newer_version_is_refused(open_backend: OpenBackend, tmp_path: Path) -> None:
    """A file of a newer schema version is refused with that version."""
    await open_backend().ping()
    changed(tmp_path / "store.db", "UPDATE store SET schema_version = 4")
    with pytest.raises(ConfigurationInvalid, match="schema version 4"):
        await open_backend().ping()


@pytest.mark.parametrize(("asked", "made"), [(0, 64), (1, 1), (4096, 4096)])
async def test_a_new_store_has_the_partitions_that_were_asked_for(
    open_backend: OpenBackend, asked: int, made: int
) -> None:
    """0 makes 64; every object that opens the file with 0 or the same number is served."""
    identity = await open_backend(partition_count=asked).identity()
    assert (made, "sqlite") == (identity.partition_count, identity.adapter)
    for count in (0, made):
        backend = open_backend(partition_count=count)
        assert identity == await backend.identity()
        assert made == len(await backend.counts("")) == len(await backend.newest(range(made)))


async def test_another_number_of_partitions_is_refused(open_backend: OpenBackend) -> None:
    """The error names both numbers, for reads and for writes."""
    await open_backend(partition_count=8).ping()
    other = open_backend(partition_count=16)
    for call in (other.ping(), other.forget_key_slots(0, [])):
        with pytest.raises(ConfigurationInvalid, match="has 8 partitions, and 16"):
            await call


@pytest.mark.parametrize("count", [-1, 3, 8192])
async def test_an_impossible_number_of_partitions_is_refused(open_backend: OpenBackend, count: int) -> None:
    """A number that is no power of two from 1 to 4096 makes no store."""
    with pytest.raises(ConfigurationInvalid, match="power of two"):
        await open_backend(partition_count=count).ping()
    assert 64 == (await open_backend().identity()).partition_count
