"""A JSON Lines manifest as a source of an import: split into parts by byte offsets, so that it may have any size."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from biometrics.errors import FieldInvalid

ROWS = 1000
"""Most rows of a part."""
ROWS_OF_FILES, FILE_LINE_BYTES = 100, 400
"""Most rows of a part whose lines are shorter than this on average: they name files, and take longer than templates."""
MAX_LINE_BYTES = 64 * 2**20
MOST_BYTES = 16 * 2**20
"""A part ends at the first row that begins so many bytes after its own beginning."""
READ_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Span:
    """Some successive rows of a manifest.

    Args:
        begin: offset of the first one's first byte.
        end: offset after the last one.
        first: number of the first row, from 1; empty lines count, so that it is the number of the line.
        rows: number of lines.
    """

    begin: int
    end: int
    first: int
    rows: int

    @property
    def place(self) -> list[int]:
        """The span as JSON."""
        return [self.begin, self.end, self.first, self.rows]

    @classmethod
    def of(cls, place: list[int]) -> Self:
        """The span of JSON."""
        return cls(*place)


def spans(path: Path, after: Span | None) -> Iterator[Span]:
    """The parts of a manifest, in order. Reads the file once, some 100 MB a second; call it in a thread.

    Args:
        path: the manifest.
        after: the last part that is known; None: from the beginning.
    """
    begin, first = (after.end, after.first + after.rows) if after else (0, 1)
    with path.open("rb") as file:
        file.seek(begin)
        end, rows = begin, 0
        for length in _line_lengths(file):
            end, rows = end + length, rows + 1
            if _is_whole(rows, end - begin):
                yield Span(begin, end, first, rows)
                begin, first, rows = end, first + rows, 0
        if rows:
            yield Span(begin, end, first, rows)


def rows_of(path: Path, span: Span) -> Iterator[tuple[int, bytes]]:
    """The numbers and lines of a part, without empty lines. Call it in a thread.

    A line of over 64 MiB is given as its first 64 MiB, which is no JSON object, so that its row is refused.

    Raises:
        FieldInvalid: the file is shorter than it was.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < span.end:
            raise FieldInvalid("source", "the manifest became shorter while the job ran. Start it again.")
        file.seek(span.begin)
        for number in range(span.first, span.first + span.rows):
            line = file.readline(MAX_LINE_BYTES)
            if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                _skip_line(file)
            if line.strip():
                yield number, line


def _is_whole(rows: int, length: int) -> bool:
    """Whether a part of so many rows and bytes ends here."""
    names_files = rows >= ROWS_OF_FILES and length < FILE_LINE_BYTES * rows
    return names_files or rows == ROWS or length >= MOST_BYTES


def _line_lengths(file: BinaryIO) -> Iterator[int]:
    """Bytes of each line, its end included, without keeping a line in memory."""
    begun = 0
    while block := file.read(READ_BYTES):
        at = 0
        while (found := block.find(b"\n", at)) >= 0:
            yield begun + found + 1 - at
            at, begun = found + 1, 0
        begun += len(block) - at
    if begun:
        yield begun


def _skip_line(file: BinaryIO) -> None:
    while (rest := file.readline(READ_BYTES)) and not rest.endswith(b"\n"):
        pass
