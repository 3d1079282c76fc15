"""Reading pairs.csv, the comparisons of an evaluation; errors name the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid
from biometrics.template import Position
from evaluation.data.csv_rows import fault, read_rows
from evaluation.data.images_csv import ImageRow, subject_numbers

PAIR_COLUMNS = ("probe", "reference")


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


def _mated(images: Sequence[ImageRow], probe: NDArray[np.int32], reference: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether both images are of one subject, and their positions may be of one source; shape (k,)."""
    subject = subject_numbers(images)
    codes = list(Position)
    position = np.asarray([codes.index(row.position) for row in images])
    comparable = np.asarray([[a.comparable(b) for b in codes] for a in codes])
    same = subject[probe] == subject[reference]
    return np.asarray(same & comparable[position[probe], position[reference]])
