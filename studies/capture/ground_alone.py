"""`python -m studies.capture.ground_alone [--portraits FACES/images.csv] [SETS/…/images.csv…]`: what must not change.

Of images without a finger — surfaces (rendering/grounds.py), noise (specks of 1–8 px, bands of periods of 7–11 px) and
portraits — how many are read with the ground taken off that are not read as they are; and of how many prints the
template is one that was read so. Portraits are tried past the check that refuses photographs, too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import click
import cv2
import numpy as np

from biometrics.errors import AcquisitionFailed, BiofusionError
from biometrics.quality import QualityReason
from biometrics.template import Modality, Position
from evaluation.data.images_csv import read_images
from infra.images.decode import Image, decode
from rendering.grounds import Ground, ground
from services.extraction import Extraction
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.extraction.windows import Floats
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.template.features import RESOLUTION_DPI
from studies.capture.latents import impressions

SEED = 20261201
SHAPE = (400, 350)
EACH = 20  # surfaces of a kind, and noises of a size
PORTRAITS = 200

Extract = Callable[[Image], Extraction[FingerprintDetails]]


def surfaces(random: np.random.Generator) -> Iterator[Image]:
    """Grounds of every kind with a pattern, under noise of a camera."""
    for kind in list(Ground)[1:]:
        for _ in range(EACH):
            grain = random.uniform(3, 20) * random.standard_normal(SHAPE)
            yield _image(random.uniform(5, 35) * ground(kind, SHAPE, random) + grain)


def noises(random: np.random.Generator) -> Iterator[Image]:
    """Specks, and waves of about one period in all directions, of a standard deviation of 50."""
    frequency = np.hypot(*np.meshgrid(*map(np.fft.fftfreq, SHAPE), indexing="ij"))
    for number in range(EACH):
        grain = random.standard_normal(SHAPE).astype(np.float32)
        yield _image(_evened(np.asarray(cv2.GaussianBlur(grain, (0, 0), (1 + number % 8) / 2), np.float32)))
        band = np.abs(frequency - 1 / (7 + number % 5)) < random.uniform(0.01, 0.03)
        yield _image(_evened(np.fft.ifft2(np.fft.fft2(grain) * band).real))


def portraits(path: Path) -> Iterator[Image]:
    """The first portrait of each of 200 persons."""
    first = {row.subject: row.path for row in reversed(read_images(path, Modality.FACE))}
    for each in sorted(first.values())[:PORTRAITS]:
        yield decode(each.read_bytes())


def told(name: str, images: Iterable[Image], extract: Extract) -> str:
    """How many are read, and of how many of those the ground was taken off, in one line."""
    count, found = 0, []
    for image in images:
        count += 1
        with suppress(AcquisitionFailed):
            found.append(extract(image))
    taken_off = sum(QualityReason.OCCLUDED in each.quality.reasons for each in found)
    return f"{name}: {count} images, {len(found)} read, {taken_off} of them with the ground taken off"


@click.command()
@click.argument("images", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--every", default=1, help="Only every n-th finger of prints.")
@click.option("--portraits", "faces", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def main(images: tuple[Path, ...], every: int, faces: Path | None) -> None:
    """Count images without a finger that are read, and prints whose template changes by taking the ground off."""
    try:
        extractor = FingerprintExtractor.load()
        extract = partial(extractor.extract, position=Position.UNKNOWN)
        for path in images:
            click.echo(told(path.parent.name, (image for _, image in impressions(path, every)), extract))
        if not images:
            click.echo(told("surfaces", surfaces(np.random.default_rng(SEED)), extract))
            click.echo(told("noise", noises(np.random.default_rng(SEED)), extract))
        if faces:
            unchecked = partial(extractor._extract, is_surely_print=True)  # noqa: SLF001 - past the check of photographs
            click.echo(told("portraits", portraits(faces), extract))
            click.echo(told("portraits, unchecked", portraits(faces), unchecked))
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


def _image(pattern: Floats) -> Image:
    return Image(np.clip(150 + pattern, 0, 255).astype(np.uint8), RESOLUTION_DPI)


def _evened(noise: Floats) -> Floats:
    return np.asarray(50 * noise / noise.std(), np.float32)


if __name__ == "__main__":
    main()
