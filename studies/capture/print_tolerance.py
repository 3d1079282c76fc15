"""`python -m studies.capture.print_tolerance OUT/SET…`: mates missed when one of two prints is scaled or turned.

OUT/SET are folders of `biofusion evaluate` on fingerprints. The minutiae of the probe's template are moved as scaling
or turning the image would move them; what the network would find in such an image is not measured.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import click
import numpy as np

from biometrics.errors import BiofusionError
from biometrics.template import Modality, Template
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.template.features import (
    MAX_SIDE_PX,
    MODEL_ID,
    FingerFeatures,
    mask_shape,
    pack,
    unpack,
)
from studies.references.impressions import fingers_of

THRESHOLD = 0.385  # the score at FMR 1e-3 on FVC2002
SCALES = (0.72, 0.8, 0.85, 0.88, 0.92, 0.95, 1.0, 1.05, 1.08, 1.12, 1.15, 1.2, 1.25)
TURNS = (0, 30, 60, 75, 90, 105, 120, 180)


def moved(template: Template, scale: float = 1.0, degrees: float = 0.0) -> Template:
    """The print scaled and turned counter-clockwise about the middle of its minutiae, on the largest image area."""
    found = unpack(template.data).minutiae
    turn, places = np.radians(degrees), np.stack([found.x, found.y]).astype(np.float64)
    cosine, sine = np.cos(turn), np.sin(turn)
    x, y = scale * np.array([[cosine, sine], [-sine, cosine]]) @ (places - places.mean(axis=1, keepdims=True))
    x, y = (np.clip(each + MAX_SIDE_PX / 2, 0, MAX_SIDE_PX - 1).astype(np.float32) for each in (x, y))
    angle = ((found.angle + turn) % (2 * np.pi)).astype(np.float32)
    minutiae = replace(found, x=x, y=y, angle=angle)
    mask = np.ones(mask_shape(MAX_SIDE_PX, MAX_SIDE_PX), np.bool_)
    return Template(Modality.FINGERPRINT, MODEL_ID, pack(FingerFeatures(MAX_SIDE_PX, MAX_SIDE_PX, mask, minutiae)))


def missed(fingers: Sequence[Sequence[Template]]) -> Iterator[tuple[str, float]]:
    """For each move, its name and the share (0–1) of mated pairs below the threshold when the first print is moved.

    Args:
        fingers: the templates of each finger.
    """
    comparator = FingerprintComparator()
    templates = [template for finger in fingers for template in finger]
    numbers = np.split(np.arange(len(templates)), np.cumsum([len(finger) for finger in fingers])[:-1])
    rows = np.array([pair for finger in numbers for pair in combinations(finger, 2)], np.int64)
    references = comparator.stack(templates)
    moves = [(f"scaled by {scale:g}", scale, 0.0) for scale in SCALES]
    moves += [(f"turned by {degrees}°", 1.0, float(degrees)) for degrees in TURNS]
    for name, scale, degrees in moves:
        probes = comparator.stack([moved(each, scale, degrees) for each in templates])
        scores = comparator.compare_pairs(probes, references, rows[:, 0].copy(), rows[:, 1].copy())
        yield name, float(np.mean(scores < THRESHOLD))


@click.command()
@click.argument("sets", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(sets: tuple[Path, ...]) -> None:
    """Print which share of mates in the evaluated SETS is missed when one of two prints is scaled or turned."""
    try:
        for out in sets:
            fingers = fingers_of(out)
            click.echo(f"{out.name}, {sum(len(each) * (len(each) - 1) // 2 for each in fingers)} mated pairs:")
            for name, share in missed(fingers):
                click.echo(f"  {name:16} {100 * share:5.1f} % missed")
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
