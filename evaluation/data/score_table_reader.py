"""Reading scores.csv, plain or gzip: one column per comparator, a cell is empty where the score is missing.

Further columns are `probe,reference,mated` and, optionally, `<comparator>.quality` (0–100) and `group`. Errors name
the line.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid
from evaluation.data.csv_rows import fault
from evaluation.data.file_faults import why
from evaluation.data.score_table import QUALITY, ScoreTable
from evaluation.data.scores import COLUMNS

GROUP = "group"
MATED = {"0": False, "1": True}
ROWS_AT_ONCE = 1 << 16
NAN = float("nan")
MAX_COMPARATORS = 62
LARGEST = 3e38
"""Scores are clipped to ± this, which float32 can hold."""


def read_score_table(path: Path, precision: type[np.floating] = np.float32) -> ScoreTable:
    """Read scores.csv or scores.csv.gz.

    Args:
        path: plain CSV, or gzip where it ends in .gz.
        precision: type of scores and qualities: float32, as comparators give them, or float64, which keeps all digits.

    Raises:
        FieldInvalid: no such file, a column missing or named twice, no comparator, a line with another number of
            values, a score or quality that is no finite number, mated other than 0 or 1, or two equal lines; with
            the line's number.
    """
    try:
        with _open_text(path) as file:
            return _Reader(path, csv.reader(file), precision).read()
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise FieldInvalid(path.name, f"it cannot be read as CSV ({why(error)}).") from error


def _open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


class _Reader:
    """Reads many lines at a time, column by column; only when a column has a fault is its line looked for."""

    def __init__(self, path: Path, lines: Iterator[list[str]], precision: type[np.floating]) -> None:
        self._path, self._lines, self._precision = path, lines, precision
        self._header = [name.strip() for name in next(lines, [])]
        self._check_header()
        self._comparators = tuple(n for n in self._header if n not in (*COLUMNS, GROUP) and not n.endswith(QUALITY))
        self._qualities = [n for n in self._header if n.endswith(QUALITY)]
        self._numbers: dict[str, int] = {}
        self._groups: dict[str, int] = {}

    def _check_header(self) -> None:
        for name in COLUMNS:
            if name not in self._header:
                raise fault(self._path, 1, name, "the column is missing; values are separated by commas.")
        for name in self._header:
            if not name or self._header.count(name) > 1:
                raise fault(self._path, 1, name or "header", "every column needs a name of its own.")
            if name.endswith(QUALITY) and name.removesuffix(QUALITY) not in self._header:
                raise fault(self._path, 1, name, "there is no comparator of that name.")
        if not 1 <= len(set(self._header) - {*COLUMNS, GROUP}) <= MAX_COMPARATORS:
            raise fault(self._path, 1, "header", f"1 to {MAX_COMPARATORS} columns of scores are needed.")

    def read(self) -> ScoreTable:
        """Read the whole file."""
        first, parts = 2, []
        while rows := list(islice(self._lines, ROWS_AT_ONCE)):
            kept = [(first + place, row) for place, row in enumerate(rows) if row]
            parts.append(self._part([row for _, row in kept], [line for line, _ in kept]))
            first += len(rows)
        if not parts:
            raise FieldInvalid(self._path.name, "at least one line below the header is needed.")
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        parts.clear()
        return self._table(columns)

    def _part(self, rows: list[list[str]], lines: list[int]) -> list[NDArray[np.generic]]:
        for line, row in zip(lines, rows, strict=True):
            if len(row) != len(self._header):
                raise fault(self._path, line, "", f"{len(row)} values under {len(self._header)} columns.")
        cells = dict(zip(self._header, zip(*rows, strict=True), strict=True)) if rows else {}
        part: list[NDArray[np.generic]] = [np.asarray(lines, np.int32)]
        part += [self._named(cells.get(name, ()), self._numbers) for name in COLUMNS[:2]]
        part.append(self._mated(cells.get("mated", ()), lines))
        part.append(self._stack(self._comparators, cells, lines))
        if self._qualities:
            part.append(self._stack([name + QUALITY for name in self._comparators], cells, lines))
        if GROUP in self._header:
            part.append(self._named(cells.get(GROUP, ()), self._groups))
        return part

    def _named(self, cells: Sequence[str], numbers: dict[str, int]) -> NDArray[np.int32]:
        return np.fromiter((numbers.setdefault(cell, len(numbers)) for cell in cells), np.int32, len(cells))

    def _mated(self, cells: Sequence[str], lines: Sequence[int]) -> NDArray[np.bool_]:
        try:
            return np.fromiter((MATED[cell.strip()] for cell in cells), np.bool_, len(cells))
        except KeyError:
            place = next(place for place, cell in enumerate(cells) if cell.strip() not in MATED)
            raise fault(self._path, lines[place], "mated", f"{cells[place][:40]!r} is neither 0 nor 1.") from None

    def _stack(
        self, names: Sequence[str], cells: Mapping[str, Sequence[str]], lines: Sequence[int]
    ) -> NDArray[np.floating]:
        table = np.full((len(lines), len(names)), np.nan, self._precision)
        for place, name in enumerate(names):
            if name in cells:
                table[:, place] = self._numbers_in(name, cells[name], lines)
        return table

    def _numbers_in(self, name: str, cells: Sequence[str], lines: Sequence[int]) -> NDArray[np.float64]:
        try:
            column = np.fromiter((float(cell) if cell else NAN for cell in cells), np.float64, len(cells))
        except ValueError:
            column = np.full(len(cells), np.inf)
        if np.count_nonzero(np.isfinite(column)) + cells.count("") != len(cells):
            column = self._careful(name, cells, lines)
        return np.clip(column, -LARGEST, LARGEST)

    def _careful(self, name: str, cells: Sequence[str], lines: Sequence[int]) -> NDArray[np.float64]:
        """Read cell by cell: a blank cell is missing, anything else that is no finite number raises FieldInvalid."""
        column = np.full(len(cells), np.nan)
        for place, cell in enumerate(cells):
            if cell.strip():
                value = _finite(cell)
                if value is None:
                    shown = cell.strip(" \t")[:40]
                    said = f"{shown!r} is no finite number; empty is missing."
                    raise fault(self._path, lines[place], name, said)
                column[place] = value
        return column

    def _table(self, columns: list[NDArray[np.generic]]) -> ScoreTable:
        lines, probe, reference, mated, scores, *rest = columns
        quality = rest.pop(0) if self._qualities else None
        group = rest.pop(0) if rest else None
        table = ScoreTable(
            list(self._numbers), probe, reference, mated, self._comparators, scores,  # type: ignore[arg-type]  # as _part makes them
            quality, group, tuple(self._groups),  # type: ignore[arg-type]  # as _part makes them
        )  # fmt: skip
        self._refuse_repeated(table, lines)
        return table

    def _refuse_repeated(self, table: ScoreTable, lines: NDArray[np.generic]) -> None:
        """Raise FieldInvalid for repeated lines: a repeated comparison would count twice in every rate."""
        pair = table.probe.astype(np.int64) * len(table.names) + table.reference
        order = np.argsort(pair, kind="stable")
        again = np.flatnonzero(pair[order][1:] == pair[order][:-1])
        one, other = order[again], order[again + 1]
        equal = (table.scores[one] == table.scores[other]) | np.isnan(table.scores[one]) & np.isnan(table.scores[other])
        repeated = np.flatnonzero(equal.all(axis=1) & (table.mated[one] == table.mated[other]))
        if repeated.size:
            first = repeated[np.argmin(other[repeated])]
            told = f"it says the same as line {lines[one[first]]}, so it would count twice. Remove it"
            others = f"; there are {repeated.size} such lines in all." if repeated.size > 1 else "."
            raise fault(self._path, int(lines[other[first]]), "", told + others)


def _finite(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if isfinite(value) else None
