"""A folder of records as a source of an import: SUBJECT.ext, or SUBJECT/ENCOUNTER.ext; and a single record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from biometrics.template import Position
from formats.contents import RecordFormat
from fusion.bulk.row import ManifestRow, RowSample
from gallery.subject import check_id

FILES = 100
"""Most files of a part."""
NAME_BYTES = 8192
"""Most characters of their paths together in JSON."""


def files(source: Path, after: str) -> Iterator[str]:
    """Paths of the records, relative to the source, in order; hidden files are left out. Call it in a thread.

    One folder's names are held in memory at a time.

    Args:
        source: the folder, or a single file.
        after: the last path that is known; "": from the beginning.
    """
    if source.is_file():
        if not after:
            yield source.name
        return
    for name in sorted(each.name for each in source.iterdir()):
        if name.startswith("."):
            continue
        if (source / name).is_dir():
            inside = [f"{name}/{each.name}" for each in (source / name).iterdir() if not each.name.startswith(".")]
            yield from (each for each in sorted(inside) if _key(each) > _key(after))
        elif _key(name) > _key(after):
            yield name


def parts(source: Path, after: str) -> Iterator[list[str]]:
    """The paths of `files`, as many at a time as make a part."""
    part: list[str] = []
    for path in files(source, after):
        if len(part) == FILES or sum(len(json.dumps(each)) for each in (*part, path)) > NAME_BYTES:
            yield part
            part = []
        part.append(path)
    if part:
        yield part


def row_of(path: str, record_format: RecordFormat | None) -> ManifestRow:
    """The row of a record: its subject and encounter are named by its path.

    Raises:
        FieldInvalid: a name is no id.
    """
    folder, _, name = path.rpartition("/")
    stem = Path(name).stem
    subject_id = check_id(folder or stem, "subject_id")
    encounter_id = check_id(stem, "encounter_id") if folder else ""
    sample = RowSample(None, Position.UNKNOWN, path, is_record=True, format=record_format)
    return ManifestRow(subject_id, encounter_id, (), None, (sample,))


def _key(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))
