"""Opens the embedded store: subjects in SQLite, keys in two files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gallery.sealing.key_file import KeyFile
from gallery.sealing.key_table_file import KeyTableFile
from gallery.store.sqlite.backend import SqliteBackend
from gallery.store.subject_store import PartitionedStore


def sqlite_store(path: Path, **arguments: Any) -> PartitionedStore:
    """A store in this file, with arguments of SqliteBackend."""
    table, key = path.with_name(f"{path.name}.keys"), path.with_name(f"{path.name}.key")
    return PartitionedStore(SqliteBackend(path, **arguments), KeyTableFile(table), KeyFile(key, may_make=True))
