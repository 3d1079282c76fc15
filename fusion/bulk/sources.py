"""The source of an import: a manifest, a folder of records or a single record, split into parts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from biometrics.errors import FieldInvalid
from formats.contents import RecordFormat
from fusion.bulk import folder, manifest
from fusion.bulk.row import ManifestRow
from fusion.jobs.parts import Part
from fusion.requests.parallel import computed

T = TypeVar("T")

MANIFESTS = (".jsonl", ".ndjson")
STEP_BYTES = 1000
"""Bytes of a line that are parsed in about 10 µs."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a source, not parsed yet.

    Args:
        number: from 1; in a manifest, the number of the line.
        name: what a report calls it if it cannot be parsed; no file name, as that may be a person's.
        size: number of its bytes.
        parse: makes the row of it; raises InvalidInput.
    """

    number: int
    name: str
    size: int
    parse: Callable[[], ManifestRow]

    async def row(self) -> ManifestRow:
        """The row. Raises InvalidInput."""
        return await computed(self.size // STEP_BYTES, self.parse)


@dataclass(frozen=True, slots=True)
class Source:
    """What is imported.

    Args:
        path: of the manifest, folder or record, without links.
        format: of its records; None: found by their first bytes.
    """

    path: Path
    format: RecordFormat | None = None

    @property
    def is_manifest(self) -> bool:
        """Whether it is a manifest, by its name."""
        return self.path.suffix in MANIFESTS and self.path.is_file()

    @property
    def base(self) -> Path:
        """The folder that its files are in."""
        return self.path if self.path.is_dir() else self.path.parent

    async def parts(self, after: Part | None) -> AsyncGenerator[Part, None]:
        """The parts after one, or all.

        Raises:
            FieldInvalid: the source cannot be read.
        """
        planned = self._spans(after) if await asyncio.to_thread(lambda: self.is_manifest) else self._files(after)
        while (part := await asyncio.to_thread(_read, partial(next, planned, None))) is not None:
            yield part

    async def lines(self, part: Part) -> list[Line]:
        """The rows of a part; empty lines of a manifest are left out.

        Raises:
            FieldInvalid: the source cannot be read any more.
        """
        return await asyncio.to_thread(_read, partial(self._lines, part))

    def _spans(self, after: Part | None) -> Iterator[Part]:
        known = manifest.Span.of(after.place["span"]) if after else None
        for span in manifest.spans(self.path, known):
            yield Part({"span": span.place}, span.rows)

    def _files(self, after: Part | None) -> Iterator[Part]:
        known, first = (_path(after.place["files"][-1]), after.place["first"] + after.rows) if after else ("", 1)
        for paths in folder.parts(self.path, known):
            yield Part({"files": [_kept(each) for each in paths], "first": first}, len(paths))
            first += len(paths)

    def _lines(self, part: Part) -> list[Line]:
        if "span" in part.place:
            rows = manifest.rows_of(self.path, manifest.Span.of(part.place["span"]))
            return [Line(n, f"line {n}", len(line), partial(ManifestRow.parse, line)) for n, line in rows]
        numbered = enumerate(map(_path, part.place["files"]), part.place["first"])
        return [Line(n, f"file {n}", 0, partial(folder.row_of, path, self.format)) for n, path in numbered]


def _kept(path: str) -> str:
    """A path as JSON can hold it, whatever the bytes of its name are."""
    return os.fsencode(path).decode("latin-1")


def _path(kept: str) -> str:
    return os.fsdecode(kept.encode("latin-1"))


def _read(work: Callable[[], T]) -> T:
    try:
        return work()
    except OSError as error:
        raise FieldInvalid("source", f"it cannot be read: {error.strerror}.") from None
