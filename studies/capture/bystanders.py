"""`python -m studies.capture.bystanders IMAGES.csv…`: how often an image shows a second face, and how it is handled.

For sets in which the intended subject is the most central person, as in LFW: a chosen face that is not the most central
one is an error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import numpy as np

from biometrics.errors import AcquisitionFailed, BiofusionError
from biometrics.template import Modality
from evaluation.data.images_csv import read_images
from infra.images.decode import decode
from infra.models.model_cache import load_bytes
from infra.models.onnx_model import OnnxModel
from services.face.detection.choice import COMPARABLE_FROM, choose, second_share
from services.face.detection.detector import FaceDetector
from services.face.template.faces import Face

SHARES = (0.2, 0.25, COMPARABLE_FROM, 1 / 3, 0.5, 0.7)


@dataclass(frozen=True, slots=True)
class Found:
    """The faces of one image, at least one.

    Args:
        faces: all of them.
        frame: height and width of the image.
    """

    faces: Sequence[Face] = field(repr=False)
    frame: tuple[int, int]

    @property
    def largest(self) -> int:
        """Index of the largest face."""
        return int(np.argmax([face.area_px for face in self.faces]))

    @property
    def central(self) -> int:
        """Index of the face nearest to the image's centre."""
        middle = np.array(self.frame[::-1]) / 2
        return int(np.argmin([np.linalg.norm(face.centre - middle) for face in self.faces]))

    @property
    def chosen(self) -> int | None:
        """Index of the face that a template is made of; None where two are about equally large and central."""
        try:
            return choose(self.faces, self.frame)
        except AcquisitionFailed:
            return None


def lines(images: int, found: Sequence[Found]) -> Iterator[str]:
    """The counts over all images, one per line."""
    counts = [len(each.faces) for each in found]
    one, two, none = counts.count(1), counts.count(2), images - len(found)
    yield f"{images} images: {one} with one face, {two} with two, {len(found) - one - two} with more, {none} with none"
    shares = np.array([second_share(each.faces, each.largest) for each in found])
    told = ", ".join(f"{share:.3g}: {np.count_nonzero(shares > share)}" for share in SHARES)
    yield f"second face with more than a share of the largest one's area: {told}"
    choices = [each.chosen for each in found]
    yield f"refused, two about as large and as central: {choices.count(None)}"
    told_doubtful = sum(
        second_share(each.faces, choice) > COMPARABLE_FROM
        for each, choice in zip(found, choices, strict=True)
        if choice is not None
    )
    yield f"described, with another comparable in size: {told_doubtful}"
    away = sum(choice not in (None, each.central) for each, choice in zip(found, choices, strict=True))
    largest = sum(each.largest != each.central for each in found)
    yield f"not the most central face is described: {away}; if it were always the largest: {largest}"


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def main(images: tuple[Path, ...]) -> None:
    """Count the second faces of each images.csv, and what becomes of them."""
    try:
        detector = FaceDetector(OnnxModel.from_bytes(load_bytes("yunet")))
        for path in images:
            rows = read_images(path, Modality.FACE)
            pictures = (decode(row.path.read_bytes()).rgb for row in rows)
            seen = [Found(detector.detect(rgb), (rgb.shape[0], rgb.shape[1])) for rgb in pictures]
            click.echo(f"{path.parent.name}:")
            for line in lines(len(rows), [each for each in seen if each.faces]):
                click.echo(f"  {line}")
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
