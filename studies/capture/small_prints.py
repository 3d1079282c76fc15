"""`python -m studies.capture.small_prints SETS/…/images.csv…`: small prints read once, and as they are now.

Of each print a square of 192 px at 500 dpi is cut, at most 32 px from the middle of the finger, by chance; smaller
images are taken whole. The pieces are extracted as a small sensor's images: reading each once, and those that show
little once more with their ridges strengthened (services/fingerprint/extraction/second_look.py). All pairs of a set's
pieces are compared; a mated comparison that lacks a template is an error at every threshold. `--whole` cuts nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import AcquisitionFailed, BiofusionError
from biometrics.template import Position, Template
from evaluation.metrics.verification import equal_error_rate, error_curve, fnmr_at_fmr
from infra.images.decode import Image
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.extraction.network import MinutiaeNetwork
from services.fingerprint.extraction.ridge_signs import RidgeSigns
from services.fingerprint.extraction.scale import read
from services.fingerprint.extraction.segmentation import FingerArea
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.template.features import CELL_PX, RESOLUTION_DPI, Minutiae
from studies.capture.fingers import Finger, finger_of, image_of, print_rows

SIDE_PX, OFF_PX = 192, 32.0
SEED = 20261130
RATES = (1e-2, 1e-3)

Gray = NDArray[np.uint8]


class ReadOnce(FingerprintExtractor):
    """The extractor without the second look."""

    def _with_second_look(self, found: Minutiae, gray: Gray, area: FingerArea) -> Minutiae:
        del gray, area
        return found


class ReadAsNow(FingerprintExtractor):
    """The extractor; counts the images that were read twice."""

    twice = 0

    def _with_second_look(self, found: Minutiae, gray: Gray, area: FingerArea) -> Minutiae:
        self.twice += 1
        return super()._with_second_look(found, gray, area)


@dataclass(frozen=True, slots=True)
class Errors:
    """What was measured of a set of pieces.

    Args:
        refused: how many have no template.
        mated, non_mated: comparisons.
        eer: 0–1.
        fnmrs: at FMR 1e-2 and 1e-3, 0–1; None where there are too few comparisons.
    """

    refused: int
    mated: int
    non_mated: int
    eer: float
    fnmrs: tuple[float | None, ...]


def pieces(path: Path, every: int, *, whole: bool = False) -> Iterator[tuple[Finger, Image]]:
    """Finger, and piece of a print or the whole, for each print of every n-th finger of an images.csv."""
    random = np.random.default_rng(SEED)
    for row in print_rows(path, every):
        image = image_of(row)
        if not whole:
            reading = read(image)
            off = random.uniform(-OFF_PX, OFF_PX, 2)
            image = Image(piece_of(reading.gray, reading.area.mask, off), RESOLUTION_DPI)
        yield finger_of(row), image


def piece_of(gray: Gray, finger: NDArray[np.bool_], off_px: NDArray[np.float64]) -> Gray:
    """A square of an image around the middle of the finger's cells, moved down and right by `off_px`."""
    middle = (np.mean(np.nonzero(finger), axis=1) + 0.5) * CELL_PX if finger.any() else np.array(gray.shape) / 2
    top, left = (
        int(np.clip(at - SIDE_PX / 2, 0, max(0, side - SIDE_PX)))
        for at, side in zip(middle + off_px, gray.shape, strict=True)
    )
    return np.ascontiguousarray(gray[top : top + SIDE_PX, left : left + SIDE_PX])


def errors(fingers: Sequence[Finger], templates: Sequence[Template | None]) -> Errors:
    """Error rates of all pairs of pieces; of each its finger and its template, if it has one."""
    comparator, there = FingerprintComparator(), [k for k, each in enumerate(templates) if each]
    stack = comparator.stack([each for each in templates if each])
    scores, row = comparator.compare(stack, stack), {k: number for number, k in enumerate(there)}
    mated, non_mated = [], []
    for one, other in combinations(range(len(templates)), 2):
        is_made = one in row and other in row
        score = float(scores[row[one], row[other]]) if is_made else -np.inf
        if fingers[one] == fingers[other]:
            mated.append(score)
        elif is_made:
            non_mated.append(score)
    rates = tuple(fnmr_at_fmr(mated, non_mated, rate) for rate in RATES)
    eer = equal_error_rate(error_curve(mated, non_mated))
    return Errors(len(templates) - len(there), len(mated), len(non_mated), eer, rates)


def template_of(extractor: FingerprintExtractor, image: Image) -> Template | None:
    """The template of an image; None if none can be acquired."""
    try:
        return extractor.extract(image, Position.UNKNOWN).template
    except AcquisitionFailed:
        return None


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--every", default=1, help="Only every n-th finger.")
@click.option("--whole", is_flag=True, help="Take the prints as they are.")
def main(images: tuple[Path, ...], every: int, *, whole: bool) -> None:
    """Cut small prints out of prints and print the error rates with one look, and as they are read now."""
    try:
        networks = MinutiaeNetwork.load(), RidgeSigns.load()
        once, now = ReadOnce(*networks), ReadAsNow(*networks)
        for path in images:
            cut = list(pieces(path, every, whole=whole))
            fingers = [finger for finger, _ in cut]
            click.echo(f"{path.parent.name}, {len(cut)} prints of {len(set(fingers))} fingers:")
            now.twice = 0
            for name, extractor in (("read once", once), ("as now", now)):
                found = errors(fingers, [template_of(extractor, piece) for _, piece in cut])
                told = ", ".join("–" if rate is None else f"{100 * rate:.2f}" for rate in found.fnmrs)
                click.echo(
                    f"  {name}: {found.refused} refused, {found.mated} mated, {found.non_mated} non-mated, "
                    f"EER {100 * found.eer:.2f} %, FNMR at FMR 1e-2, 1e-3: {told} %"
                )
            click.echo(f"  {now.twice} of them are read twice")
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
