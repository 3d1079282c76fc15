"""`python -m evaluation.calibrate SCORES.csv.gz… --comparator ID --model ID --source TEXT --out FILE`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import BiofusionError
from evaluation.fit import Provenance, fit
from evaluation.formats import Pairs, connected, fault, read_rows
from evaluation.scores import Scored, read_scores


def pool(paths: Sequence[Path], comparator_id: str) -> Scored:
    """Read several score files as one set; subjects of different files are different people.

    Comparisons that were not made are left out. Subjects come from the `samples.csv` beside each
    file (as `biofusion evaluate` writes it), and so do qualities; without one, images that mated pairs connect are
    one subject, and no quality is known.

    Raises:
        FieldInvalid: a fault in a file, with its line.
    """
    parts: list[Scored] = []
    seen = 0
    for path in paths:
        names, pairs, scores = read_scores(path, comparator_id)
        subject, quality = _samples(path.parent / "samples.csv", names, pairs)
        subject += seen
        seen = int(subject.max(initial=seen - 1)) + 1
        made = ~np.isnan(scores)
        probe, reference = pairs.probe[made], pairs.reference[made]
        qualities = np.stack((quality[probe], quality[reference]), axis=1)
        parts.append(Scored(scores[made], pairs.mated[made], subject[probe], subject[reference], qualities))
    return Scored(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Scored)))


def _samples(samples: Path, names: Sequence[str], pairs: Pairs) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """A number from 0 per subject, and the quality or NaN, of each image; shape (images,) each."""
    if not samples.is_file():
        mated = pairs.mated
        return connected(len(names), pairs.probe[mated], pairs.reference[mated]), np.full(len(names), np.nan)
    row_of = {row["path"]: row for _, row in read_rows(samples, ("path", "subject"))}
    for name in names:
        if name not in row_of:
            raise fault(samples, 1, "path", f"{name} is missing; delete the file, or evaluate again.")
    subject = np.unique([row_of[name]["subject"] for name in names], return_inverse=True)[1].astype(np.int64)
    return subject, np.asarray([float(row_of[name].get("quality") or np.nan) for name in names], np.float64)


@click.command()
@click.argument("scores", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--comparator", required=True, help="Column of the scores; id of the comparator.")
@click.option("--model", required=True, help="Id of the template model.")
@click.option("--source", required=True, help="Citation of the data set.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="JSON file to write.")
@click.option("--folds", default=5, show_default=True, type=click.IntRange(2), help="Sets of subjects left out once.")
def main(scores: tuple[Path, ...], *, comparator: str, model: str, source: str, out: Path, folds: int) -> None:
    """Fit a calibration on score files that `biofusion evaluate` wrote; several are pooled, not crossed."""
    names = [f"{path.parent.name}/{path.name}" for path in scores]
    values = ["--comparator", comparator, "--model", model, "--source", source, "--folds", str(folds)]
    command = shlex.join(["python", "-m", "evaluation.calibrate", *names, *values])
    try:
        provenance = Provenance(comparator, model, source, datetime.now(UTC).date().isoformat(), command)
        calibration = fit(pool(scores, comparator), provenance, folds)
        out.write_text(calibration.to_json(), encoding="utf-8")
    except (BiofusionError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(3)
    chosen = calibration.family + (" and quality" if calibration.quality else "")
    click.echo(
        f"{comparator}: {chosen}, Cllr {calibration.cllr:.4f}, minCllr {calibration.min_cllr:.4f} "
        f"on {folds} folds; {calibration.mated_count} mated, {calibration.non_mated_count} non-mated, "
        f"{calibration.subject_count} subjects."
    )
    for family, loss in calibration.cllr_by_family.items():
        click.echo(f"  {family}: Cllr {loss:.4f}")


if __name__ == "__main__":
    main()
