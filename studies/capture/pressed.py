"""`python -m studies.capture.pressed SETS/…/images.csv…`: prints pressed otherwise, against their fingers' others.

Each print is pressed in four ways (rendering/pressed.py), by chance: pushed by up to 25 and 40 px, dry or wet or
slid, and that and pushed by up to 30 px. It is compared with every print as it is but the one that it was made of; a
mated comparison that lacks a template is an error at every threshold. Few fingers give few non-mated comparisons:
what ranks changes is the mean of several sets.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from zlib import crc32

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import BiofusionError
from biometrics.template import Template
from evaluation.metrics.verification import equal_error_rate, error_curve, fnmr_at_fmr
from infra.images.decode import Image
from rendering.pressed import Area, drawn, pushed, spoiled
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.extraction.scale import Reading, read
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.template.features import CELL_PX, RESOLUTION_DPI
from studies.capture.fingers import Finger, finger_of, image_of, print_rows
from studies.capture.small_prints import template_of

RATES = (1e-2, 1e-3)
AS_IT_IS = "as they are"
PRESSES: Mapping[str, tuple[bool, float]] = {
    "pushed by 25 px": (False, 25.0),
    "pushed by 40 px": (False, 40.0),
    "dry, wet, slid": (True, 0.0),
    "that, and pushed by 30 px": (True, 30.0),
}
"""Whether it is spoiled, and by how many px it is pushed at most."""

Gray = NDArray[np.uint8]
Rates = tuple[float, ...]


def pressed(reading: Reading, how: tuple[bool, float], seed: str) -> Gray:
    """A print pressed in one of the ways; equal seeds give equal pictures."""
    random, (is_spoiled, strength) = np.random.default_rng(crc32(seed.encode())), how
    gray = pushed(reading.gray, drawn(_area(reading), strength, random)) if strength else reading.gray
    return spoiled(gray, random) if is_spoiled else gray


def _area(reading: Reading) -> Area:
    mask = reading.area.mask
    rows, columns = np.nonzero(mask if mask.any() else ~mask)
    x, y = float(columns.mean()) + 0.5, float(rows.mean()) + 0.5
    half_width, half_height = ((int(np.ptp(each)) + 1) / 2 for each in (columns, rows))
    return CELL_PX * x, CELL_PX * y, CELL_PX * half_width, CELL_PX * half_height


def rates(fingers: Sequence[Finger], probes: Sequence[Template | None], stored: Sequence[Template | None]) -> Rates:
    """EER, and FNMR at FMR 1e-2 and 1e-3 (NaN where there are too few comparisons), of probes with the others' prints.

    Args:
        fingers: of each print.
        probes: what was made of each print, None if it was refused.
        stored: each print as it is, likewise.
    """
    comparator = FingerprintComparator()
    rows, columns = ([k for k, each in enumerate(side) if each] for side in (probes, stored))
    stacks = [comparator.stack([each for each in side if each]) for side in (probes, stored)]
    scores = np.full((len(probes), len(stored)), -np.inf)
    scores[np.ix_(rows, columns)] = comparator.compare(*stacks)
    names = np.array([f"{one} {other}" for one, other in fingers])
    same = names[:, None] == names
    mated, non_mated = scores[same & ~np.eye(len(names), dtype=np.bool_)], scores[~same]
    non_mated = non_mated[np.isfinite(non_mated)]
    fnmrs = [fnmr_at_fmr(mated, non_mated, rate) for rate in RATES]
    eer = equal_error_rate(error_curve(mated, non_mated))
    return eer, *(np.nan if each is None else each for each in fnmrs)


def told(found: Rates) -> str:
    """In one line, in percent."""
    eer, *fnmrs = ("–" if np.isnan(each) else f"{100 * each:.2f}" for each in found)
    return f"EER {eer} %, FNMR at FMR 1e-2, 1e-3: {', '.join(fnmrs)} %"


def measure(path: Path, every: int, extractor: FingerprintExtractor, tell: Callable[[str], None]) -> dict[str, Rates]:
    """The error rates of one set by the way of pressing, told one by one."""
    rows = print_rows(path, every)
    fingers, readings = [finger_of(row) for row in rows], [read(image_of(row)) for row in rows]
    stored = [template_of(extractor, Image(reading.gray, RESOLUTION_DPI)) for reading in readings]
    found = {}
    for name, how in {AS_IT_IS: None, **PRESSES}.items():
        probes = stored
        if how:
            seeds = [f"{path.parent.name} {row.path.name} {name}" for row in rows]
            pictures = [pressed(reading, how, seed) for reading, seed in zip(readings, seeds, strict=True)]
            probes = [template_of(extractor, Image(picture, RESOLUTION_DPI)) for picture in pictures]
        found[name] = rates(fingers, probes, stored)
        refused = sum(each is None for each in probes)
        tell(f"{path.parent.name}, {len(probes)} prints, {name}: {refused} refused, {told(found[name])}")
    return found


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--every", default=1, help="Only every n-th finger.")
def main(images: tuple[Path, ...], every: int) -> None:
    """Press prints otherwise and print the error rates of each set, and their means over sets."""
    try:
        extractor = FingerprintExtractor.load()
        found = [measure(path, every, extractor, click.echo) for path in images]
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)
    for name in (AS_IT_IS, *PRESSES):
        means = np.nanmean([each[name] for each in found], axis=0)
        click.echo(f"mean of {len(found)} sets, {name}: {told(tuple(means))}")


if __name__ == "__main__":
    main()
