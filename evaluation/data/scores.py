"""Scores of one comparator with their subjects (`Scored`), and writing scores.csv.gz for score_table_reader."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.data.pairs_csv import Pairs

COLUMNS = ("probe", "reference", "mated")
ROWS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of one comparator with the subjects compared, numbered from 0.

    Args:
        scores: float64, shape (k,).
        mated: bool, shape (k,).
        first: integers, shape (k,): subject of the probe.
        second: integers, shape (k,): subject of the reference.
        qualities: float64, shape (k, 2): quality of probe and reference, 0–100, NaN where unknown; None when all are.
    """

    scores: NDArray[np.float64]
    mated: NDArray[np.bool_]
    first: NDArray[np.integer]
    second: NDArray[np.integer]
    qualities: NDArray[np.float64] | None = None

    def part(self, chosen: NDArray[np.bool_]) -> Scored:
        """The comparisons chosen by a bool for each, shape (k,)."""
        qualities = None if self.qualities is None else self.qualities[chosen]
        return Scored(self.scores[chosen], self.mated[chosen], self.first[chosen], self.second[chosen], qualities)


def write_scores(
    path: Path,
    names: Sequence[str],
    pairs: Pairs,
    scores: Mapping[str, NDArray[np.float32]],
    progress: Callable[[int, int], None],
) -> None:
    """Write the scores of one or more comparators, gzip level 1; NaN becomes an empty cell.

    A score is written as the shortest text that reads back as the same float32. The file appears whole or not at all.

    Args:
        path: ends in .csv.gz.
        names: names of the images, by number.
        pairs: the images compared, shape (k,).
        scores: float32, shape (k,), by comparator id.
        progress: called with rows done and rows in all.
    """
    quoted = [_quoted(name) for name in names]
    unfinished = path.with_name(path.name + ".unfinished")
    with gzip.open(unfinished, "wt", compresslevel=1, encoding="utf-8", newline="") as file:
        file.write(",".join((*COLUMNS, *map(_quoted, scores))) + "\n")
        for start in range(0, len(pairs), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            cells = [_cells(column[part]) for column in scores.values()]
            file.write(_lines(quoted, Pairs(pairs.probe[part], pairs.reference[part], pairs.mated[part]), cells))
            progress(min(part.stop, len(pairs)), len(pairs))
    unfinished.replace(path)


def _cells(scores: NDArray[np.float32]) -> list[str]:
    texts: list[str] = np.where(np.isnan(scores), "", scores.astype("U16")).tolist()
    return texts


def _lines(names: Sequence[str], pairs: Pairs, cells: Sequence[Sequence[str]]) -> str:
    joined = map(",".join, zip(*cells, strict=True))
    rows = zip(pairs.probe.tolist(), pairs.reference.tolist(), pairs.mated.tolist(), joined, strict=True)
    return "".join([f"{names[p]},{names[r]},{m:d},{text}\n" for p, r, m, text in rows])


def _quoted(value: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow([value])
    return text.getvalue()
