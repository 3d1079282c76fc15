"""`python -m studies.fusing.shipped_calibration OUT/SET… --comparator ID`: do the claims of a shipped calibration hold?

OUT/SET are folders of `biofusion evaluate`. Printed of each are the observed FMRs over those that are claimed, and the
shares of non-mated comparisons that reach LLRs over what these permit: at most 1 where the claims hold. Where the
calibration was fitted on such a set too, this shows only that it still fits, e.g. after a change of extraction.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from biometrics.errors import BiofusionError
from evaluation.calibrate import lines, read_sensor
from evaluation.calibration.left_out import LeftOut, check, excess
from infra.calibrations import load_calibration


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--comparator", required=True, help="Column of the scores; id of a shipped calibration.")
def main(folders: tuple[Path, ...], comparator: str) -> None:
    """Print a table that compares what the shipped calibration claims with what is observed in FOLDERS."""
    try:
        calibration = load_calibration(comparator)
        found = [[(LeftOut(each.name, {}, read_sensor(each, comparator)), calibration)] for each in folders]
        click.echo("\n".join(lines("set", ((check(each[0][0].name, each), excess(each)) for each in found))))
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
