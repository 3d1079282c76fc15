"""Reading images.csv and pairs.csv, the input of an evaluation; errors name the line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid, PositionInvalid
from biometrics.template import Modality, Position, check_position

IMAGE_COLUMNS = ("path", "subject", "position")
PAIR_COLUMNS = ("probe", "reference")
_HEADER = "values are separated by commas, and the header must have"


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One line of images.csv.

    Args:
        name: the path as written, the image's name in every other file.
        path: the image file.
        subject: opaque id.
        position: which finger or eye, or the face.
        resolution_dpi: from the optional column; overrides the file's metadata.
    """

    name: str
    path: Path
    subject: str
    position: Position
    resolution_dpi: float | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Comparisons to make, as row numbers of images.csv.

    Args:
        probe: int32, shape (k,).
        reference: int32, shape (k,).
        mated: bool, shape (k,): same source.
    """

    probe: NDArray[np.int32]
    reference: NDArray[np.int32]
    mated: NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.probe.size)


def read_images(path: Path, modality: Modality) -> list[ImageRow]:
    """Read images.csv: `path,subject,position`, optionally `resolution_dpi`; other columns are ignored.

    Paths are relative to the file's folder.

    Raises:
        FieldInvalid: the file or a column is missing, or a line is faulty: no such image, a file
            twice, no subject, a position the modality does not have, a resolution that is no number.
    """
    rows: dict[Path, ImageRow] = {}
    for line, fields in read_rows(path, IMAGE_COLUMNS):
        row = _image_row(path, line, fields, modality)
        file = row.path.resolve()
        if file in rows:
            raise fault(path, line, "path", f"{row.name} stands on an earlier line already, as {rows[file].name}.")
        rows[file] = row
    if len(rows) < 2:
        raise FieldInvalid(path.name, "at least two images are needed.")
    return list(rows.values())


def _image_row(path: Path, line: int, fields: dict[str, str], modality: Modality) -> ImageRow:
    file = path.parent / fields["path"]
    if not fields["path"] or not file.is_file():
        raise fault(path, line, "path", f"there is no file {fields['path']}; paths are relative to the CSV's folder.")
    if not fields["subject"]:
        raise fault(path, line, "subject", "it is empty.")
    try:
        position = check_position(modality, Position(fields["position"] or "UNKNOWN"))
    except (ValueError, PositionInvalid) as error:
        raise fault(path, line, "position", f"{fields['position']} is no position of {modality}.") from error
    return ImageRow(fields["path"], file, fields["subject"], position, _resolution(path, line, fields))


def _resolution(path: Path, line: int, fields: dict[str, str]) -> float | None:
    text = fields.get("resolution_dpi", "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (isfinite(value) and value > 0.0):
        raise fault(path, line, "resolution_dpi", f"{text} is no positive number.")
    return value


def read_pairs(path: Path, images: Sequence[ImageRow]) -> Pairs:
    """Read pairs.csv: `probe,reference`, optionally `mated` (0 or 1), with paths as in images.csv.

    Without `mated`, a pair is mated when the subjects are the same and the positions may be of one source.

    Raises:
        FieldInvalid: the file or a column is missing, or a line is faulty: an image that images.csv
            does not have, an image with itself, `mated` other than 0 or 1.
    """
    numbers = {row.name: number for number, row in enumerate(images)}
    pairs: list[tuple[int, int]] = []
    stated: list[str] = []
    for line, fields in read_rows(path, PAIR_COLUMNS):
        for column in PAIR_COLUMNS:
            if fields[column] not in numbers:
                raise fault(path, line, column, f"{fields[column]} is not in images.csv.")
        if fields["probe"] == fields["reference"]:
            raise fault(path, line, "reference", "an image is not compared with itself.")
        if fields.get("mated", "") not in ("", "0", "1"):
            raise fault(path, line, "mated", f"{fields['mated']} is neither 0 nor 1.")
        pairs.append((numbers[fields["probe"]], numbers[fields["reference"]]))
        stated.append(fields.get("mated", ""))
    if not pairs:
        raise FieldInvalid(path.name, "at least one pair is needed.")
    probe, reference = np.asarray(pairs, np.int32).T
    mated = _mated(images, probe, reference)
    given = np.asarray(stated)
    return Pairs(probe, reference, np.where(given == "", mated, given == "1"))


def all_pairs(images: Sequence[ImageRow]) -> Pairs:
    """Every unordered pair once, by row number: (0, 1), (0, 2) … (1, 2) …; never an image with itself."""
    probe, reference = (side.astype(np.int32) for side in np.triu_indices(len(images), 1))
    return Pairs(probe, reference, _mated(images, probe, reference))


def subject_numbers(images: Sequence[ImageRow]) -> NDArray[np.int32]:
    """A number from 0 per subject, shape (images,)."""
    return np.unique([row.subject for row in images], return_inverse=True)[1].astype(np.int32)


def _mated(images: Sequence[ImageRow], probe: NDArray[np.int32], reference: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether both images are of one subject, and their positions may be of one source; shape (k,)."""
    subject = subject_numbers(images)
    codes = list(Position)
    position = np.asarray([codes.index(row.position) for row in images])
    comparable = np.asarray([[a.comparable(b) for b in codes] for a in codes])
    same = subject[probe] == subject[reference]
    return np.asarray(same & comparable[position[probe], position[reference]])


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
                    raise fault(path, reader.line_num, "line", f"{len(values)} values under {len(header)} columns.")
                yield reader.line_num, dict(zip(header, map(str.strip, values), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FieldInvalid(path.name, f"it cannot be read as CSV ({type(error).__name__}).") from error


def fault(path: Path, line: int, column: str, message: str) -> FieldInvalid:
    """The error for a fault in one line."""
    return FieldInvalid(f"{path.name} line {line}, {column}", message, line=str(line))
