"""`python -m studies.references.several_faces IMAGES.csv`: how several images of a face are best enrolled.

Everyone with more than k images is enrolled by k consecutive images, starting at each image in turn; probes are the
person's other images, and all images of the other people. The methods: the best score of the k, charged for k chances;
the mean of the k likelihood ratios; one template, the mean of the k unit vectors; the same, weighted by quality. Poor
images are spoiled as by `studies.spoiled.spoiled_faces`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from biometrics.errors import AcquisitionFailed, BiofusionError
from biometrics.template import Modality, Position
from evaluation.data.images_csv import read_images
from infra.calibrations import load_calibration
from infra.images.decode import Image, decode
from services.face.comparator import FaceComparator
from services.face.extractor import FaceExtractor
from services.face.template.features import Embeddings, unpack
from studies.references.attempts import Attempts
from studies.references.impressions import figures
from studies.references.several_references import best, mean_ratio
from studies.spoiled.spoiled_faces import spoilings
from studies.spoiled.spoiling import AS_IT_IS

POOR = ("blurred by a tenth", "half behind a board", "a tenth as bright")
WAYS = ("one reference", "best", "mean of LRs", "mean", "weighted by quality")
LEAST_QUALITY = 1.0


@dataclass(frozen=True)
class Faces:
    """Images of one condition.

    Args:
        vectors: float32 (n, 128), of length 1.
        qualities: float64 (n,), 0–100.
    """

    vectors: Embeddings = field(repr=False)
    qualities: NDArray[np.float64]


def enrolled(references: Faces, numbers: NDArray[np.intp], way: str) -> Embeddings:
    """The reference vectors of a person enrolled by these images: float32 (1 or k, 128)."""
    vectors = references.vectors[numbers]
    if way in WAYS[:3]:
        return vectors
    weights = np.maximum(references.qualities[numbers], LEAST_QUALITY) if way == WAYS[4] else np.ones(len(numbers))
    mean = weights @ vectors
    return np.asarray(mean / np.linalg.norm(mean), np.float32)[None]


def attempts(probes: Faces, references: Faces, subjects: NDArray[np.str_], k: int, way: str) -> Attempts:
    """All attempts with one method of enrolment.

    Args:
        probes: all images.
        references: the same images, in the same or in another condition.
        subjects: subject of each image; the images of one subject are consecutive.
        k: number of images that a person is enrolled by.
        way: one of WAYS.
    """
    mated, non_mated = [], []
    for subject in np.unique(subjects):
        own = np.flatnonzero(subjects == subject)
        for turn in range(len(own)) if len(own) > k else ():
            chosen = np.roll(own, -turn)[: 1 if way == WAYS[0] else k]
            scores = (probes.vectors @ enrolled(references, chosen, way).T).astype(np.float64)
            mated.append(scores[np.roll(own, -turn)[k:]])
            non_mated.append(scores[subjects != subject])
    return Attempts(np.concatenate(mated), np.concatenate(non_mated))


def lines(faces: Mapping[str, Faces], subjects: NDArray[np.str_], counts: Sequence[int]) -> Iterator[str]:
    """A table in Markdown, rates in %."""
    calibration, good = load_calibration(FaceComparator.comparator_id), faces[AS_IT_IS]
    heads = "EER | FNMR at FMR 1e-3 | d′ | non-mated comparisons of LLR ≥ 3 | mated of LLR ≥ 3 | mean LLR of mated"
    yield f"| probes / references | k | way | {heads} |\n{9 * '|---'}|"
    conditions = {"as they are": (good, good)} | {
        f"as they are / every second {name}": (good, _every_second(good, faces[name])) for name in POOR
    }
    conditions["blurred by a tenth / as they are"] = (faces[POOR[0]], good)
    for name, (probes, references) in conditions.items():
        for k in counts:
            for way in WAYS:
                rule = mean_ratio if way == WAYS[2] else best
                found = figures(attempts(probes, references, subjects, k, way), rule, calibration)
                yield f"| {name} | {k} | {way} | {found} |"


def _every_second(good: Faces, poor: Faces) -> Faces:
    """Good and poor images alternating."""
    odd = np.arange(len(good.qualities)) % 2 == 1
    return Faces(np.where(odd[:, None], poor.vectors, good.vectors), np.where(odd, poor.qualities, good.qualities))


def described(extractor: FaceExtractor, image: Image, other: Image) -> dict[str, tuple[Embeddings, float]]:
    """The vector and quality of an unchanged image and in each poor condition; unchanged where no face is found."""
    first = extractor.extract(image, Position.FACE)
    found = {AS_IT_IS: first}
    spoiled = spoilings(image, other, first.details.face)
    for name in POOR:
        try:
            found[name] = extractor.extract(spoiled[name], Position.FACE)
        except AcquisitionFailed:
            found[name] = first
    return {name: (unpack([each.template])[0], each.quality.value) for name, each in found.items()}


@click.command()
@click.argument("images", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--images-each", "-k", "counts", multiple=True, type=click.IntRange(2), default=(2, 3))
def main(images: Path, counts: tuple[int, ...]) -> None:
    """Print a table of the ways to enrol several images of IMAGES."""
    try:
        extractor, rows = FaceExtractor.load(), read_images(images, Modality.FACE)
        own = {subject: [row for row in rows if row.subject == subject] for subject in {row.subject for row in rows}}
        used = [row for subject in sorted(own) if len(own[subject]) > min(counts) for row in own[subject]]
        pictures = [decode(row.path.read_bytes()) for row in used]
        each = [described(extractor, image, pictures[0]) for image in track(pictures, "extract", transient=True)]
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)
    faces = {
        name: Faces(np.stack([one[name][0] for one in each]), np.array([one[name][1] for one in each]))
        for name in (AS_IT_IS, *POOR)
    }
    for line in lines(faces, np.array([row.subject for row in used]), counts):
        click.echo(line)


if __name__ == "__main__":
    main()
