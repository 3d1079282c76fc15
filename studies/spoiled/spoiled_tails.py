"""`python -m studies.spoiled.spoiled_tails IMAGES.csv… --sensor OUT/SENSOR…`: the non-mated tail of spoiled eyes.

1. Every image is spoiled in each way after which an eye remains (`spoiled_eyes`). Templates of a quality under 20,
   which enrolment refuses, are left out.
2. The images of each set under each spoiling are taken for a sensor of their own: they are compared with each other,
   and their κ is measured against the named sensors (`heaviness`). The standard deviation of these κ is what
   evaluation/calibration/margin.py assumes where there are few sensors.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np

from biometrics.errors import AcquisitionFailed, BiofusionError, InvalidInput
from biometrics.template import Modality, Position, Template
from evaluation.calibrate import read_sensor
from evaluation.calibration.claims import NonMatedTail, non_mated_by_sensor
from evaluation.calibration.margin import heaviness
from evaluation.data.images_csv import ImageRow, read_images
from evaluation.data.scores import Scored
from evaluation.metrics.effective_count import People
from services.iris.comparator import IrisComparator
from services.iris.extractor import IrisExtractor
from studies.spoiled.spoiled_eyes import POOR, spoilings
from studies.spoiled.spoiling import read_with_others

SENSORS = (
    *("narrowed to 85 %", "narrowed to 65 %", "turned by 30°", "half the size", "blurred by 3 px", "moved by 15 px"),
    *("noise of 20 levels", "a fifth as bright", "a fifth of the contrast", "printed in dots", "upper half under skin"),
)
FEWEST = 100
Taken = tuple[ImageRow, Template]


def spoiled(images: Path, extractor: IrisExtractor) -> dict[str, list[Taken]]:
    """The usable templates of a set under each spoiling."""
    taken: dict[str, list[Taken]] = defaultdict(list)
    rows = read_images(images, Modality.IRIS)
    for row, (image, other) in zip(rows, read_with_others(images, Modality.IRIS), strict=True):
        for name, each in spoilings(image, other).items():
            if name not in SENSORS:
                continue
            try:
                extraction = extractor.extract(each, Position.UNKNOWN)
            except (AcquisitionFailed, InvalidInput):
                continue
            if extraction.quality.value >= POOR:
                taken[name].append((row, extraction.template))
    return taken


def compared(taken: Sequence[Taken]) -> People:
    """Compare every two templates of different eyes."""
    comparator = IrisComparator()
    stack = comparator.stack([template for _, template in taken])
    subject, eye = (
        np.unique(names, return_inverse=True)[1]
        for names in ([row.subject for row, _ in taken], [f"{row.subject} {row.position}" for row, _ in taken])
    )
    one, other = np.triu_indices(len(taken), 1)
    scores = np.asarray(comparator.compare(stack, stack), np.float64)[one, other]
    kept = (eye[one] != eye[other]) & np.isfinite(scores)
    return People(Scored(scores[kept], np.zeros(int(kept.sum()), np.bool_), subject[one][kept], subject[other][kept]))


def lines(images: Sequence[Path], usual: NonMatedTail) -> Iterator[str]:
    """One line per set and spoiling with its κ, then mean and standard deviation over all."""
    extractor, found = IrisExtractor.load(), []
    for path in images:
        for name, taken in spoiled(path, extractor).items():
            factor = heaviness(usual, compared(taken)) if len(taken) >= FEWEST else None
            if factor is not None:
                found.append(factor)
                yield f"{path.parent.name}, {name}: {len(taken)} images, κ {factor:.2f}"
    yield f"{len(found)} in all: mean {np.mean(found):.2f}, standard deviation {np.std(found, ddof=1):.2f}"


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--sensor", "sensors", multiple=True, required=True, type=click.Path(path_type=Path, exists=True))
def main(images: tuple[Path, ...], sensors: tuple[Path, ...]) -> None:
    """Spoil the irises of each images.csv, and compare their tails with those of evaluated sensors."""
    try:
        usual = {folder.name: read_sensor(folder, IrisComparator.comparator_id) for folder in sensors}
        for line in lines(images, NonMatedTail(non_mated_by_sensor(usual))):
            click.echo(line)
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
