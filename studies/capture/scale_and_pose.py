"""`python -m studies.capture.scale_and_pose IMAGES.csv…`: estimating scale and pose of prints that state neither.

Minutiae are not extracted. An estimate counts as right within the difference that the comparator tolerates between two
prints (docs/decisions/0019-print-scale-and-pose.md).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from math import log
from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import BiofusionError
from biometrics.template import Modality
from evaluation.data.images_csv import read_images
from infra.images.decode import Image, decode
from services.fingerprint.extraction.pose import find_pose
from services.fingerprint.extraction.scale import read

SCALES = (0.5, 0.72, 0.8, 1.2, 1.5, 2.0)
TAGS_DPI = (400.0, 600.0)
TURNS = (180, 90, 270, 30, -30, 60, -60)
BORNE_RATIO, BORNE_DEGREES = 1.12, 60

Gray = NDArray[np.uint8]
Dpi = tuple[float, float]  # across and downwards


def changes(gray: Gray, dpi: float) -> dict[str, tuple[Image, Dpi, int]]:
    """Each changed version of an upright print, by name: the image, its true resolution, and its rotation in degrees.

    Args:
        gray: the print.
        dpi: its true resolution.
    """
    sent = {"as it is": (Image(gray, dpi), (dpi, dpi), 0), "untagged": (Image(gray), (dpi, dpi), 0)}
    at_500 = _scaled(gray, 500 / dpi)
    for factor in SCALES:
        sent[f"{500 * factor:g} dpi, untagged"] = Image(_scaled(at_500, factor)), (500 * factor, 500 * factor), 0
    for tag in TAGS_DPI:
        sent[f"{tag:g} dpi, tagged so"] = Image(_scaled(at_500, tag / 500), tag), (tag, tag), 0
        sent[f"500 dpi, tagged {tag:g}"] = Image(at_500, tag), (500.0, 500.0), 0
    sent["500 × 1000 dpi, tagged so"] = Image(at_500.repeat(2, axis=0), 500.0, 1000.0), (500.0, 1000.0), 0
    sent["500 dpi, tagged 500 × 1000"] = Image(at_500, 500.0, 1000.0), (500.0, 500.0), 0
    sent["500 × 1000 dpi, untagged"] = Image(at_500.repeat(2, axis=0)), (500.0, 1000.0), 0
    for degrees in TURNS:
        sent[f"turned by {degrees}°"] = Image(_turned(gray, degrees), dpi), (dpi, dpi), degrees
    return sent


def _scaled(gray: Gray, factor: float) -> Gray:
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(gray, None, fx=factor, fy=factor, interpolation=method), np.uint8)


def _turned(gray: Gray, degrees: int) -> Gray:
    """Turned counter-clockwise about the middle; by multiples of 90° without resampling, else on a larger area."""
    if degrees % 90 == 0:
        return np.ascontiguousarray(np.rot90(gray, degrees // 90))
    ground = float(np.median(gray[0]))
    wide = np.pad(gray, [(side // 4, side // 4) for side in gray.shape], constant_values=round(ground))
    height, width = wide.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(wide, matrix, (width, height), borderValue=ground), np.uint8)


def outcomes(images: Iterable[tuple[Gray, float]], only: Sequence[str] = ()) -> dict[str, Counter[str]]:
    """Count how scale and pose of the prints are read under each change.

    Args:
        images: grey levels and true resolution of upright prints.
        only: these changes; none means all.

    Returns:
        By change, the number of prints "right" or "wrong" (with ", doubted" where scale or pose is doubted), the number
        "turned", and the number with each resolution source. Right means a scale within 12 % and a pose within 60°.
    """
    found: dict[str, Counter[str]] = {}
    for gray, dpi in images:
        for name, change in changes(gray, dpi).items():
            if not only or name in only:
                found.setdefault(name, Counter()).update(_outcome(*change))
    return found


def _outcome(sent: Image, true_dpi: Dpi, degrees: int) -> list[str]:
    reading = read(sent)
    pose = find_pose(reading.area)
    used_dpi = reading.resolution.horizontal_dpi, reading.resolution.vertical_dpi
    is_scaled = all(abs(log(used / true)) <= log(BORNE_RATIO) for used, true in zip(used_dpi, true_dpi, strict=True))
    is_upright = abs((degrees + pose.turned_degrees + 180) % 360 - 180) <= BORNE_DEGREES
    is_doubted = reading.is_doubtful or pose.is_doubtful
    told = ("right" if is_scaled and is_upright else "wrong") + (", doubted" if is_doubted else "")
    return [told, str(reading.resolution.source), *(["turned"] if pose.turned_degrees else [])]


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--every", default=1, help="Only every n-th image.")
@click.option("--only", multiple=True, help="Only the change of this name; may be repeated.")
def main(images: tuple[Path, ...], every: int, only: tuple[str, ...]) -> None:
    """Send upright prints at other scales, with wrong tags and turned; print how many are read right."""
    try:
        for path in images:
            rows = read_images(path, Modality.FINGERPRINT)[::every]
            prints = ((decode(row.path.read_bytes()).gray, row.resolution_dpi or 500.0) for row in rows)
            click.echo(f"{path.parent.name}, {len(rows)} prints:")
            for name, count in outcomes(prints, only).items():
                told = ", ".join(f"{number} {what}" for what, number in sorted(count.items()))
                click.echo(f"  {name:27} {told}")
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
