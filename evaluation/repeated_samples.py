"""`python -m evaluation.repeated_samples IMAGES.csv… --modality iris`: fit the dependence of samples of one position.

Each images.csv is a set of its own. Of every finger, eye or face some captures are taken, and 16 near repeats of the
first (near_repeats.py). The curve from likeness to rho is fitted on every second person and tested on the others. Two
figures are printed for non-mated attempts with 1 to 10 samples: the share that reaches an LLR t, over the 10^−t that t
claims; and, as that share may be 0, the share above the LLR that one sample reaches in 1 % and 0.1 % of attempts, over
that 1 % and 0.1 %. `--out` writes the curve, fitted on all people, for fusion.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.curves import Floats
from biometrics.calibration.dependence import Dependence
from biometrics.errors import BiofusionError
from biometrics.template import Modality, Position, Template
from evaluation.calibration.near_repeats import NEAR_REPEATS
from evaluation.calibration.sample_likeness import CHOICES, Table, fitted, mated_llrs, non_mated_llrs
from evaluation.data.images_csv import ImageRow, read_images
from fusion.configured import COMPARATORS
from infra.calibrations import DEPENDENCE_FORMAT, load_calibration
from infra.images.decode import Image, decode
from infra.settings import Settings
from services.extraction import Extractor
from services.face import networks
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.extractor import FingerprintExtractor
from services.iris.comparator import IrisComparator
from services.iris.extractor import IrisExtractor

PARTS: dict[Modality, tuple[Callable[[], Extractor[Any]], Callable[[], Any]]] = {
    Modality.FACE: (
        lambda: networks.extractor(Settings.from_environment()),
        lambda: networks.comparator(Settings.from_environment()),
    ),
    Modality.FINGERPRINT: (FingerprintExtractor.load, FingerprintComparator),
    Modality.IRIS: (IrisExtractor.load, IrisComparator),
}
COUNTS = (1, 2, 3, 5, 10)
LLRS = (1.0, 2.0, 3.0)
RATES = (1e-2, 1e-3)


@dataclass(frozen=True, slots=True)
class Sampled:
    """One template with its set, person, source and capture, and whether the capture is unchanged."""

    sensor: int
    person: str
    source: str
    capture: int
    original: bool
    template: Template


def sampled(path: Path, sensor: int, extractor: Extractor[Any], people: int, captures: int) -> Iterator[Sampled]:
    """Templates of some captures of every source of some people, and of near repeats of the first; without failures."""
    rows = sorted(read_images(path, extractor.modality), key=lambda row: (row.subject, row.position))
    names = sorted({row.subject for row in rows})
    chosen = set(np.random.default_rng(1).permutation(names)[:people].tolist())
    for (subject, position), group in groupby(rows, key=lambda row: (row.subject, row.position)):
        for capture, row in enumerate(list(group)[:captures] if subject in chosen else []):
            for name, image in _images(row, repeated=capture == 0):
                try:
                    template = extractor.extract(image, Position.UNKNOWN).template
                except BiofusionError:
                    continue
                source = f"{sensor}/{subject}/{position}"
                yield Sampled(sensor, f"{sensor}/{subject}", source, capture, not name, template)


def _images(row: ImageRow, *, repeated: bool) -> Iterator[tuple[str, Image]]:
    image, random = decode(row.path.read_bytes()), np.random.default_rng(1)
    image = replace(image, resolution_dpi=row.resolution_dpi or image.resolution_dpi)
    yield "", image
    for name, again in NEAR_REPEATS.items() if repeated else ():
        yield name, replace(image, pixels=again(image.pixels, random))


def table_of(samples: Sequence[Sampled], modality: Modality) -> Table:
    """Compare all templates with each other."""
    comparator = PARTS[modality][1]()
    stack = comparator.stack([each.template for each in samples])
    scores = np.asarray(comparator.compare(stack, stack), np.float64)
    own = np.sqrt(np.maximum(np.diag(scores), 1e-9))
    numbers = (np.unique([getattr(s, name) for s in samples], return_inverse=True)[1] for name in ("source", "person"))
    source, person = (each.astype(np.int64) for each in numbers)
    sensor, capture = (np.asarray([getattr(s, name) for s in samples], np.int64) for name in ("sensor", "capture"))
    original = np.asarray([each.original for each in samples])
    llrs = load_calibration(comparator.comparator_id).llr(scores)
    return Table(source, person, sensor, capture, original, scores / own[:, None] / own, llrs)


def part(table: Table, chosen: NDArray[np.int64]) -> Table:
    """The table of some of the templates."""
    both = np.ix_(chosen, chosen)
    return Table(
        table.source[chosen],
        table.person[chosen],
        table.sensor[chosen],
        table.capture[chosen],
        table.original[chosen],
        table.likeness[both],
        table.llrs[both],
    )


def lines(table: Table, llr_max: float) -> list[str]:
    """The curve fitted on every second person, and the LLRs of non-mated and mated attempts of the others."""
    halves = [part(table, np.flatnonzero(table.person % 2 == half)) for half in (0, 1)]
    dependence = fitted(halves[0])
    curve = ", ".join(f"{a:.2f} → {r:.2f}" for a, r in zip(dependence.likenesses, dependence.rhos, strict=True))
    told = [
        f"rho by likeness, every second person: {curve}",
        "",
        "| another person sends | samples | attempts | " + _heads(),
    ]
    told.append("|---" * (4 + len(LLRS) + len(RATES)) + "|")
    for name, choice in CHOICES.items():
        for count in COUNTS:
            llrs = non_mated_llrs(halves[1], dependence, choice, count)
            if llrs.size:
                of_one = non_mated_llrs(halves[1], dependence, choice, 1, having=count)
                told.append(f"| {name} | {count} | {llrs.size:,} | " + _cells(llrs, of_one))
    return [*told, *_of_mated(halves[1], dependence, llr_max)]


def _of_mated(table: Table, dependence: Dependence, llr_max: float) -> list[str]:
    """A table of mated attempts by number of captures; one position never claims more than one sample may."""
    told = ["", "| people send captures | attempts | lowest 5 % | median | LLR ≥ 4, % |", 5 * "|---" + "|"]
    for count in COUNTS:
        llrs = np.minimum(mated_llrs(table, dependence, count), llr_max)
        if llrs.size:
            low, middle = np.quantile(llrs, (0.05, 0.5))
            told.append(f"| {count} | {llrs.size:,} | {low:.2f} | {middle:.2f} | {100 * np.mean(llrs >= 4):.1f} |")
    return told


def _heads() -> str:
    beside_one = (f"× one sample, at {rate:g}" for rate in RATES)
    return " | ".join([*(f"LLR ≥ {llr:g}" for llr in LLRS), *beside_one, "highest LLR"]) + " |"


def _cells(llrs: Floats, of_one: Floats) -> str:
    claims = (f"{np.mean(llrs >= llr) * 10**llr:.2f}" for llr in LLRS)
    reached = ((np.mean(llrs >= level), np.mean(of_one >= level)) for level in np.quantile(of_one, 1 - np.array(RATES)))
    return " | ".join([*claims, *(f"{several / one:.2f}" for several, one in reached), f"{llrs.max():.2f}"]) + " |"


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--modality", required=True, type=click.Choice([each.lower() for each in Modality]))
@click.option("--people", default=40, show_default=True, type=click.IntRange(4), help="Of each set, at the most.")
@click.option("--captures", default=4, show_default=True, type=click.IntRange(2), help="Of a source, at the most.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="JSON file to write the curve into.")
def main(images: tuple[Path, ...], *, modality: str, people: int, captures: int, out: Path | None) -> None:
    """Fit how far samples repeat each other, by their likeness; show that repeats gain no other person a match."""
    kind = Modality(modality.upper())
    try:
        extractor = PARTS[kind][0]()
        samples: list[Sampled] = []
        for sensor, path in enumerate(images):
            samples += sampled(path, sensor, extractor, people, captures)
            click.echo(f"{path.parent.name}: {len(samples)} templates so far", err=True)
        table = table_of(samples, kind)
        calibration = load_calibration(PARTS[kind][1]().comparator_id)
        click.echo("\n".join(lines(table, calibration.llr_max)))
        if out:
            options = ["--modality", modality, "--people", str(people), "--captures", str(captures)]
            names = [f"{path.parent.name}/{path.name}" for path in images]
            command = shlex.join(["python", "-m", "evaluation.repeated_samples", *names, *options])
            _write(out, kind, calibration.comparator_id, fitted(table), command)
    except (BiofusionError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(3)


def _write(path: Path, modality: Modality, comparator_id: str, dependence: Dependence, command: str) -> None:
    """Write the curve as the modality's, or as the comparator's if it is not the default one."""
    known: dict[str, Any] = {"format": DEPENDENCE_FORMAT, "modalities": {}}
    if path.is_file():
        known = json.loads(path.read_text(encoding="utf-8"))
    curve = [[round(value, 4) for value in values] for values in (dependence.likenesses, dependence.rhos)]
    entry = {"likenesses": curve[0], "rhos": curve[1], "command": command, "date": datetime.now(UTC).date().isoformat()}
    is_default = comparator_id == COMPARATORS[modality]
    place = known["modalities"] if is_default else known.setdefault("comparators", {})
    place.setdefault(modality if is_default else comparator_id, {})["samples"] = entry
    path.write_text(json.dumps(known, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
