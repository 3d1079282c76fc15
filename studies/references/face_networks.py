"""`python -m studies.references.face_networks OUT`: what a second face network gains, and how it is joined best.

OUT is a folder of `biofusion evaluate` with templates of both networks. Compared over all pairs of images: each network
alone; both unit vectors joined with several weights; and joined after the mean of all images was taken off dlib's
vectors. The last lines are differences between both and SFace alone, with 95 % intervals by drawing people with
replacement (the bootstrap over subjects): negative where both err less.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import BiofusionError, FieldInvalid
from evaluation.evaluate import TEMPLATES
from services.face.template.features import DIMENSIONS, PAIR_DIMENSIONS, Embeddings
from studies.references.face_crops import HEADS, errors
from studies.searching.face_storage import read

WEIGHTS = (0.3, 0.4, 0.5, 0.6, 0.7)
"""Of dlib's cosine in the score."""
RATES = (1e-2, 1e-3, 1e-4)
DRAWS = 500

Floats = NDArray[np.float64]


class Scored(NamedTuple):
    """Scores of all pairs, the non-mated ones falling, with the numbers of the two people of each.

    Args:
        mated: shape (m,).
        people: of the mated pairs, shape (m,).
        non_mated: shape (n,), falling.
        pairs: of the non-mated pairs, shape (2, n).
    """

    mated: Floats
    people: NDArray[np.int64]
    non_mated: Floats
    pairs: NDArray[np.int64]


def ways(vectors: Embeddings) -> dict[str, Embeddings]:
    """Vectors whose dot products are the scores of each way, float32 (n, …).

    Args:
        vectors: of the pair, float32 (n, 256).
    """
    halves = vectors * np.sqrt(np.float32(2.0))
    sface, dlib = halves[:, :DIMENSIONS], halves[:, DIMENSIONS:]
    centred = dlib - dlib.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    found = {"SFace": sface, "dlib": dlib}
    found |= {f"both, dlib's weight {each:g}": _joined(sface, dlib, each) for each in WEIGHTS}
    return found | {"both, dlib's less their mean": _joined(sface, centred, 0.5)}


def _joined(one: Embeddings, other: Embeddings, weight: float) -> Embeddings:
    return np.concatenate([np.sqrt(1 - weight) * one, np.sqrt(weight) * other], axis=1).astype(np.float32)


def lines(vectors: Embeddings, subjects: NDArray[np.str_]) -> Iterator[str]:
    """The tables in Markdown, rates in %."""
    found = ways(vectors)
    yield f"| embedding | non-mated scores, mean ± deviation | {HEADS} |\n{'|---' * 6}|"
    for name, each in found.items():
        others = scored(each, subjects).non_mated
        yield f"| {name} | {others.mean():.3f} ± {others.std():.3f} | {errors(each, subjects)} |"
    yield f"\n| both less SFace, percentage points | EER | {' | '.join(f'FNMR at {rate:g}' for rate in RATES)} |"
    yield f"{'|---' * (2 + len(RATES))}|"
    yield f"| difference (95 %) | {' | '.join(differences(found, subjects))} |"


def scored(vectors: Embeddings, subjects: NDArray[np.str_]) -> Scored:
    """The scores of all pairs of images."""
    one, other = np.triu_indices(len(subjects), 1)
    numbers = np.unique(subjects, return_inverse=True)[1].astype(np.int64)
    scores = (vectors @ vectors.T)[one, other].astype(np.float64)
    mated = numbers[one] == numbers[other]
    order = np.flatnonzero(~mated)[np.argsort(-scores[~mated], kind="stable")]
    pairs = np.stack([numbers[one[order]], numbers[other[order]]])
    return Scored(scores[mated], numbers[one[mated]], scores[order], pairs)


def differences(found: Mapping[str, Embeddings], subjects: NDArray[np.str_]) -> list[str]:
    """The differences of EER and FNMR between both networks and SFace, in percentage points, with their intervals."""
    both, alone = (scored(found[name], subjects) for name in ("both, dlib's weight 0.5", "SFace"))
    count, random = len(np.unique(subjects)), np.random.default_rng(0)
    point = rates(both, np.ones(count)) - rates(alone, np.ones(count))
    drawn = []
    for _ in range(DRAWS):
        times = np.bincount(random.integers(0, count, count), minlength=count).astype(np.float64)
        drawn.append(rates(both, times) - rates(alone, times))
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return [f"{100 * a:.2f} ({100 * b:.2f} – {100 * c:.2f})" for a, b, c in zip(point, low, high, strict=True)]


def rates(pairs: Scored, times: Floats) -> Floats:
    """EER, then FNMR at each of RATES, where person k counts `times[k]` times."""
    mated, others = times[pairs.people], times[pairs.pairs[0]] * times[pairs.pairs[1]]
    fmr = np.cumsum(others) / others.sum()
    order = np.argsort(pairs.mated, kind="stable")
    missed = np.concatenate([[0.0], np.cumsum(mated[order])]) / mated.sum()

    def fnmr(places: NDArray[np.int64]) -> Floats:
        below: Floats = missed[np.searchsorted(pairs.mated[order], pairs.non_mated[places], side="right")]
        return below

    crossing = np.searchsorted(fmr, np.linspace(1e-4, 0.2, 4000)).astype(np.int64)
    crossing = np.minimum(crossing, len(fmr) - 1)
    equal = np.argmin(np.abs(fmr[crossing] - fnmr(crossing)))
    at = np.minimum(np.searchsorted(fmr, RATES, side="right"), len(fmr) - 1).astype(np.int64)
    return np.concatenate([[(fmr[crossing] + fnmr(crossing))[equal] / 2], fnmr(at)])


@click.command()
@click.argument("out", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(out: Path) -> None:
    """Print the error rates of the networks whose templates are in OUT, alone and together."""
    try:
        vectors, subjects = read(out)
        if vectors.shape[1] != PAIR_DIMENSIONS:
            raise FieldInvalid(
                TEMPLATES, "templates of both networks are needed; evaluate without FACE_SECOND_NETWORK."
            )
        for line in lines(vectors, subjects):
            click.echo(line)
    except (BiofusionError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
