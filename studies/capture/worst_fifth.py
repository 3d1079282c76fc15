"""`python -m studies.capture.worst_fifth OUT/SET…`: how many errors the fifth of comparisons of worst quality holds.

OUT/SET are folders of `biofusion evaluate` on fingerprints, each another sensor. As in its error versus reject, 5 %
of a set's mated comparisons fail, and a comparison has the lower quality of its two samples. Beside the shipped
quality, values are tried that are computed of templates alone: linear in up to three of their facts, with weights that
are fitted on all other sensors to the mean rank of a sample's mated scores within its sensor. Doubts are not in them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import BiofusionError
from biometrics.template import Modality, Template
from evaluation.data.csv_rows import read_rows
from evaluation.evaluate import TEMPLATES
from evaluation.metrics.rejection import curve_of
from evaluation.protocol.template_cache import Sample, TemplateCache
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.template.features import MODEL_ID, FingerFeatures, unpack

FIFTH = 0.2
DRAWS, SEED = 1000, 20261130
FACTS = ("minutiae", "spread", "placement")
RULES = {"minutiae alone": (0,), "and their spread": (0, 1), "and the placement": (0, 1, 2)}

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Sensor:
    """The samples of a sensor, and their mated comparisons.

    Args:
        shipped: float64, shape (samples,): their quality.
        facts: float64, shape (samples, 3): of each, see `facts_of`.
        pairs: shape (comparisons, 2): numbers of samples.
        scores: float64, shape (comparisons,).
        fingers: shape (comparisons,): whose comparison it is.
    """

    shipped: Floats = field(repr=False)
    facts: Floats = field(repr=False)
    pairs: Rows = field(repr=False)
    scores: Floats = field(repr=False)
    fingers: Rows = field(repr=False)


def facts_of(found: FingerFeatures) -> tuple[float, float, float]:
    """Of a template: log of the sum of confidences; log of the area of their spread, px²; placement, −0.5 to 0.

    The placement is how far the middle of the finger lies above or below that of the image, as a share of its height.
    """
    minutiae = found.minutiae
    spread = np.linalg.det(np.cov(np.stack([minutiae.x, minutiae.y]).astype(np.float64)))
    rows = np.nonzero(found.mask)[0]
    middle = (rows.mean() + 0.5) / found.mask.shape[0]
    return float(np.log(minutiae.confidence.sum())), float(np.log(max(spread, 1.0)) / 2), -abs(float(middle) - 0.5)


def share_of_errors(quality: Floats, scores: Floats) -> float:
    """Share of the errors, 0–1, among at most the fifth of comparisons of lowest quality; NaN without errors."""
    curve = curve_of(quality, scores)
    kept = 1 - float(curve.rejected[np.searchsorted(curve.rejected, FIFTH, side="right") - 1])
    return 1 - curve.at(FIFTH).fnmr * kept / float(curve.fnmr[0]) if curve.fnmr[0] else float("nan")


def limits(quality: Floats, sensor: Sensor) -> tuple[float, float]:
    """95 % interval of the share, by drawing fingers with replacement."""
    rng = np.random.default_rng(SEED)
    rows = [np.flatnonzero(sensor.fingers == finger) for finger in np.unique(sensor.fingers)]
    shares = []
    for _ in range(DRAWS):
        drawn = np.concatenate([rows[each] for each in rng.integers(len(rows), size=len(rows))])
        shares.append(share_of_errors(quality[drawn], sensor.scores[drawn]))
    low, high = np.nanquantile(shares, [0.025, 0.975])
    return float(low), float(high)


def fitted(sensors: Sequence[Sensor], columns: Sequence[int]) -> Floats:
    """Weights of these facts by least squares, each sensor counting once."""
    facts, ranks = [], []
    for sensor in sensors:
        rank = np.argsort(np.argsort(sensor.scores)) / len(sensor.scores)
        sums, counts = (np.zeros(len(sensor.facts)) for _ in range(2))
        for side in sensor.pairs.T:
            np.add.at(sums, side, rank)
            np.add.at(counts, side, 1)
        has = counts > 0
        each, mean = sensor.facts[has][:, list(columns)], sums[has] / counts[has]
        scale = 1 / np.sqrt(has.sum())
        facts.append((each - each.mean(axis=0)) * scale)
        ranks.append((mean - mean.mean()) * scale)
    return np.asarray(np.linalg.lstsq(np.concatenate(facts), np.concatenate(ranks), rcond=None)[0], np.float64)


def read(out: Path) -> Sensor:
    """The sensor of an evaluated set.

    Raises:
        FieldInvalid, ConfigurationInvalid: it is no folder of `biofusion evaluate` on fingerprints.
    """
    with TemplateCache(out / TEMPLATES) as cache:
        by_name = {key.split("|", 4)[4]: each for key, each in cache.items() if key.startswith(MODEL_ID + "|")}
    fingers: dict[tuple[str, str], list[Sample]] = {}
    for _, row in read_rows(out / "samples.csv", ("path", "subject", "position")):
        sample = by_name.get(row["path"])
        if sample and sample.template:
            fingers.setdefault((row["subject"], row["position"]), []).append(sample)
    return compared([each for each in fingers.values() if len(each) > 1])


def compared(fingers: Sequence[Sequence[Sample]]) -> Sensor:
    """Compare the samples of each finger with each other."""
    comparator = FingerprintComparator()
    pairs, scores, owners, first = [], [], [], 0
    for number, samples in enumerate(fingers):
        stack = comparator.stack([Template(Modality.FINGERPRINT, MODEL_ID, each.template) for each in samples])
        matrix = comparator.compare(stack, stack)
        chosen = np.array(list(combinations(range(len(samples)), 2)))
        pairs.append(chosen + first)
        scores.append(matrix[chosen[:, 0], chosen[:, 1]].astype(np.float64))
        owners.append(np.full(len(chosen), number))
        first += len(samples)
    every = [sample for samples in fingers for sample in samples]
    return Sensor(
        np.array([each.quality for each in every]),
        np.array([facts_of(unpack(each.template)) for each in every]),
        np.concatenate(pairs),
        np.concatenate(scores),
        np.concatenate(owners),
    )


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(folders: tuple[Path, ...]) -> None:
    """Print for each evaluated set the share of errors in the worst fifth, by the shipped quality and by others."""
    try:
        sensors = [read(folder) for folder in folders]
        for number, (folder, sensor) in enumerate(zip(folders, sensors, strict=True)):
            others = [each for other, each in enumerate(sensors) if other != number]
            values = {"shipped": sensor.shipped}
            for name, columns in RULES.items() if others else ():
                values[name] = sensor.facts[:, list(columns)] @ fitted(others, columns)
            click.echo(f"{folder.name}, {len(sensor.scores)} mated comparisons, {sensor.fingers[-1] + 1} fingers:")
            for name, value in values.items():
                quality = value[sensor.pairs].min(axis=1)
                low, high = limits(quality, sensor)
                click.echo(f"  {name:18} {share_of_errors(quality, sensor.scores):.0%} ({low:.0%}–{high:.0%})")
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
