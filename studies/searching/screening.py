"""`python -m studies.searching.screening OUT/SET…`: the share of mates that screening keeps, by the share it passes on.

OUT/SET are folders of `biofusion evaluate` on fingerprints, or with `--modality iris` on irises. Every impression
is a probe and is screened against all impressions of all sets. A mate is kept at a share s if a share less than s of
the non-mated references screens at least as high, as in a gallery so large that the mate itself does not count. The
table gives the same for the full comparison, which is the limit for any search, and for non-mated references of the
probe's own set only. "Same first" is the share of mated pairs for which a screened search has the same first candidate
as a search that compares everything in full, whether or not that candidate is the mate.

Example: 12 of 4,000 non-mated references screen at least as high as the mate, a share of 0.3 %. The mate is kept where
screening passes on 0.5 % of the gallery, and lost where it passes on 0.2 %.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from biometrics.errors import BiofusionError
from studies.references.impression_kinds import FINGERPRINTS, Kind, kind_option
from studies.references.impressions import fingers_of

Labels = NDArray[np.int64]


def non_mated_shares(
    scores: NDArray[np.float32], fingers: Labels, sets: Labels, *, own_set: bool = False
) -> NDArray[np.float64]:
    """For each mated ordered pair, the share of the probe's non-mated references that score at least as high.

    Args:
        scores: float32, shape (n, n): every impression as a probe against every one.
        fingers: int64, shape (n,): the finger of each.
        sets: int64, shape (n,): the set of each.
        own_set: whether only non-mated references of the probe's set count.
    """
    shares = []
    for row, (finger, of_set) in enumerate(zip(fingers, sets, strict=True)):
        non_mated = np.sort(scores[row, (fingers != finger) & ((sets == of_set) | (not own_set))])
        mates = fingers == finger
        mates[row] = False
        shares.append(1 - np.searchsorted(non_mated, scores[row, mates]) / len(non_mated))
    return np.concatenate(shares)


def first_shares(screened: Scores, compared: Scores, fingers: Labels) -> NDArray[np.float64]:
    """For each mated ordered pair, the share of the other references that screen at least as high as the first one.

    The first is the highest in the full comparison, among the mate and all non-mated references.

    Args:
        screened: float32, shape (n, n): every impression as a probe against every one.
        compared: the scores of the full comparison, same shape.
        fingers: int64, shape (n,): the finger of each.
    """
    shares = []
    for row, finger in enumerate(fingers):
        others = np.flatnonzero(fingers != finger)
        non_mated = np.sort(screened[row, others])
        top = others[compared[row, others].argmax()]
        mates = np.setdiff1d(np.flatnonzero(fingers == finger), row)
        first = np.where(compared[row, mates] > compared[row, top], mates, top)
        shares.append(1 - np.searchsorted(non_mated, screened[row, first], side="left") / len(non_mated))
        shares[-1][first == top] -= 1 / len(non_mated)
    return np.concatenate(shares)


def lines(sets: Sequence[Path], kind: Kind = FINGERPRINTS) -> list[str]:
    """A Markdown table: % of mates kept.

    Raises:
        FieldInvalid: a folder has no samples.csv of `biofusion evaluate`.
        ConfigurationInvalid: its templates cannot be read.
    """
    grouped = [(of_set, finger) for of_set, out in enumerate(sets) for finger in fingers_of(out, kind)]
    counts = [len(finger) for _, finger in grouped]
    fingers = np.repeat(np.arange(len(grouped)), counts)
    of_set = np.repeat([number for number, _ in grouped], counts)
    templates = [template for _, finger in grouped for template in finger]
    comparator: Any = kind.comparator()
    references = comparator.stack(templates)
    out = [
        f"| probes | by | non-mated comparisons | {' | '.join(f'{100 * share:g} %' for share in kind.shares)} |",
        "|---" * (3 + len(kind.shares)) + "|",
    ]
    for condition, (of_probes, of_references) in kind.conditions.items():
        if of_references:
            continue
        probes = comparator.stack([kind.perturbed(each, of_probes, number) for number, each in enumerate(templates)])
        screened, compared = comparator.screen(probes, references), comparator.compare(probes, references)
        for by, scores in (("screening", screened), ("full comparison", compared)):
            for own_set in (False, True):
                shares = non_mated_shares(scores, fingers, of_set, own_set=own_set)
                out.append(_line(kind, shares, condition, by, "own set" if own_set else "all"))
        out.append(_line(kind, first_shares(screened, compared, fingers), condition, "same first", "all"))
    mated = sum(count * (count - 1) for count in counts)
    return [*out, "", f"{mated} mated pairs of {len(templates)} impressions of {len(grouped)} fingers"]


def _line(kind: Kind, shares: NDArray[np.float64], *names: str) -> str:
    cells = " | ".join(f"{100 * np.mean(shares < share):.2f}" for share in kind.shares)
    return f"| {' | '.join(names)} | {cells} |"


@click.command()
@click.argument("sets", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
@kind_option
def main(sets: tuple[Path, ...], kind: Kind) -> None:
    """Print which share of mates screening keeps in the evaluated SETS."""
    try:
        for line in lines(sets, kind):
            click.echo(line)
    except BiofusionError as error:
        raise click.ClickException(error.message) from error


if __name__ == "__main__":
    sys.exit(main())
