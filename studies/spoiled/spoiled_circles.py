"""`python -m studies.spoiled.spoiled_circles IMAGES.csv…`: are pupil and limbus found in eyes changed in known ways?

The circles found in an unchanged image count as known if they are not in doubt. Each changed image then gives: refused
(with its reason), wrong (pupil or limbus off by a quarter or a fifth of its radius, centre and radius together) or
right; and, compared with other unchanged images of the same eye, how many score under MATCH.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click
import cv2
import numpy as np

from biometrics.errors import AcquisitionFailed, BiofusionError, InvalidInput
from biometrics.template import Modality, Position, Template
from evaluation.data.images_csv import ImageRow, read_images
from infra.images.decode import Image, decode
from services.extraction import Extraction
from services.iris.comparator import IrisComparator
from services.iris.details import IrisDetails
from services.iris.extractor import IrisExtractor
from services.iris.localisation.gaze import View
from services.iris.segmentation.circles import Circle
from studies.spoiled.known_eyes import Changed, Known
from studies.spoiled.other_cameras import CHANGES

MATCH = 1.6  # the score of iris-hamming-2 at FMR 1e-3 on CASIA-Iris-Interval, rounded up; kept, to compare with it
WRONG_PUPIL, WRONG_LIMBUS = 0.25, 0.2  # radii
MATES = 4  # most other images of the eye that each is compared with


class _Eye(NamedTuple):
    """An unchanged image, its circles, and templates of other images of the same eye."""

    known: Known
    mates: list[Template]


def eyes(rows: Sequence[ImageRow], extractor: IrisExtractor, every: int) -> Iterator[_Eye]:
    """Every so manieth image whose circles are not in doubt, with templates of the images after it."""
    by_eye: dict[tuple[str, Position], list[ImageRow]] = {}
    for row in rows:
        by_eye.setdefault((row.subject, row.position), []).append(row)
    for place, row in enumerate(rows):
        if place % every:
            continue
        found = _extracted(decode(row.path.read_bytes()), extractor)
        if isinstance(found, str) or not found.details.view.frontal:
            continue
        others = [each for each in by_eye[row.subject, row.position] if each is not row]
        begin = place % max(len(others), 1)
        tried = [_extracted(decode(o.path.read_bytes()), extractor) for o in (others * 2)[begin : begin + MATES]]
        yield _Eye(_known(row, found.details), [each.template for each in tried if not isinstance(each, str)])


def _known(row: ImageRow, details: IrisDetails) -> Known:
    gray = decode(row.path.read_bytes()).gray
    opening = np.zeros(gray.shape, np.uint8)
    if len(details.opening):
        cv2.fillPoly(opening, [np.rint(details.opening).astype(np.int32)], 1)
    return Known(gray, details.pupil, details.limbus, opening > 0)


def _extracted(image: Image, extractor: IrisExtractor) -> Extraction[IrisDetails] | str:
    try:
        return extractor.extract(image, Position.UNKNOWN)
    except (AcquisitionFailed, InvalidInput) as error:
        return error.reason


def count(eye: _Eye, changed: Changed, extractor: IrisExtractor, comparator: IrisComparator) -> Counter[str]:
    """What becomes of one changed image."""
    found = _extracted(Image(changed.gray), extractor)
    if isinstance(found, str):
        return Counter({"refused": 1, found: 1, "under": len(eye.mates), "mated": len(eye.mates)})
    details = found.details
    wrong = not are_right(details.pupil, details.limbus, details.view, changed, eye.known)
    scores = comparator.compare_templates(found.template, eye.mates) if eye.mates else np.zeros(0)
    return Counter(
        {"wrong": int(wrong), "right": int(not wrong), "under": int(np.sum(scores < MATCH)), "mated": len(eye.mates)}
    )


def are_right(pupil: Circle, limbus: Circle, view: View, changed: Changed, known: Known) -> bool:
    """Whether circles found in a changed image are those that are known, within WRONG_PUPIL and WRONG_LIMBUS."""
    off = _off(pupil, view, changed.moved(known.pupil)), _off(limbus, view, changed.moved(known.limbus))
    return off[0] <= WRONG_PUPIL and off[1] <= WRONG_LIMBUS


def _off(found: Circle, view: View, known: Circle) -> float:
    x, y = view.to_image(*np.array([[found.x], [found.y]], np.float32))
    return float(np.hypot(x[0] - known.x, y[0] - known.y) + abs(found.radius - known.radius)) / known.radius


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--every", default=8, show_default=True, help="Change every so manieth image.")
def main(images: tuple[Path, ...], every: int) -> None:
    """Change images of each images.csv in every way, and print what became of them."""
    try:
        extractor, comparator = IrisExtractor.load(), IrisComparator()
        for path in images:
            found: dict[str, Counter[str]] = {name: Counter() for name in CHANGES}
            for eye in eyes(read_images(path, Modality.IRIS), extractor, every):
                for name, change in CHANGES.items():
                    found[name] += count(eye, change(eye.known), extractor, comparator)
            click.echo(f"{path.parent.name}: right / wrong / refused; mated under {MATCH}")
            for name, each in (found | {"all": sum(found.values(), Counter())}).items():
                reasons = ", ".join(f"{n} {what}" for what, n in each.most_common() if what.isupper())
                click.echo(
                    f"  {name:32} {each['right']:5} {each['wrong']:5} {each['refused']:5}  "
                    f"{each['under']:5} of {each['mated']:5}  {reasons}"
                )
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
