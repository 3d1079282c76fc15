"""`python -m studies.capture.contactless IMAGES.csv…`: are photographs of fingers named, and prints read?

The photographs are made from the prints (rendering/contactless.py). Of the prints, as they are and changed without
becoming photographs, only the look is taken (services/fingerprint/quality/contactless.py).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import BiofusionError
from biometrics.template import Modality, Position
from evaluation.data.images_csv import read_images
from infra.images.decode import Image, decode
from rendering.contactless import DARK_SKIN, LIGHT_SKIN, Shot, compressed, photograph, stretched
from services.fingerprint.extraction.segmentation import find_finger
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.quality.contactless import look_of

Gray = NDArray[np.uint8]
SEED = 20261130
WHITE, BLACK, WOOD, BLUE = (235.0, 235.0, 232.0), (6.0, 6.0, 8.0), (150.0, 108.0, 70.0), (60.0, 90.0, 150.0)

KINDS = {
    "on a desk": Shot(ground=WOOD, clutter=14),
    "on white paper": Shot(ground=WHITE, clutter=2, skin=LIGHT_SKIN),
    "with a flash, in the dark": Shot(ground=BLACK, clutter=1, lamp=(0, 0, 1), skin=LIGHT_SKIN),
    "dark skin, on blue cloth": Shot(skin=DARK_SKIN, ground=BLUE, clutter=8, relief=-0.1),
    "out of focus": Shot(blur=0.012, depth_blur=0.02, ground=WOOD),
    "only the pad": Shot(margin=-0.2),
    "only the pad, sharp": Shot(margin=-0.2, relief=0.25, blur=0.001, depth_blur=0.002, noise=1),
    "small, on a rough desk": Shot(width_px=220, margin=1.2, ground=WOOD, clutter=20),
    "of 1,600 px": Shot(width_px=1000, margin=0.3, ground=WHITE),
    "lit from one side": Shot(lamp=(-0.9, -0.1, 0.4), relief=0.25, ground=BLACK),
    "on its side": Shot(degrees=80, ground=(120, 125, 120)),
    "strong ridges, black box": Shot(relief=0.35, blur=0.001, depth_blur=0.003, ground=BLACK, clutter=0, noise=1),
    "green lamp": Shot(skin=(60, 150, 110), ground=BLACK),
}


def drawn(rng: np.random.Generator) -> Shot:
    """A shot with everything at random."""
    shade = rng.uniform(0, 1)
    skin = np.array(DARK_SKIN) * shade + np.array(LIGHT_SKIN) * (1 - shade) + rng.normal(0, 8, 3)
    ground = rng.uniform(5, 240) + rng.normal(0, 25, 3)
    return Shot(
        skin=(float(skin[0]), float(skin[1]), float(skin[2])),
        ground=(float(ground[0]), float(ground[1]), float(ground[2])),
        clutter=float(rng.uniform(0, 20)),
        relief=float(rng.uniform(0.05, 0.25) * rng.choice([-1, 1])),
        lamp=(float(rng.uniform(-0.8, 0.8)), float(rng.uniform(-0.8, 0.8)), 0.8),
        blur=float(rng.uniform(0.001, 0.01)),
        depth_blur=float(rng.uniform(0, 0.02)),
        width_px=int(rng.integers(180, 900)),
        margin=float(rng.uniform(-0.15, 0.8)),
        degrees=float(rng.uniform(-180, 180)),
        tilt=float(rng.uniform(0, 0.3)),
        noise=float(rng.uniform(0, 6)),
        jpeg=int(rng.integers(40, 98)),
    )


def prints(gray: Gray) -> dict[str, NDArray[np.uint8]]:
    """A print as scanners and programs also send it, by name."""
    level = gray[..., None] / 255.0
    ground = float(np.median(gray[0]))
    ramp = np.linspace(0, 40, gray.shape[1])[None, :]
    return {
        "as it is": gray,
        "inverted": 255 - gray,
        "of half the contrast": np.round(ground + (gray - ground) / 2).astype(np.uint8),
        "brighter on one side by 40 levels": np.clip(gray - 40 + ramp, 0, 255).astype(np.uint8),
        "JPEG of quality 40": compressed(np.repeat(gray[..., None], 3, 2), 40)[..., 0],
        "tinted like skin": np.round(level * LIGHT_SKIN).astype(np.uint8),
        "sepia": np.clip(level * (255, 235, 205) + (1 - level) * (45, 25, 15), 0, 255).astype(np.uint8),
        "blue ink on paper": np.clip(level * (246, 240, 224) + (1 - level) * (30, 40, 120), 0, 255).astype(np.uint8),
        "red ink on paper": np.clip(level * (246, 240, 224) + (1 - level) * (170, 30, 50), 0, 255).astype(np.uint8),
    }


def looks(grays: Iterable[Gray]) -> dict[str, Counter[str]]:
    """How often prints look like what, by their kind."""
    found: dict[str, Counter[str]] = {}
    for gray in grays:
        for name, pixels in prints(gray).items():
            found.setdefault(name, Counter())[look_of(Image(pixels)).name] += 1
    return found


def outcomes(grays: Iterable[Gray], extract: Callable[[Image], str]) -> dict[str, Counter[str]]:
    """What becomes of photographs: by kind, in colour, grey, and grey with its contrast raised.

    Args:
        grays: the prints to make them of.
        extract: names the outcome of an image.
    """
    found: dict[str, Counter[str]] = {}
    rng = np.random.default_rng(SEED)
    for gray in grays:
        for name, shot in (KINDS | {"anyhow": drawn(rng)}).items():
            colour = Image(photograph(gray, shot, rng))
            sent = {"colour": colour, "grey": Image(colour.gray), "raised": Image(stretched(colour.gray))}
            for form, image in sent.items():
                found.setdefault(f"{name}, {form}", Counter())[extract(image)] += 1
    return found


def extracting(extractor: FingerprintExtractor) -> Callable[[Image], str]:
    """Extracts, and names the outcome: a reason, or whether the quality allows a decision."""

    def extract(image: Image) -> str:
        try:
            found = extractor.extract(replace(image, resolution_dpi=None), Position.UNKNOWN)
        except BiofusionError as error:
            return error.reason
        return "doubtful" if found.quality.value <= 10 else "read"

    return extract


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--every", default=1, help="Only every n-th image.")
@click.option("--photographs", default=1, help="Photographs of every n-th of these; 0: none.")
def main(images: tuple[Path, ...], every: int, photographs: int) -> None:
    """Count what prints look like, and what becomes of photographs made of them."""
    try:
        extract = extracting(FingerprintExtractor.load())
        for path in images:
            grays = [decode(row.path.read_bytes()).gray for row in read_images(path, Modality.FINGERPRINT)[::every]]
            _show(f"{path.parent.name}, {len(grays)} prints, looks", looks(grays))
            if photographs:
                shown = [gray for gray in grays[::photographs] if find_finger(gray).mask.any()]
                _show(f"{path.parent.name}, {len(shown)} photographs of each kind", outcomes(shown, extract))
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


def _show(title: str, found: dict[str, Counter[str]]) -> None:
    click.echo(f"{title}:")
    for name, count in found.items():
        click.echo(f"  {name:36} {', '.join(f'{number} {what}' for what, number in count.most_common())}")


if __name__ == "__main__":
    main()
