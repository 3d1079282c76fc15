"""Verification attempts with a sample of each of two positions (eyes, fingers), and the LLR of each sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.curves import Floats
from biometrics.calibration.score_calibration import Calibration
from biometrics.errors import FieldInvalid
from evaluation.data.csv_rows import read_rows
from evaluation.data.score_table_reader import read_score_table

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Images:
    """An evaluated set of images.

    Args:
        subject: a number per image, shape (n,).
        position: name of the position of each image, shape (n,).
        llrs: log10 LR of each image as probe against each, shape (n, n); NaN where not compared.
    """

    subject: Numbers
    position: NDArray[np.str_]
    llrs: Floats


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts with k samples each, of as many positions.

    Args:
        llrs: log10 LR of each sample against the reference (or the reference of its position), shape (attempts, k).
        mated: shape (attempts,).
        first: number of the probe's subject, shape (attempts,).
        second: number of the reference's subject.
    """

    llrs: Floats
    mated: NDArray[np.bool_]
    first: Numbers
    second: Numbers


def images_of(folder: Path, calibration: Calibration) -> Images:
    """Read the folder that `biofusion evaluate` wrote.

    Raises:
        FieldInvalid: a file is missing or faulty.
    """
    rows = [fields for _, fields in read_rows(folder / "samples.csv", ("path", "subject", "position", "quality"))]
    scores = _matrix(folder / "scores.csv.gz", [row["path"] for row in rows], calibration.comparator_id)
    quality = np.asarray([float(row["quality"] or np.nan) for row in rows])
    subject = np.unique([row["subject"] for row in rows], return_inverse=True)[1].astype(np.int64)
    llrs = calibration.llr(scores, quality[:, None])
    return Images(subject, np.asarray([row["position"] for row in rows]), llrs)


def _matrix(path: Path, names: Sequence[str], comparator_id: str) -> Floats:
    table = read_score_table(path, np.float64)
    place = {name: number for number, name in enumerate(names)}
    if missing := [name for name in table.names if name not in place]:
        raise FieldInvalid("samples.csv", f"{missing[0]} is missing; evaluate again.")
    number = np.asarray([place[name] for name in table.names])
    matrix = np.full((len(names), len(names)), np.nan)
    probe, reference = number[table.probe], number[table.reference]
    matrix[probe, reference] = matrix[reference, probe] = table.column(comparator_id)
    return matrix


def two_positions(images: Images) -> Attempts:
    """Attempts with two eyes or two fingers: the i-th image of each, against the j-th image of each of every person.

    Made for every two positions that some person has, in order of their names.
    """
    pairs = combinations(np.unique(images.position), 2)
    return joined([part for first, second in pairs for part in _of_two(images, first, second)])


def _of_two(images: Images, first: str, second: str) -> Iterator[Attempts]:
    own = [
        [np.flatnonzero((images.subject == one) & (images.position == position)) for position in (first, second)]
        for one in np.unique(images.subject)
    ]
    one, other = np.concatenate([np.stack([each[: min(map(len, both))] for each in both]) for both in own], axis=1)
    for place in range(one.size):
        rest = np.delete(np.arange(one.size), place)
        sides = [(one[place], one[rest]), (other[place], other[rest])]
        yield _attempts(images, sides, images.subject[one[rest]] == images.subject[one[place]])


def _attempts(images: Images, sides: Sequence[tuple[int, Numbers]], mated: NDArray[np.bool_]) -> Attempts:
    llrs = np.stack([images.llrs[probe, references] for probe, references in sides], axis=1)
    kept = ~np.isnan(llrs).any(axis=1)
    first = np.full(mated.size, images.subject[sides[0][0]])
    return Attempts(llrs[kept], mated[kept], first[kept], images.subject[sides[0][1]][kept])


def joined(parts: Sequence[Attempts]) -> Attempts:
    """Concatenate attempts; subjects keep their numbers.

    Raises:
        FieldInvalid: there are no attempts.
    """
    if not parts:
        raise FieldInvalid("OUT", "nobody has images of two positions.")
    columns = ("llrs", "mated", "first", "second")
    return Attempts(*(np.concatenate([getattr(part, column) for part in parts]) for column in columns))
