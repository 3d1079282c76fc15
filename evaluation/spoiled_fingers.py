"""`python -m evaluation.spoiled_fingers IMAGES.csv…`: what becomes of fingerprints that are spoiled in a known way."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Comparator
from biometrics.errors import AcquisitionFailed, BiofusionError, InvalidInput
from biometrics.quality import QualityReason
from biometrics.template import Modality, Position
from evaluation.formats import read_images
from infra.image import Image, decode
from services.extraction import Extraction, Extractor
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.features import FingerprintDetails
from services.fingerprint.prints import Prints
from services.fingerprint.resolution import resize

AS_IT_IS = "as it is"
Gray = NDArray[np.uint8]
Found = Extraction[FingerprintDetails]
MATCH = 1.0  # three times the score at FMR 1e-3 on FVC2002


def spoilings(gray: Gray, other: Gray) -> dict[str, Gray]:
    """Each way to spoil an image, and the image it gives.

    Args:
        gray: uint8, shape (height, width): one finger.
        other: the same of another finger.
    """
    return {
        AS_IT_IS: gray,
        "inverted": 255 - gray,
        "half the size": resize(gray, 0.5),
        "twice the size": resize(gray, 2.0),
        "turned by 180°": gray[::-1, ::-1],
        "mirrored": gray[:, ::-1],
        "two, touching": _side_by_side(gray, other, 0),
        "two, 48 px apart": _side_by_side(gray, other, 48),
        "smeared band of 40 px": _smeared(gray, 40),
        "blank": np.full_like(gray, round(float(np.median(gray[0])))),
    }


def _side_by_side(gray: Gray, other: Gray, gap_px: int) -> Gray:
    height = max(gray.shape[0], other.shape[0])
    ground = int(np.median(gray[0]))
    parts = [
        np.pad(each, ((0, height - each.shape[0]), (0, 0)), constant_values=int(np.median(each[0])))
        for each in (gray, other)
    ]
    return np.hstack([parts[0], np.full((height, gap_px), ground, np.uint8), parts[1]])


def _smeared(gray: Gray, width_px: int) -> Gray:
    """Without ridges in an upright band through the middle."""
    spoiled, start = gray.copy(), (gray.shape[1] - width_px) // 2
    band = slice(start, start + width_px)
    spoiled[:, band] = cv2.GaussianBlur(gray, (0, 0), 12.0)[:, band]
    return spoiled


def outcomes(
    images: Iterable[tuple[Gray, Gray, float | None]],
    extractor: Extractor[FingerprintDetails],
    comparator: Comparator[Prints],
    only: Sequence[str] = (),
) -> dict[str, Counter[str]]:
    """How often each spoiling ends how.

    Args:
        images: an image, one of another finger, and their resolution.
        extractor: of fingerprints.
        comparator: of its templates.
        only: these spoilings, and the image as it is; none means all.

    Returns:
        For each spoiling: the error's reason, else "extracted"; and of the extracted ones "matches" (at least 1.0
        against the image as it is), "inverted" (read as light ridges) and OFF_POSE.
    """
    found: dict[str, Counter[str]] = {}
    for gray, other, resolution_dpi in images:
        kept: Found | None = None
        for name, spoiled in spoilings(gray, other).items():
            if only and name not in (AS_IT_IS, *only):
                continue
            count = found.setdefault(name, Counter())
            try:
                extraction = extractor.extract(Image(np.ascontiguousarray(spoiled), resolution_dpi), Position.UNKNOWN)
            except (AcquisitionFailed, InvalidInput) as error:
                count[error.reason] += 1
                continue
            kept = kept or extraction
            count.update(_traits(extraction, kept, comparator))
    return found


def _traits(extraction: Found, kept: Found, comparator: Comparator[Prints]) -> Iterable[str]:
    yield "extracted"
    probe, reference = (comparator.stack([each.template]) for each in (extraction, kept))
    if comparator.compare(probe, reference)[0, 0] >= MATCH:
        yield "matches"
    if extraction.quality.measures["inverted"]:
        yield "inverted"
    if QualityReason.OFF_POSE in extraction.quality.reasons:
        yield str(QualityReason.OFF_POSE)


def _read(path: Path) -> list[tuple[Gray, Gray, float | None]]:
    rows = read_images(path, Modality.FINGERPRINT)
    grays = [decode(row.path.read_bytes()).gray for row in rows]
    others = [next(g for r, g in zip(rows, grays, strict=True) if r.subject != row.subject) for row in rows]
    return [(gray, other, row.resolution_dpi) for row, gray, other in zip(rows, grays, others, strict=True)]


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--only", multiple=True, help="Only the spoiling of this name; may be repeated.")
def main(images: tuple[Path, ...], only: tuple[str, ...]) -> None:
    """Spoil every fingerprint of each images.csv in every way, and print what became of them."""
    extractor, comparator = FingerprintExtractor.load(), FingerprintComparator()
    try:
        for path in images:
            click.echo(f"{path.parent.name}:")
            for name, count in outcomes(_read(path), extractor, comparator, only).items():
                click.echo(f"  {name:22} " + ", ".join(f"{number} {what}" for what, number in count.most_common()))
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
