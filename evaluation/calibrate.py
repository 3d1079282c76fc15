"""`python -m evaluation.calibrate SCORES.csv.gz… --comparator ID --model ID --source TEXT --out FILE`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import BiofusionError, FieldInvalid
from evaluation.fit import Provenance, fit
from evaluation.formats import Pairs, fault, read_rows
from evaluation.scores import Scored, read_scores


def pool(paths: Sequence[Path], comparator_id: str) -> Scored:
    """Read several score files as one set; subjects of different files are different people.

    Comparisons that were not made are left out. Subjects come from the `samples.csv` beside each
    file (as `biofusion evaluate` writes it); without one, images that mated pairs connect are one subject.

    Raises:
        FieldInvalid: a fault in a file, with its line.
    """
    parts: list[Scored] = []
    seen = 0
    for path in paths:
        names, pairs, scores = read_scores(path, comparator_id)
        subject = _subjects(path.parent / "samples.csv", names, pairs) + seen
        seen = int(subject.max(initial=seen - 1)) + 1
        made = ~np.isnan(scores)
        sides = (subject[side[made]] for side in (pairs.probe, pairs.reference))
        parts.append(Scored(scores[made], pairs.mated[made], *sides))
    columns = ("scores", "mated", "first", "second")
    return Scored(*(np.concatenate([getattr(part, column) for part in parts]) for column in columns))


def _subjects(samples: Path, names: Sequence[str], pairs: Pairs) -> NDArray[np.int64]:
    """A number from 0 per subject, shape (images,)."""
    if not samples.is_file():
        return _connected(len(names), pairs)
    subject_of = {fields["path"]: fields["subject"] for _, fields in read_rows(samples, ("path", "subject"))}
    for name in names:
        if name not in subject_of:
            raise fault(samples, 1, "path", f"{name} is missing; delete the file, or evaluate again.")
    return np.unique([subject_of[name] for name in names], return_inverse=True)[1].astype(np.int64)


def _connected(count: int, pairs: Pairs) -> NDArray[np.int64]:
    """Connected components of the mated pairs: each image takes the lowest number it is tied to."""
    label = np.arange(count)
    probe, reference = pairs.probe[pairs.mated], pairs.reference[pairs.mated]
    while (label[probe] != label[reference]).any():
        low = np.minimum(label[probe], label[reference])
        np.minimum.at(label, probe, low)
        np.minimum.at(label, reference, low)
    return np.unique(label, return_inverse=True)[1].astype(np.int64)


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
        if calibration.slope == 0.0:
            raise FieldInvalid("scores", f"{comparator} says nothing or the reverse: higher must mean more alike.")
        out.write_text(calibration.to_json(), encoding="utf-8")
    except (BiofusionError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(3)
    click.echo(
        f"{comparator}: {calibration.transform}, Cllr {calibration.cllr:.4f}, minCllr {calibration.min_cllr:.4f} "
        f"on {folds} folds; {calibration.mated_count} mated, {calibration.non_mated_count} non-mated, "
        f"{calibration.subject_count} subjects."
    )


if __name__ == "__main__":
    main()
