"""`python -m studies.searching.iris_distances OUT/SET…`: how the Hamming distance of different irises is distributed.

OUT/SET are folders of `biofusion evaluate` on irises. All pairs of different eyes of a set are compared without
rotation and at rotations of ±7, ±14 and ±21 columns; each comparison counts separately, grouped by the number of bits
compared.
Degrees of freedom are those of a binomial of the same mean p and standard deviation σ: p·(1 − p) / σ² (Daugman 2003).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import BiofusionError
from services.iris.comparator import IrisComparator
from services.iris.template.features import BITS, Words
from studies.references.impression_kinds import IRISES
from studies.references.impressions import fingers_of

TURNS = range(-21, 22, 7)
EDGES = (0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, BITS + 1)
LEAST_PAIRS = 100

Counts = NDArray[np.int64]


def counts(codes: Words, masks: Words, eyes: Counts) -> tuple[Counts, Counts]:
    """Differing and compared bits of every pair of different eyes at every turn; int64, shape (pairs · turns,) each.

    Args:
        codes: uint64 (irises, 256).
        masks: uint64 (irises, 256).
        eyes: int64 (irises,), the number of each iris's eye.
    """
    found = []
    for turn in TURNS:
        turned_codes, turned_masks = np.roll(codes, turn, axis=1), np.roll(masks, turn, axis=1)
        for number in range(len(codes) - 1):
            others = number + 1 + np.flatnonzero(eyes[number + 1 :] != eyes[number])
            common = masks[others] & turned_masks[number]
            unlike = (codes[others] ^ turned_codes[number]) & common
            found.append([np.bitwise_count(words).sum(axis=1, dtype=np.int64) for words in (unlike, common)])
    differing, compared = (np.concatenate(column) for column in zip(*found, strict=True))
    return differing, compared


def lines(differing: Counts, compared: Counts) -> list[str]:
    """A table in Markdown, a line for each range of compared bits that at least 100 comparisons fall into."""
    out = ["| compared bits | comparisons | mean HD | SD | SD·√n | degrees of freedom |", "|---" * 6 + "|"]
    for low, high in pairwise(EDGES):
        inside = (compared >= max(low, 1)) & (compared < high)
        if inside.sum() >= LEAST_PAIRS:
            n, hd = compared[inside], differing[inside] / compared[inside]
            mean, spread = float(hd.mean()), float(hd.std())
            free = mean * (1 - mean) / spread**2
            scaled = float(((hd - mean) * np.sqrt(n)).std())
            out.append(f"| {low}–{high - 1} | {inside.sum()} | {mean:.4f} | {spread:.4f} | {scaled:.2f} | {free:.0f} |")
    return out


def measured(sets: Sequence[Path]) -> list[str]:
    """The table of evaluated sets.

    Raises:
        FieldInvalid: a folder has no samples.csv of `biofusion evaluate`.
        ConfigurationInvalid: its templates cannot be read.
    """
    comparator, parts = IrisComparator(), []
    for out in sets:
        eyes = fingers_of(out, IRISES)
        stack = comparator.stack([template for eye in eyes for template in eye])
        parts.append(counts(stack.codes, stack.masks, np.repeat(np.arange(len(eyes)), [len(eye) for eye in eyes])))
    differing, compared = (np.concatenate(column) for column in zip(*parts, strict=True))
    return lines(differing, compared)


@click.command()
@click.argument("sets", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(sets: tuple[Path, ...]) -> None:
    """Print the distribution of different irises' Hamming distances in the evaluated SETS."""
    try:
        for line in measured(sets):
            click.echo(line)
    except BiofusionError as error:
        raise click.ClickException(error.message) from error


if __name__ == "__main__":
    sys.exit(main())
