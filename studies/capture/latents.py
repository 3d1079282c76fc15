"""`python -m studies.capture.latents SETS/…/images.csv…`: latent prints against the other impressions of their fingers.

Of each finger its first two impressions are left on a surface (rendering/latents.py), each in another way, by chance,
and compared with all impressions as they are, but the one that a latent was made of. A latent that is not acquired
fails all its mated comparisons. Fingers are divided in two halves, every second one each: what is chosen by the first
half is judged by the other. Each latent is read once, as it is (with services/fingerprint/extraction/second_look.py),
and as it would be now, with its ground taken off if it needs that (services/fingerprint/extraction/ground.py).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import click
import numpy as np

from biometrics.errors import AcquisitionFailed, BiofusionError
from biometrics.quality import Quality
from biometrics.template import Position, Template
from evaluation.metrics.verification import equal_error_rate, error_curve, fnmr_at_fmr
from infra.images.decode import Image
from rendering.latents import drawn, latent
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.extraction.scale import read
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.template.features import RESOLUTION_DPI
from studies.capture.fingers import Finger, finger_of, image_of, print_rows
from studies.capture.small_prints import ReadOnce, template_of

LATENTS = 2  # of each finger
FMR = 1e-2
LOW_QUALITY = 40.0


class AsItIs(FingerprintExtractor):
    """The extractor, that takes no ground off."""

    def _cleared(self, image: Image) -> None:
        del image


class Once(AsItIs, ReadOnce):
    """Without the second look, too."""


@dataclass(frozen=True, slots=True)
class Left:
    """A latent and the impression that it was made of.

    Args:
        finger: whose.
        number: of the impression in its set.
        image: of the latent.
    """

    finger: Finger
    number: int
    image: Image = field(repr=False)


@dataclass(slots=True)
class Found:
    """What became of latents.

    Args:
        mated: scores, −∞ where the latent was refused.
        non_mated: scores.
        refused: how many, by reason.
        qualities: of those that were read.
    """

    mated: list[float] = field(default_factory=list)
    non_mated: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    qualities: list[Quality] = field(default_factory=list)

    def told(self) -> str:
        """In one line."""
        count = self.refused.total() + len(self.qualities)
        eer = equal_error_rate(error_curve(self.mated, self.non_mated))
        fnmr = fnmr_at_fmr(self.mated, self.non_mated, FMR)
        named = [each for each in self.qualities if each.reasons]
        low = [each for each in self.qualities if each.value < LOW_QUALITY]
        reasons = Counter(str(reason) for each in self.qualities for reason in each.reasons)
        return (
            f"{count} latents, {self.refused.total()} refused {dict(self.refused)}, {len(self.mated)} mated, "
            f"{len(self.non_mated)} non-mated, EER {100 * eer:.2f} %, FNMR at FMR {FMR:g}: "
            f"{'–' if fnmr is None else f'{100 * fnmr:.2f}'} %; quality under {LOW_QUALITY:.0f}: {len(low)}, "
            f"with a reason: {len(named)} of {len(self.qualities)} {dict(reasons.most_common())}"
        )


def impressions(path: Path, every: int) -> Iterator[tuple[Finger, Image]]:
    """The prints of every n-th finger of an images.csv, by finger."""
    for row in sorted(print_rows(path, every), key=finger_of):
        yield finger_of(row), image_of(row)


def left_by(prints: Sequence[tuple[Finger, Image]], name: str) -> list[Left]:
    """Latents of the first impressions of each finger, drawn by the set's name and the impression's number."""
    seen: Counter[Finger] = Counter()
    made = []
    for number, (finger, image) in enumerate(prints):
        seen[finger] += 1
        if seen[finger] <= LATENTS:
            random = np.random.default_rng(crc32(f"{name} {number}".encode()))
            made.append(Left(finger, number, Image(latent(read(image).gray, drawn(random), random), RESOLUTION_DPI)))
    return made


def compared(
    latents: Sequence[Left],
    extractor: FingerprintExtractor,
    fingers: Sequence[Finger],
    stored: Sequence[Template | None],
) -> Found:
    """Read latents and compare them with stored impressions, of each its finger and its template, if it has one."""
    found, comparator = Found(), FingerprintComparator()
    there = [number for number, each in enumerate(stored) if each]
    templates = [each for each in stored if each]
    for each in latents:
        mates = [n for n in there if fingers[n] == each.finger and n != each.number]
        try:
            extraction = extractor.extract(each.image, Position.UNKNOWN)
        except AcquisitionFailed as error:
            found.refused[error.reason] += 1
            found.mated += [-np.inf] * len(mates)
            continue
        found.qualities.append(extraction.quality)
        scores = dict(zip(there, comparator.compare_templates(extraction.template, templates), strict=True))
        found.mated += [float(scores[n]) for n in mates]
        found.non_mated += [float(scores[n]) for n in there if fingers[n] != each.finger]
    return found


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--every", default=1, help="Only every n-th finger.")
def main(images: tuple[Path, ...], every: int) -> None:
    """Leave prints on surfaces, and print what is read of them, and how they compare with other impressions."""
    try:
        now = FingerprintExtractor.load()
        extractors = {"read once": Once.load(), "as it is": AsItIs.load(), "as now": now}
        totals: dict[tuple[str, str], Found] = {}
        for path in images:
            prints = list(impressions(path, every))
            fingers, stored = [finger for finger, _ in prints], [template_of(now, image) for _, image in prints]
            latents, order = left_by(prints, path.parent.name), sorted(set(fingers))
            for half, name in enumerate(("chosen on", "not chosen on")):
                held = set(order[half::2])
                for look, extractor in extractors.items():
                    found = compared([each for each in latents if each.finger in held], extractor, fingers, stored)
                    click.echo(f"{path.parent.name}, {name}, {look}: {found.told()}")
                    total = totals.setdefault((name, look), Found())
                    total.mated += found.mated
                    total.non_mated += found.non_mated
                    total.refused += found.refused
                    total.qualities += found.qualities
        for (name, look), total in totals.items():
            click.echo(f"all sets, {name}, {look}: {total.told()}")
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
