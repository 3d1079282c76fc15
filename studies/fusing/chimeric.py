"""`python -m studies.fusing.chimeric --face OUT --fingerprint OUT… --iris OUT --out DIR`: scores of chimeric people.

Chimeric person n combines the n-th finger, the n-th face and the n-th eye of the sets, each ordered by number of
images, most first. Every ordered pair of samples of all people is a row of DIR/scores.csv.gz: `probe,reference,mated`,
one column per comparator and one `<comparator>.quality` of the probe. A cell is empty where both samples are the same
image, which happens as some faces and eyes have fewer images than fingers. Fingers of different FVC sets are from
different sensors, so they are easier to tell apart: `--within-sets` keeps only non-mated rows within one set.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Comparator
from biometrics.errors import BiofusionError, FieldInvalid
from evaluation.data.pairs_csv import Pairs
from evaluation.data.scores import write_scores
from services.face.comparator import PairComparator
from services.fingerprint.comparator import FingerprintComparator
from services.iris.comparator import IrisComparator
from studies.fusing.chimeric_people import Column, column_of, sources_of

SAMPLES = 8
"""Samples of each person: as many as a finger has impressions in FVC2002."""

COMPARATORS: tuple[Comparator[Any], ...] = (PairComparator(), FingerprintComparator(), IrisComparator())


def columns_of(folders: Mapping[str, tuple[Path, ...]], conditions: Mapping[str, str]) -> dict[str, Column]:
    """The comparisons of each comparator, by its id.

    Args:
        folders: folders of `biofusion evaluate`, by modality in lower case.
        conditions: conditions that make templates worse, by modality in lower case.

    Raises:
        FieldInvalid: fewer than two people, or an unknown condition.
    """
    sources = {
        comparator.comparator_id: [
            source
            for number, folder in enumerate(folders[comparator.modality.lower()])
            for source in sources_of(folder, number, comparator)
        ]
        for comparator in COMPARATORS
    }
    people = min(map(len, sources.values()))
    if people < 2:
        raise FieldInvalid("OUT", "two people with a face, a finger and an eye each are needed.")
    return {
        comparator.comparator_id: column_of(
            sources[comparator.comparator_id][:people],
            SAMPLES,
            comparator,
            conditions.get(comparator.modality.lower(), ""),
        )
        for comparator in COMPARATORS
    }


def write(out: Path, columns: Mapping[str, Column], *, within_sets: bool) -> Pairs:
    """Write scores.csv.gz and samples.csv; returns the rows."""
    count = len(next(iter(columns.values())).qualities)
    person = np.arange(count) // SAMPLES
    probe, reference = np.nonzero(~np.eye(count, dtype=bool))
    if within_sets:
        set_number = np.max([each.set_number for each in columns.values()], axis=0)
        same = set_number[probe] == set_number[reference]
        probe, reference = probe[same], reference[same]
    pairs = Pairs(probe.astype(np.int32), reference.astype(np.int32), person[probe] == person[reference])
    cells: dict[str, NDArray[np.float32]] = {name: each.scores[probe, reference] for name, each in columns.items()}
    cells |= {f"{name}.quality": each.qualities[probe].astype(np.float32) for name, each in columns.items()}
    names = [f"person-{1 + number // SAMPLES}/{1 + number % SAMPLES}" for number in range(count)]
    out.mkdir(parents=True, exist_ok=True)
    write_scores(out / "scores.csv.gz", names, pairs, cells, lambda *_: None)
    with (out / "samples.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("path", "subject"), *((name, name.split("/")[0]) for name in names)])
    return pairs


FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.option("--face", multiple=True, required=True, type=FOLDER)
@click.option("--fingerprint", multiple=True, required=True, type=FOLDER)
@click.option("--iris", multiple=True, required=True, type=FOLDER)
@click.option("--fingerprint-condition", default="", help="A condition of studies/references/impression_kinds.py.")
@click.option("--iris-condition", default="", help="The same for irises.")
@click.option("--within-sets", is_flag=True, help="Non-mated rows of fingers of one set only.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False))
def main(
    face: tuple[Path, ...],
    fingerprint: tuple[Path, ...],
    iris: tuple[Path, ...],
    *,
    fingerprint_condition: str,
    iris_condition: str,
    within_sets: bool,
    out: Path,
) -> None:
    """Make chimeric people of evaluated sets, and compare everybody with everybody."""
    folders = {"face": face, "fingerprint": fingerprint, "iris": iris}
    try:
        columns = columns_of(folders, {"fingerprint": fingerprint_condition, "iris": iris_condition})
        pairs = write(out, columns, within_sets=within_sets)
    except (BiofusionError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(3)
    mated = int(np.count_nonzero(pairs.mated))
    people = len(next(iter(columns.values())).qualities) // SAMPLES
    click.echo(f"{people} chimeric people, {mated:,} mated and {len(pairs) - mated:,} non-mated rows.")
    for name, each in columns.items():
        empty = np.isnan(each.scores[pairs.probe, pairs.reference])
        click.echo(f"  {name}: {int(np.count_nonzero(empty)):,} cells empty")


if __name__ == "__main__":
    main()
