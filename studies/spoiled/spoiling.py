"""Running a study of spoiled images; shared by `spoiled_eyes`, `spoiled_faces` and `spoiled_fingers`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Comparator
from biometrics.errors import AcquisitionFailed, BiofusionError, InvalidInput
from biometrics.quality import Quality
from biometrics.template import Modality, Position
from evaluation.data.images_csv import read_images
from infra.images.decode import Image, decode
from services.extraction import Extraction, Extractor

AS_IT_IS = "as it is"
Gray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Study:
    """How images of a modality are spoiled, and what is counted.

    Args:
        modality: modality of the images.
        spoilings: takes an image and one of another subject, of equal resolution, and returns the spoiled images by
            name; AS_IT_IS, the unchanged image, comes first.
        match: the score from which two templates count as matching.
        notes: what to count of an extraction's quality.
    """

    modality: Modality
    spoilings: Callable[[Image, Image], dict[str, Image]]
    match: float
    notes: Callable[[Quality], Iterable[str]]


def outcomes(
    images: Iterable[tuple[Image, Image]],
    study: Study,
    extractor: Extractor[Any],
    comparator: Comparator[Any],
    only: Sequence[str] = (),
) -> dict[str, Counter[str]]:
    """Count the outcomes of each spoiling.

    Args:
        images: pairs of an image and one of another subject.
        study: study of their modality.
        extractor: extractor of their modality.
        comparator: comparator of its templates.
        only: names of the spoilings to make besides the unchanged image; none means all.

    Returns:
        By spoiling, the number of images for each reason of an error, of those "extracted", and of the extracted ones
        the number that "matches" the unchanged image and the number with each of the study's notes.
    """
    found: dict[str, Counter[str]] = {}
    for image, other in images:
        kept: Extraction[Any] | None = None
        for name, spoiled in study.spoilings(image, other).items():
            if only and name not in (AS_IT_IS, *only):
                continue
            count = found.setdefault(name, Counter())
            try:
                extraction = extractor.extract(spoiled, Position.UNKNOWN)
            except (AcquisitionFailed, InvalidInput) as error:
                count[error.reason] += 1
                continue
            if name == AS_IT_IS:
                kept = extraction
            count["extracted"] += 1
            count["matches"] += kept is not None and _score(extraction, kept, comparator) >= study.match
            count.update(study.notes(extraction.quality))
    return found


def _score(extraction: Extraction[Any], kept: Extraction[Any], comparator: Comparator[Any]) -> float:
    probe, reference = (comparator.stack([each.template]) for each in (extraction, kept))
    return float(comparator.compare(probe, reference)[0, 0])


def read_with_others(path: Path, modality: Modality) -> list[tuple[Image, Image]]:
    """The images of images.csv, each with the first one of another subject."""
    rows = read_images(path, modality)
    images = [Image(decode(row.path.read_bytes()).gray, row.resolution_dpi) for row in rows]
    others = [next(i for r, i in zip(rows, images, strict=True) if r.subject != row.subject) for row in rows]
    return list(zip(images, others, strict=True))


def spoiling_command(
    study: Study, load_extractor: Callable[[], Extractor[Any]], comparator: Comparator[Any]
) -> click.Command:
    """The command that prints a study of each images.csv it is given."""

    @click.command()
    @click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
    @click.option("--only", multiple=True, help="Only the spoiling of this name; may be repeated.")
    def main(images: tuple[Path, ...], only: tuple[str, ...]) -> None:
        """Spoil every image of each images.csv in every way, and print what became of them."""
        try:
            extractor = load_extractor()
            for path in images:
                click.echo(f"{path.parent.name}:")
                found = outcomes(read_with_others(path, study.modality), study, extractor, comparator, only)
                for name, count in found.items():
                    told = ", ".join(f"{number} {what}" for what, number in count.most_common() if number)
                    click.echo(f"  {name:24} {told}")
        except BiofusionError as error:
            click.echo(str(error), err=True)
            sys.exit(3)

    return main
