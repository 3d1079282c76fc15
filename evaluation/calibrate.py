"""`python -m evaluation.calibrate OUT/SENSOR… --out FILE`: fit a calibration to the scores of one or more sensors.

The other options: `--comparator ID --model ID --source TEXT`.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.score_calibration import Calibration
from biometrics.calibration.sensor_check import CHECKED_RATES, SensorCheck
from biometrics.errors import BiofusionError, FieldInvalid
from evaluation.calibration.choice import chosen
from evaluation.calibration.fit import Provenance, fitted
from evaluation.calibration.left_out import (
    LLRS,
    LeftOut,
    Sensors,
    check,
    each_half,
    each_sensor,
    excess,
    measured,
    pooled,
)
from evaluation.calibration.margin import factors
from evaluation.data.csv_rows import fault, read_rows
from evaluation.data.score_table import ScoreTable
from evaluation.data.score_table_reader import read_score_table
from evaluation.data.scores import Scored


def read_sensor(folder: Path, comparator_id: str) -> Scored:
    """Read the comparisons of one sensor that gave a score.

    Subjects and qualities are read from the `samples.csv` that `biofusion evaluate` writes beside the scores. Without
    it, images that mated pairs connect are taken for one person, and no quality is known.

    Raises:
        FieldInvalid: a fault in a file, with its line.
    """
    table = read_score_table(folder / "scores.csv.gz", np.float64)
    scores = table.column(comparator_id)
    people, quality = _samples(folder / "samples.csv", table)
    made = ~np.isnan(scores)
    probe, reference = table.probe[made], table.reference[made]
    qualities = np.stack((quality[probe], quality[reference]), axis=1)
    return Scored(scores[made], table.mated[made], people[probe], people[reference], qualities)


def _samples(samples: Path, table: ScoreTable) -> tuple[NDArray[np.integer], NDArray[np.float64]]:
    """For each image the number of its subject, from 0, and its quality, NaN where unknown; shape (images,) each."""
    if not samples.is_file():
        return table.subjects(), np.full(len(table.names), np.nan)
    row_of = {row["path"]: row for _, row in read_rows(samples, ("path", "subject"))}
    for name in table.names:
        if name not in row_of:
            raise fault(samples, 1, "path", f"{name} is missing; delete the file, or evaluate again.")
    subject = np.unique([row_of[name]["subject"] for name in table.names], return_inverse=True)[1].astype(np.int64)
    return subject, np.asarray([float(row_of[name].get("quality") or np.nan) for name in table.names], np.float64)


def lines(title: str, checks: Iterable[tuple[SensorCheck, Sequence[float]]]) -> Iterator[str]:
    """A Markdown table: observed over claimed FMR, and non-mated comparisons at or above LLRs over what they permit."""
    rates = " | ".join(f"{rate:.0e}" for rate in CHECKED_RATES)
    llrs = " | ".join(f"LLR ≥ {llr:.0f}" for llr in LLRS)
    yield f"| {title} | people | mated / non-mated | {rates} | {llrs} | Cllr |"
    yield (4 + len(CHECKED_RATES) + len(LLRS)) * "|---" + "|"
    for each, beyond in checks:
        ratios = " | ".join("–" if ratio is None else f"{ratio:.2f}" for ratio in each.ratios)
        counts = f"{each.people_count} | {each.mated_count:,} / {each.non_mated_count:,}"
        yield f"| {each.name} | {counts} | {ratios} | {' | '.join(f'{x:.2f}' for x in beyond)} | {each.cllr:.4f} |"


def calibrated(sensors: Sensors, provenance: Provenance, folds: int) -> tuple[Calibration, list[str]]:
    """The calibration with its checks, and the tables that measure it on sensors and people left out of the fit."""
    choice = chosen(pooled(list(sensors.values())), folds)

    def table(title: str, parts: Iterable[LeftOut]) -> tuple[list[SensorCheck], list[str]]:
        found = measured(list(parts), lambda rest: fitted(rest, choice, provenance))
        groups = {name: [each for each in found if each[0].name == name] for name in sensors}
        checks = [check(name, each) for name, each in groups.items()]
        return checks, list(lines(title, zip(checks, map(excess, groups.values()), strict=True)))

    checks, text = table("left out" if len(sensors) > 1 else "half left out", each_sensor(sensors))
    if len(sensors) > 1:
        text += ["", *table("half of its people left out", each_half(sensors))[1]]
    text += ["", "κ: " + ", ".join(f"{name} {factor:.2f}" for name, factor in factors(sensors))]
    return replace(fitted(sensors, choice, provenance), sensors=tuple(checks)), text


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--comparator", required=True, help="Column of the scores; id of the comparator.")
@click.option("--model", required=True, help="Id of the template model.")
@click.option("--source", required=True, help="Citation of the data sets.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="JSON file to write.")
@click.option("--folds", default=5, show_default=True, type=click.IntRange(2), help="Sets of people left out once.")
def main(folders: tuple[Path, ...], *, comparator: str, model: str, source: str, out: Path, folds: int) -> None:
    """Fit a calibration on FOLDERS that `biofusion evaluate` wrote, one of each sensor."""
    values = ["--comparator", comparator, "--model", model, "--source", source, "--folds", str(folds)]
    command = shlex.join(["python", "-m", "evaluation.calibrate", *[folder.name for folder in folders], *values])
    try:
        provenance = Provenance(comparator, model, source, datetime.now(UTC).date().isoformat(), command)
        sensors = {folder.name: read_sensor(folder, comparator) for folder in folders}
        if len(sensors) < len(folders):
            raise FieldInvalid("FOLDERS", "two folders have the same name; the name identifies the sensor.")
        calibration, text = calibrated(sensors, provenance, folds)
        out.write_text(calibration.to_json(), encoding="utf-8")
    except (BiofusionError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(3)
    click.echo("\n".join([*text, "", *summary(calibration)]))


def summary(calibration: Calibration) -> Iterator[str]:
    """What was fitted, in a few lines."""
    name = calibration.family + (" and quality" if calibration.quality else "")
    yield (
        f"{calibration.comparator_id}: {name}, Cllr {calibration.cllr:.4f}, minCllr {calibration.min_cllr:.4f} "
        f"on {calibration.folds} folds; {calibration.mated_count} mated "
        f"({calibration.effective_mated_count} effective), "
        f"{calibration.non_mated_count} non-mated ({calibration.effective_non_mated_count}), "
        f"{calibration.people_count} people; margin {calibration.margin:.3f}, "
        f"LLR {calibration.llr_min:.2f} to {calibration.llr_max:.2f}, lowest FMR {calibration.lowest_fmr:.1e}."
    )
    yield from (f"  {family}: Cllr {loss:.4f}" for family, loss in calibration.cllr_by_family.items())


if __name__ == "__main__":
    main()
