"""Rows of a CSV with a header; errors name the line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from biometrics.errors import FieldInvalid
from evaluation.data.file_faults import why

_HEADER = "values are separated by commas, and the header must have"


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and fields of each line of a CSV with a header, blanks around values removed.

    Raises:
        FieldInvalid: no file, not UTF-8 text, a column missing, or a line with another number of values.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            if missing := [name for name in columns if name not in header]:
                raise fault(path, 1, missing[0], f"the column is missing; {_HEADER} {','.join(columns)}.")
            for values in filter(None, reader):
                if len(values) != len(header):
                    raise fault(path, reader.line_num, "", f"{len(values)} values under {len(header)} columns.")
                yield reader.line_num, dict(zip(header, map(str.strip, values), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FieldInvalid(path.name, f"it cannot be read as CSV ({why(error)}).") from error


def fault(path: Path, line: int, column: str, message: str) -> FieldInvalid:
    """The error for a fault in one line, or in one column of it: "" for the line as a whole."""
    place = f"{path.name} line {line}"
    return FieldInvalid(f"{place}, {column}" if column else place, message, line=str(line))
