"""`python -m evaluation.scale_and_pose IMAGES.csv…`: prints at an unstated scale or pose, against their mates."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed, BiofusionError, InvalidInput
from biometrics.quality import QualityReason
from biometrics.template import Modality, Position
from evaluation.formats import ImageRow, read_images
from infra.image import Image, decode
from services.extraction import Extraction
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.extractor import FingerprintExtractor

THRESHOLD = 0.35  # the score at FMR 1e-3 on FVC2002
GATE = 20.0  # a quality that enrolment refuses by default, and that no decision hinges on
SCALES = (0.5, 0.72, 0.8, 1.2, 1.5, 2.0)
TAGS_DPI = (400.0, 600.0)
TURNS = (180, 90, 270, 30, -30, 60, -60)

Gray = NDArray[np.uint8]
Change = Callable[[Gray, float], Image]


def changes() -> dict[str, Change]:
    """Each way to send a print, by name: grey levels and true resolution → the image that is sent."""
    sent: dict[str, Change] = {"as it is": Image, "untagged": lambda gray, _: Image(gray)}
    for factor in SCALES:
        sent[f"{factor:g} times, untagged"] = lambda gray, _, f=factor: Image(_scaled(gray, f))  # type: ignore[misc]
    for tag in TAGS_DPI:
        sent[f"500 dpi, tagged {tag:g}"] = lambda gray, dpi, t=tag: Image(gray, dpi * t / 500)  # type: ignore[misc]
        sent[f"{tag:g} dpi, tagged so"] = lambda gray, dpi, t=tag: Image(_scaled(gray, t / dpi), t)  # type: ignore[misc]
    for degrees in TURNS:
        sent[f"turned by {degrees}°"] = lambda gray, dpi, d=degrees: Image(_turned(gray, d), dpi)  # type: ignore[misc]
    return sent


def _scaled(gray: Gray, factor: float) -> Gray:
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(gray, None, fx=factor, fy=factor, interpolation=method), np.uint8)


def _turned(gray: Gray, degrees: int) -> Gray:
    """Counter-clockwise about the middle; by quarters without resampling, else on a larger ground."""
    if degrees % 90 == 0:
        return np.ascontiguousarray(np.rot90(gray, degrees // 90))
    ground = float(np.median(gray[0]))
    margin = [(int(0.25 * side),) * 2 for side in gray.shape]
    wide = np.pad(gray, margin, constant_values=round(ground))
    middle = (wide.shape[1] / 2, wide.shape[0] / 2)
    matrix = cv2.getRotationMatrix2D(middle, degrees, 1.0)
    return np.asarray(cv2.warpAffine(wide, matrix, wide.shape[::-1], borderValue=ground), np.uint8)


def outcomes(
    rows: Sequence[ImageRow], every: int, only: Sequence[str], extractor: FingerprintExtractor
) -> dict[str, Counter[str]]:
    """What becomes of every n-th image in each change, compared with the next impression of its finger as it is.

    Returns:
        By change: "matches", "misses", and among both "doubted" ones (quality under 20) and the reasons
        RESOLUTION_IMPLAUSIBLE, OFF_POSE, TURNED; "not acquired"; "of" how many.
    """
    comparator, found = FingerprintComparator(), {name: Counter[str]() for name in changes()}
    for row, mate in list(zip(rows, _mates(rows), strict=True))[::every]:
        reference = _extract(extractor, Image(_gray(mate), mate.resolution_dpi))
        for name, change in changes().items():
            if reference and (not only or name in only):
                sent = change(_gray(row), row.resolution_dpi or 500.0)
                found[name].update(_outcome(_extract(extractor, sent), reference, comparator))
    return {name: count for name, count in found.items() if count}


def _mates(rows: Sequence[ImageRow]) -> list[ImageRow]:
    """Of each image the next one of its finger, of the last the first."""
    fingers: dict[tuple[str, Position], list[ImageRow]] = {}
    for row in rows:
        fingers.setdefault((row.subject, row.position), []).append(row)
    following = {row.name: each[(k + 1) % len(each)] for each in fingers.values() for k, row in enumerate(each)}
    return [following[row.name] for row in rows]


def _gray(row: ImageRow) -> Gray:
    return decode(row.path.read_bytes()).gray


def _extract(extractor: FingerprintExtractor, image: Image) -> Extraction[Any] | None:
    try:
        return extractor.extract(image, Position.UNKNOWN)
    except (AcquisitionFailed, InvalidInput):
        return None


def _outcome(
    probe: Extraction[Any] | None, reference: Extraction[Any], comparator: FingerprintComparator
) -> Counter[str]:
    if probe is None:
        return Counter(["of", "not acquired"])
    stacks = (comparator.stack([each.template]) for each in (probe, reference))
    told = "matches" if comparator.compare(*stacks)[0, 0] >= THRESHOLD else "misses"
    doubted = [f"{told} doubted"] if probe.quality.value < GATE else []
    named = (QualityReason.RESOLUTION_IMPLAUSIBLE, QualityReason.OFF_POSE, QualityReason.TURNED)
    return Counter(["of", told, *doubted, *(str(each) for each in probe.quality.reasons if each in named)])


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--every", default=1, help="Only every n-th image.")
@click.option("--only", multiple=True, help="Only the change of this name; may be repeated.")
def main(images: tuple[Path, ...], every: int, only: tuple[str, ...]) -> None:
    """Send prints at other scales, with wrong tags and turned; print what became of them."""
    try:
        extractor = FingerprintExtractor.load()
        for path in images:
            click.echo(f"{path.parent.name}:")
            for name, count in outcomes(read_images(path, Modality.FINGERPRINT), every, only, extractor).items():
                told = ", ".join(f"{number} {what}" for what, number in sorted(count.items()) if what != "of")
                click.echo(f"  {name:24} of {count['of']}: {told}")
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
