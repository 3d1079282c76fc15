"""`python -m evaluation.made_up_scores --out scores.csv`: a score set of simulated people.

Every probe is compared with every reference by two face comparators and on two fingers. The set has the known traits of
real sets: both comparators see the same face, so people who look alike to one do so to the other; a person's bad
fingers are bad together; a finger may fail altogether; some faces could not be compared at all (score −1). It shows how
fusion handles such traits, not what any comparator achieves.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from evaluation.data.score_table import ScoreTable

Floats = NDArray[np.float64]

COMPARATORS = ("face-a", "face-b", "finger-left", "finger-right")
FAILED = -1.0


def made_up_scores(people: int, seed: int = 1) -> ScoreTable:
    """Scores of `people` probes with as many references, one of each person; the same seed gives the same scores."""
    random = np.random.default_rng(seed)
    probe, reference = (side.ravel() for side in np.mgrid[:people, :people])
    mated = probe == reference
    scores = np.concatenate((_faces(random, probe, reference), _fingers(random, probe, reference)), axis=1)
    scores[mated, :2], scores[mated, 2:] = _own_face(random, people), _own_fingers(random, people)
    scores[random.random(people)[probe] < 0.005, :2] = FAILED
    names = [f"probe-{place}" for place in range(people)] + [f"reference-{place}" for place in range(people)]
    reference += people
    return ScoreTable(
        names, probe.astype(np.int32), reference.astype(np.int32), mated, COMPARATORS, scores.astype(np.float32)
    )


def _faces(random: np.random.Generator, probe: NDArray[np.int64], reference: NDArray[np.int64]) -> Floats:
    """Two comparators of one face: correlated by 0.8, and both high for people who look alike or are of one group."""
    people, count = int(probe.max()) + 1, len(probe)
    group = random.integers(0, 6, people)
    shared, own = random.standard_normal((count, 1)), random.standard_normal((count, 2))
    alike = np.concatenate((shared, 0.8 * shared + 0.6 * own[:, :1]), axis=1)
    alike += 0.4 * random.standard_normal((people, 2))[probe]
    alike += np.where(group[probe] == group[reference], 1.0, 0.0)[:, None] * (0.8, 0.7)
    alike += 2.8 * (random.random((count, 1)) < 0.01)
    alike *= np.sqrt(12.0 / random.chisquare(12.0, (count, 1)))
    return _face_scores(alike)


def _fingers(random: np.random.Generator, probe: NDArray[np.int64], reference: NDArray[np.int64]) -> Floats:
    """Two fingers: skewed scores, higher between fingers of one pattern class."""
    people, count = int(probe.max()) + 1, len(probe)
    pattern = random.integers(0, 4, people)
    eager = np.sqrt(random.gamma(4.0, 0.25, (people, 2)))[probe]
    alike = np.where(pattern[probe] == pattern[reference], 1.5, 1.0)[:, None]
    return np.floor(2.0 + 2.6 * random.gamma(2.2, 1.0, (count, 2)) * alike * eager)


def _own_face(random: np.random.Generator, people: int) -> Floats:
    both = _correlated(random, people, 0.85, 0.9, 0.43)
    return _face_scores(both * (2.5, 2.3) + (7.2, 6.4))


def _own_fingers(random: np.random.Generator, people: int) -> Floats:
    both = _correlated(random, people, 0.75, 0.85, 0.5)
    scores = 2.0 + np.exp(both * (0.95, 0.9) + (4.4, 4.75))
    failed = random.random((people, 2)) < 0.04
    return np.floor(np.where(failed, 2.0 + 2.6 * random.gamma(2.2, 1.0, (people, 2)), scores))


def _correlated(random: np.random.Generator, people: int, correlation: float, own: float, shared: float) -> Floats:
    """Two correlated normal values per person, plus one that both share."""
    first, second, person = random.standard_normal((3, people))
    both = np.stack((first, correlation * first + np.sqrt(1.0 - correlation**2) * second), axis=1)
    return np.asarray(own * both + shared * person[:, None])


def _face_scores(alike: Floats) -> Floats:
    return np.minimum(np.array((0.40, 62.0)) + alike * (0.045, 3.2), (0.999, 120.0))


@click.command()
@click.option("--people", default=517, show_default=True, type=click.IntRange(4), help="Their square is the rows.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="The same seed, the same scores.")
@click.option(
    "--missing", default=0.0, show_default=True, type=click.FloatRange(0.0, 1.0), help="Share of cells left out."
)
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="CSV file to write.")
def main(people: int, seed: int, missing: float, out: Path) -> None:
    """Write a made-up scores.csv."""
    table = made_up_scores(people, seed)
    left_out = np.random.default_rng(seed + 1).random(table.scores.shape) < missing
    with out.open("w", encoding="utf-8") as file:
        file.write(",".join(("probe", "reference", "mated", *COMPARATORS)) + "\n")
        for row in range(len(table)):
            ids = f"{table.names[table.probe[row]]},{table.names[table.reference[row]]},{table.mated[row]:d}"
            cells = (
                "" if gone else f"{score:.7g}" for score, gone in zip(table.scores[row], left_out[row], strict=True)
            )
            file.write(f"{ids},{','.join(cells)}\n")


if __name__ == "__main__":
    main()
