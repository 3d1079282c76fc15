"""scores.csv with any comparators: `probe,reference,mated`, a column per comparator, empty where missing.

Besides: `<comparator>.quality` (0–100) and `group`. Plain or gzip. Faults are reported with their line.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import TextIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid
from evaluation.formats import fault

IDS = ("probe", "reference", "mated")
QUALITY, GROUP = ".quality", "group"
MATED = {"0": False, "1": True}
ROWS_AT_ONCE = 1 << 16
NAN = float("nan")
MAX_COMPARATORS = 62
LARGEST = 3e38
"""Scores beyond are clipped to ± this, which float32 can hold."""

Column = NDArray[np.float32]
S = TypeVar("S", bound=np.generic)


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Comparisons, one a row.

    Args:
        names: of images (or whatever probe and reference name), by number.
        probe: int32, shape (n,), number of the probe.
        reference: int32, shape (n,).
        mated: bool, shape (n,).
        comparators: names of the d score columns.
        scores: float32, shape (n, d), NaN where missing.
        quality: float32, shape (n, d), NaN where not stated, or None without such a column.
        group: int32, shape (n,), index into `group_names`, or None without such a column.
        group_names: in order of first appearance.
    """

    names: Sequence[str]
    probe: NDArray[np.int32]
    reference: NDArray[np.int32]
    mated: NDArray[np.bool_]
    comparators: tuple[str, ...]
    scores: NDArray[np.float32]
    quality: NDArray[np.float32] | None = None
    group: NDArray[np.int32] | None = None
    group_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.mated.size)

    def rows(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> ScoreTable:
        """Some of the rows."""
        return replace(
            self,
            probe=self.probe[chosen],
            reference=self.reference[chosen],
            mated=self.mated[chosen],
            scores=self.scores[chosen],
            quality=None if self.quality is None else self.quality[chosen],
            group=None if self.group is None else self.group[chosen],
        )

    def with_comparators(self, comparators: tuple[str, ...]) -> ScoreTable:
        """The same rows with these columns, in this order; one that is not there is missing in every row."""
        places = [self.comparators.index(name) if name in self.comparators else None for name in comparators]
        quality = None if self.quality is None else _columns(self.quality, places)
        return replace(self, comparators=comparators, scores=_columns(self.scores, places), quality=quality)

    @classmethod
    def joined(cls, tables: Sequence[ScoreTable]) -> ScoreTable:
        """Rows of tables that have names and columns in common."""
        first = tables[0]
        return replace(
            first,
            probe=np.concatenate([each.probe for each in tables]),
            reference=np.concatenate([each.reference for each in tables]),
            mated=np.concatenate([each.mated for each in tables]),
            scores=np.concatenate([each.scores for each in tables]),
            quality=_joined([each.quality for each in tables]),
            group=_joined([each.group for each in tables]),
        )

    def subjects(self) -> NDArray[np.int32]:
        """A number from 0 per subject, shape (names,): what mated rows connect is one subject."""
        label = np.arange(len(self.names))
        probe, reference = self.probe[self.mated], self.reference[self.mated]
        while (label[probe] != label[reference]).any():
            low = np.minimum(label[probe], label[reference])
            np.minimum.at(label, probe, low)
            np.minimum.at(label, reference, low)
        return np.unique(label, return_inverse=True)[1].astype(np.int32)


def _joined(parts: Sequence[NDArray[S] | None]) -> NDArray[S] | None:
    known = [each for each in parts if each is not None]
    return np.concatenate(known) if known else None


def _columns(table: NDArray[np.float32], places: Sequence[int | None]) -> NDArray[np.float32]:
    chosen = np.full((len(table), len(places)), np.nan, np.float32)
    for column, place in enumerate(places):
        if place is not None:
            chosen[:, column] = table[:, place]
    return chosen


def read_score_table(path: Path) -> ScoreTable:
    """Read scores.csv or scores.csv.gz.

    Raises:
        FieldInvalid: no such file, a column missing or named twice, no comparator, a line with another number of
            values, a score or quality that is no finite number, mated other than 0 or 1, or two equal lines; with
            the line's number.
    """
    try:
        with _open(path) as file:
            return _Reader(path, csv.reader(file)).read()
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise FieldInvalid(path.name, f"it cannot be read as CSV ({type(error).__name__}).") from error


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


class _Reader:
    """Many lines at a time, column by column; the line of a fault is looked for when there is one."""

    def __init__(self, path: Path, lines: Iterator[list[str]]) -> None:
        self._path, self._lines = path, lines
        self._header = [name.strip() for name in next(lines, [])]
        self._check_header()
        self._comparators = tuple(n for n in self._header if n not in (*IDS, GROUP) and not n.endswith(QUALITY))
        self._qualities = [n for n in self._header if n.endswith(QUALITY)]
        self._numbers: dict[str, int] = {}
        self._groups: dict[str, int] = {}

    def _check_header(self) -> None:
        for name in IDS:
            if name not in self._header:
                raise fault(self._path, 1, name, "the column is missing; values are separated by commas.")
        for name in self._header:
            if not name or self._header.count(name) > 1:
                raise fault(self._path, 1, name or "header", "every column needs a name of its own.")
            if name.endswith(QUALITY) and name.removesuffix(QUALITY) not in self._header:
                raise fault(self._path, 1, name, "there is no comparator of that name.")
        if not 1 <= len(set(self._header) - {*IDS, GROUP}) <= MAX_COMPARATORS:
            raise fault(self._path, 1, "header", f"1 to {MAX_COMPARATORS} columns of scores are needed.")

    def read(self) -> ScoreTable:
        """All of the file."""
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
                raise fault(self._path, line, "line", f"{len(row)} values under {len(self._header)} columns.")
        cells = dict(zip(self._header, zip(*rows, strict=True), strict=True)) if rows else {}
        part: list[NDArray[np.generic]] = [self._named(cells.get(name, ()), self._numbers) for name in IDS[:2]]
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
    ) -> NDArray[np.float32]:
        table = np.full((len(lines), len(names)), np.nan, np.float32)
        for place, name in enumerate(names):
            if name in cells:
                table[:, place] = self._numbers_in(name, cells[name], lines)
        return table

    def _numbers_in(self, name: str, cells: Sequence[str], lines: Sequence[int]) -> Column:
        try:
            column = np.fromiter((float(cell) if cell else NAN for cell in cells), np.float64, len(cells))
        except ValueError:
            column = np.full(len(cells), np.inf)
        if np.count_nonzero(np.isfinite(column)) + cells.count("") != len(cells):
            column = self._careful(name, cells, lines)
        return np.clip(column, -LARGEST, LARGEST).astype(np.float32)

    def _careful(self, name: str, cells: Sequence[str], lines: Sequence[int]) -> NDArray[np.float64]:
        """Cells of blanks are missing; anything else that is no finite number is a fault."""
        column = np.full(len(cells), np.nan)
        for place, cell in enumerate(map(str.strip, cells)):
            if cell:
                value = _finite(cell)
                if value is None:
                    raise fault(self._path, lines[place], name, f"{cell[:40]!r} is no finite number; empty is missing.")
                column[place] = value
        return column

    def _table(self, columns: list[NDArray[np.generic]]) -> ScoreTable:
        probe, reference, mated, scores, *rest = columns
        quality = rest.pop(0) if self._qualities else None
        group = rest.pop(0) if rest else None
        table = ScoreTable(
            list(self._numbers), probe, reference, mated, self._comparators, scores,  # type: ignore[arg-type]  # as _part makes them
            quality, group, tuple(self._groups),  # type: ignore[arg-type]  # as _part makes them
        )  # fmt: skip
        self._refuse_repeated(table)
        return table

    def _refuse_repeated(self, table: ScoreTable) -> None:
        """A line that stands twice would count twice in every rate."""
        pair = table.probe.astype(np.int64) * len(table.names) + table.reference
        order = np.argsort(pair, kind="stable")
        again = np.flatnonzero(pair[order][1:] == pair[order][:-1])
        one, other = order[again], order[again + 1]
        equal = (table.scores[one] == table.scores[other]) | np.isnan(table.scores[one]) & np.isnan(table.scores[other])
        repeated = equal.all(axis=1) & (table.mated[one] == table.mated[other])
        if repeated.any():
            row = int(other[repeated].min())
            raise FieldInvalid(
                self._path.name,
                f"row {row + 1} below the header says the same as an earlier one; {np.count_nonzero(repeated)} rows "
                "are repeated. Remove them: each comparison counts once.",
            )


def _finite(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if isfinite(value) else None
