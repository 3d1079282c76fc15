"""`python -m studies.references.face_crops IMAGES.csv`: error rates of the mean of several embeddings of a face.

Crops of each face: unchanged, its mirror image, 6 % smaller and larger, and 2 px higher and lower in the aligned
image. Means of their unit vectors are compared; error rates are over all pairs of images.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from biometrics.errors import BiofusionError
from biometrics.template import Modality, Position
from evaluation.data.images_csv import read_images
from evaluation.metrics.verification import equal_error_rate, error_curve, fnmr_at_fmr
from infra.images.decode import decode
from services.face.detection.landmarks import align
from services.face.extractor import FaceExtractor
from services.face.template.features import Embeddings

MEANS = {
    "as it is": ("as it is",),
    "and its mirror image": ("as it is", "mirror image"),
    "and smaller, larger": ("as it is", "smaller", "larger"),
    "and higher, lower": ("as it is", "higher", "lower"),
    "all six": ("as it is", "mirror image", "smaller", "larger", "higher", "lower"),
}
RATES = (1e-3, 1e-4, 1e-5)
HEADS = f"EER | {' | '.join(f'FNMR at FMR {rate:g}' for rate in RATES)}"


def crops(rgb: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> dict[str, NDArray[np.uint8]]:
    """The aligned images of one face by crop, uint8 (112, 112, 3) each; `landmarks` are (5, 2), px."""
    upright, middle = align(rgb, landmarks), landmarks.mean(axis=0)
    down = 2 / 35 * (landmarks[3:].mean(axis=0) - landmarks[:2].mean(axis=0))
    return {
        "as it is": upright,
        "mirror image": upright[:, ::-1],
        "smaller": align(rgb, middle + (landmarks - middle) / 0.94),
        "larger": align(rgb, middle + (landmarks - middle) / 1.06),
        "higher": align(rgb, landmarks + down),
        "lower": align(rgb, landmarks - down),
    }


def lines(vectors: Mapping[str, Embeddings], subjects: NDArray[np.str_]) -> Iterator[str]:
    """A table in Markdown, rates in %.

    Args:
        vectors: unit vectors of each crop, float32 (images, 128).
        subjects: subject of each image.
    """
    yield f"| mean of | {HEADS} |\n{'|---' * (2 + len(RATES))}|"
    for name, used in MEANS.items():
        mean = np.sum([vectors[crop] for crop in used], axis=0)
        yield f"| {name} | {errors(mean / np.linalg.norm(mean, axis=1, keepdims=True), subjects)} |"


def errors(vectors: Embeddings, subjects: NDArray[np.str_]) -> str:
    """The error rates over all pairs, in %, as the cells under HEADS.

    Args:
        vectors: float32 (images, 128).
        subjects: subject of each image.
    """
    one, other = np.triu_indices(len(subjects), 1)
    mated, scores = subjects[one] == subjects[other], (vectors @ vectors.T)[one, other].astype(np.float64)
    mated_scores, non_mated_scores = scores[mated], scores[~mated]
    rates = [fnmr_at_fmr(mated_scores, non_mated_scores, rate) for rate in RATES]
    cells = " | ".join("–" if rate is None else f"{100 * rate:.2f}" for rate in rates)
    return f"{100 * equal_error_rate(error_curve(mated_scores, non_mated_scores)):.2f} | {cells}"


@click.command()
@click.argument("images", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--every", default=1, show_default=True, type=click.IntRange(1), help="Take one image of so many.")
def main(images: Path, every: int) -> None:
    """Print the error rates of each mean for the faces of IMAGES."""
    try:
        extractor, rows = FaceExtractor.load(), read_images(images, Modality.FACE)[::every]
        vectors: dict[str, list[Embeddings]] = {}
        for row in track(rows, "embed", transient=True):
            image = decode(row.path.read_bytes())
            face = extractor.extract(image, Position.FACE).details.face
            pictures = crops(image.rgb, np.array(face.landmarks))
            for name, vector in zip(pictures, extractor.embed(np.stack(list(pictures.values()))), strict=True):
                vectors.setdefault(name, []).append(vector)
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)
    stacked = {name: np.stack(each) for name, each in vectors.items()}
    for line in lines(stacked, np.array([row.subject for row in rows])):
        click.echo(line)


if __name__ == "__main__":
    main()
