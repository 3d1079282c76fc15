"""`python -m studies.slaps IMAGES.csv…`: slaps composed of a set's prints, and what becomes of them."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from pathlib import Path

import click
import numpy as np

from biometrics.template import Modality
from evaluation.data.images_csv import read_images
from infra.images.decode import Image, decode
from services.fingerprint.extraction.resolution import scale_to_500_dpi, told_resolution
from studies.slaps.drawing import SITUATIONS, Gray, draw
from studies.slaps.judging import RIGHT, SHORT, WRONG, judge
from studies.slaps.matching import Scores


def read_prints(path: Path) -> dict[str, list[Gray]]:
    """The impressions of each finger of a set, at 500 dpi."""
    prints: dict[str, list[Gray]] = defaultdict(list)
    for row in read_images(path, Modality.FINGERPRINT):
        image = Image(decode(row.path.read_bytes()).gray, row.resolution_dpi)
        prints[row.subject].append(scale_to_500_dpi(image.gray, told_resolution(image)))
    return dict(prints)


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--count", default=1000, show_default=True, help="Slaps of each situation.")
@click.option("--only", multiple=True, type=click.Choice(SITUATIONS), help="Only this situation; may be repeated.")
@click.option("--seed", default=0, show_default=True)
@click.option("--match", is_flag=True, help="Also compare what is cut out with other impressions of the finger.")
def main(images: tuple[Path, ...], count: int, only: tuple[str, ...], seed: int, *, match: bool) -> None:
    """Compose slaps of each set's prints, segment them, and print what became of them."""
    for path in images:
        click.echo(f"{path.parent.name}:")
        prints = read_prints(path)
        for situation in only or SITUATIONS:
            _study(prints, situation, count, seed, Scores(prints) if match else None)


def _study(prints: dict[str, list[Gray]], situation: str, count: int, seed: int, scores: Scores | None) -> None:
    outcomes: Counter[str] = Counter()
    seconds = []
    for number in range(count):
        drawn = draw(prints, situation, np.random.default_rng([seed, number]))
        begin = time.thread_time()
        outcome, found = judge(drawn)
        seconds.append(time.thread_time() - begin)
        outcomes[outcome] += 1
        if outcome == WRONG and drawn.truth:
            click.echo(f"    wrong: {situation} {number}")
        if scores and found and outcome in (RIGHT, SHORT):
            scores.add(drawn, found)
    told = ", ".join(f"{outcomes[key]} {key}" for key in (RIGHT, SHORT, WRONG))
    refused = ", ".join(f"{number} {key}" for key, number in outcomes.most_common() if key.startswith("SLAP"))
    click.echo(f"  {situation:28} {told}; refused: {refused or 'none'}; {1000 * np.median(seconds):.0f} ms")
    if scores:
        click.echo(f"    {scores}")


if __name__ == "__main__":
    main()
