"""Reading images.csv, the images of an evaluation; errors name the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid, PositionInvalid
from biometrics.template import Modality, Position, check_position
from evaluation.data.csv_rows import fault, read_rows

IMAGE_COLUMNS = ("path", "subject", "position")


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One line of images.csv.

    Args:
        name: the path as written, the image's name in every other file.
        path: the image file.
        subject: opaque id.
        position: which finger or eye, or the face.
        resolution_dpi: from the optional column; overrides the file's metadata.
        groups: the image's value in each column of groups that was asked for; "" where none is stated.
    """

    name: str
    path: Path
    subject: str
    position: Position
    resolution_dpi: float | None = None
    groups: tuple[str, ...] = ()


def read_images(path: Path, modality: Modality, groups: Sequence[str] = ()) -> list[ImageRow]:
    """Read images.csv: `path,subject,position`, optionally `resolution_dpi`, and the columns named in `groups`.

    Paths are relative to the file's folder. Other columns are ignored.

    Raises:
        FieldInvalid: the file or a column is missing, or a line is faulty: no such image, a file
            twice, no subject, a position the modality does not have, a resolution that is no number.
    """
    rows: dict[Path, ImageRow] = {}
    for line, fields in read_rows(path, (*IMAGE_COLUMNS, *groups)):
        row = replace(_image_row(path, line, fields, modality), groups=tuple(fields[name] for name in groups))
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


def subject_numbers(images: Sequence[ImageRow]) -> NDArray[np.int32]:
    """A number from 0 per subject, shape (images,)."""
    return np.unique([row.subject for row in images], return_inverse=True)[1].astype(np.int32)
