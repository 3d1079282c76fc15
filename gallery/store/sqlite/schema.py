"""Tables of a SQLite store: creation, and check of version and number of partitions."""

from __future__ import annotations

import secrets
import sqlite3

from biometrics.errors import ConfigurationInvalid
from biometrics.template import Modality
from gallery.partitions import DEFAULT_COUNT, check_count
from gallery.store.backend import StoreIdentity
from gallery.store.keyed_names import new_key
from gallery.store.tokens import NO_MARK, new_mark
from gallery.subject import DEFAULT_GALLERY

ADAPTER = "sqlite"
VERSION = 3
"""Schema version. Versions 1 and 2 kept each subject as one record, with its templates in clear."""

EVERYBODY = ""
"""Name for all galleries together, which no gallery can have."""

NUMBERS = 1 << 16
"""References of encounter e of subject number s have the id `NUMBERS * s + e`."""

_REFERENCES = "CREATE TABLE {} (id INTEGER PRIMARY KEY, active INTEGER NOT NULL, sealed BLOB NOT NULL);"

SCHEMA = """
CREATE TABLE store (
  schema_version INTEGER NOT NULL, store_id TEXT NOT NULL, partition_count INTEGER NOT NULL, name_key BLOB NOT NULL
);
CREATE TABLE partitions (
  partition INTEGER PRIMARY KEY, epoch TEXT NOT NULL, newest INTEGER NOT NULL, mark TEXT NOT NULL,
  dropped INTEGER NOT NULL
);
CREATE TABLE subjects (
  number INTEGER PRIMARY KEY, partition INTEGER NOT NULL, name BLOB NOT NULL UNIQUE, subject_id TEXT NOT NULL UNIQUE,
  head BLOB NOT NULL
);
CREATE INDEX subjects_by_partition ON subjects (partition, number);
CREATE TABLE encounters (
  subject INTEGER NOT NULL, encounter_id TEXT NOT NULL, number INTEGER NOT NULL, record BLOB NOT NULL,
  PRIMARY KEY (subject, encounter_id)
) WITHOUT ROWID;
CREATE TABLE memberships (
  gallery TEXT NOT NULL, subject_id TEXT NOT NULL, PRIMARY KEY (gallery, subject_id)
) WITHOUT ROWID;
CREATE TABLE galleries (
  gallery TEXT NOT NULL, partition INTEGER NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (gallery, partition)
) WITHOUT ROWID;
CREATE TABLE changes (
  partition INTEGER NOT NULL, seq INTEGER NOT NULL, mark TEXT NOT NULL, kind TEXT NOT NULL, name BLOB NOT NULL,
  PRIMARY KEY (partition, seq)
) WITHOUT ROWID;
CREATE TABLE requests (
  request BLOB NOT NULL, partition INTEGER NOT NULL, hash BLOB NOT NULL, seq INTEGER NOT NULL, mark TEXT NOT NULL,
  create_time REAL NOT NULL, UNIQUE (request, partition)
);
CREATE TABLE key_slots (number INTEGER PRIMARY KEY, partition INTEGER NOT NULL, slot BLOB NOT NULL);
CREATE TABLE snapshots (
  number INTEGER PRIMARY KEY, partition INTEGER NOT NULL, modality TEXT NOT NULL, name TEXT NOT NULL,
  key_slot BLOB NOT NULL, epoch TEXT NOT NULL, mark TEXT NOT NULL, seq INTEGER NOT NULL, details BLOB NOT NULL
);
CREATE TABLE fusion_models (model_id TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
"""
"""`store` has one row. `partitions` has the end of each feed, its epoch, and the number of the newest entry that was
dropped from its beginning. `changes` and `requests` hold keyed hashes (gallery/store/keyed_names.py). The rowid orders
receipts by time. Every modality has a table of references, so that one modality is read without the others, and its
rows are appended at the end."""


ADDED = {
    "expiries": """
CREATE TABLE expiries (
  time INTEGER NOT NULL, subject_id TEXT NOT NULL, encounter_id TEXT NOT NULL,
  PRIMARY KEY (time, subject_id, encounter_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX expiries_by_subject ON expiries (subject_id, encounter_id)""",
    "rewritten": "CREATE TABLE rewritten (partition INTEGER PRIMARY KEY, seq INTEGER NOT NULL)",
    "leaving": """
CREATE TABLE leaving (subject_id TEXT PRIMARY KEY, partition INTEGER NOT NULL) WITHOUT ROWID""",
    "aliases": "CREATE TABLE aliases (alias TEXT PRIMARY KEY, gallery TEXT NOT NULL) WITHOUT ROWID",
}
"""Tables that files of this version may lack, as they were added to it: a file is given them when it is opened.

`expiries` has the encounters that expire. `rewritten` has the number of the newest change of a partition that removed
references of a subject that is still there. `leaving` has the subjects whose encounters are being moved."""


def references_table(modality: Modality) -> str:
    """The table of this modality's references."""
    return f"references_{modality.value.lower()}"


def is_current(connection: sqlite3.Connection, partition_count: int) -> bool:
    """Whether the file has all tables of this version. Changes nothing, and does not wait for writers.

    Raises:
        ConfigurationInvalid: the file is not a store, one of another version, or with another number of partitions.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables:
        return False
    if "store" not in tables:
        raise not_a_store("The file")
    (version,) = connection.execute("SELECT schema_version FROM store").fetchone()
    if version != VERSION:
        raise _other_version(version)
    count = identity(connection).partition_count
    if partition_count not in (0, count):
        raise ConfigurationInvalid(
            f"The store has {count} partitions, and {partition_count} were asked for. Name {count}, or 0 for those "
            "that it has."
        )
    return tables >= ADDED.keys()


def make_current(connection: sqlite3.Connection, partition_count: int) -> None:
    """Create the tables, unless another process has just done so. Raises as `is_current`."""
    if is_current(connection, partition_count):
        return
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    for statement in ";".join(text for name, text in ADDED.items() if name not in tables).split(";"):
        connection.execute(statement)
    if "store" not in tables:
        _make(connection, partition_count)


def _make(connection: sqlite3.Connection, partition_count: int) -> None:
    count = check_count(partition_count or DEFAULT_COUNT)
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    for modality in Modality:
        connection.execute(_REFERENCES.format(references_table(modality)))
    row = (VERSION, secrets.token_hex(4), count, new_key())
    connection.execute("INSERT INTO store VALUES (?, ?, ?, ?)", row)
    partitions = [(partition, new_mark(), 0, NO_MARK, 0) for partition in range(count)]
    connection.executemany("INSERT INTO partitions VALUES (?, ?, ?, ?, ?)", partitions)
    galleries = [(gallery, partition) for gallery in (EVERYBODY, DEFAULT_GALLERY) for partition in range(count)]
    connection.executemany("INSERT INTO galleries VALUES (?, ?, 0)", galleries)


def identity(connection: sqlite3.Connection) -> StoreIdentity:
    """What the store was made with."""
    row = connection.execute("SELECT store_id, partition_count, name_key FROM store").fetchone()
    return StoreIdentity(ADAPTER, *row)


def not_a_store(name: str) -> ConfigurationInvalid:
    """The error for a file that is not a store."""
    return ConfigurationInvalid(f"{name} is not a store of this program. Name a new file, or one it has made.")


def _other_version(version: int) -> ConfigurationInvalid:
    if version > VERSION:
        advice = "Use the newer program, or another file."
    else:
        advice = "Convert it by `biofusion gallery migrate`, or name another file."
    return ConfigurationInvalid(
        f"The store file has schema version {version}, and this program uses {VERSION}. {advice}",
        schema_version=str(version),
    )
