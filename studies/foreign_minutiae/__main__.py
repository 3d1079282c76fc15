"""`python -m studies.foreign_minutiae SETS OUT [--folders DIR]`: error rates through records, and of a vendor's.

SETS is the folder that `python -m evaluation.datasets` wrote, OUT has what `biofusion evaluate` wrote for FVC2002.
Every pair of two images of a set is compared; signs count between two of our templates, as records have none.
`--folders` writes what the calibration of foreign minutiae is fitted on, `--worth` prints what LLRs of that calibration
and of that of our templates without signs are worth on the vendor's records, and `--choices` what other finger areas
and confidences would give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import numpy as np

from evaluation.metrics.cllr import cllr
from formats.contents import MinutiaeContent
from infra.calibrations import load_calibration
from infra.calibrations.pairs import EARLIER_COMPARATOR
from services.fingerprint.comparator import FingerprintComparator, ForeignMinutiaeComparator
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.template.features import pack
from services.fingerprint.template.foreign import from_content
from studies.foreign_minutiae.choices import lines as other_choices
from studies.foreign_minutiae.folders import COMPARATOR_ID, write_folder
from studies.foreign_minutiae.forms import FORMS
from studies.foreign_minutiae.rates import Compared, compared, joined, rates
from studies.foreign_minutiae.sets import NAMES, FvcSet, read_set

FMRS = (1e-3,)
ACROSS_FMRS = (1e-3, 1e-4)
Templates = Callable[[FvcSet], list[bytes]]


def ours(fvc: FvcSet) -> list[bytes]:
    """Our templates."""
    return list(fvc.ours)


def theirs(fvc: FvcSet) -> list[bytes]:
    """The vendor's records as they are."""
    return _packed(fvc.theirs)


def undistorted(fvc: FvcSet) -> list[bytes]:
    """The vendor's records, the stretch undone."""
    return _packed(fvc.undistorted)


def _packed(contents: tuple[MinutiaeContent, ...]) -> list[bytes]:
    return [pack(from_content(each)) for each in contents]


def kinds() -> Iterator[tuple[str, Templates, Templates]]:
    """Name, probes and references of each row."""
    yield "ours – ours", ours, ours
    for name, form in FORMS.items():
        yield f"both through {name}", *(2 * (lambda fvc, form=form: [form(each) for each in fvc.ours],))
    iso = FORMS["ISO/IEC 19794-2:2005"]
    yield "ours – through ISO/IEC 19794-2:2005", ours, lambda fvc: [iso(each) for each in fvc.ours]
    yield "theirs – theirs, as they are", theirs, theirs
    yield "theirs – ours, as they are", theirs, ours
    yield "theirs – theirs, stretch undone", undistorted, undistorted
    yield "theirs – ours, stretch undone", undistorted, ours


def row(name: str, parts: list[Compared], across: Compared) -> str:
    """One line of the table."""
    pooled = joined(parts)
    cells = [f"{100 * rates(each, ())[0].value:.2f}" for each in parts]
    cells += [str(each) for each in rates(pooled, FMRS)]
    cells += [str(each) for each in rates(across, ACROSS_FMRS)[1:]]
    for each in (pooled, across):
        cells.append(f"{each.mated.sum():,} / {(~each.mated).sum():,}")
    return f"| {name} | {' | '.join(cells)} |"


@click.command()
@click.argument("sets", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("out", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--folders", type=click.Path(path_type=Path), help="Write the folders that the calibration is fitted on.")
@click.option("--worth", is_flag=True, help="Print what LLRs are worth.")
@click.option("--choices", is_flag=True, help="Print what other choices would give.")
def main(sets: Path, out: Path, folders: Path | None, *, worth: bool, choices: bool) -> None:
    """Print the table of error rates, or do what an option says instead."""
    extractor, comparator = FingerprintExtractor.load(), ForeignMinutiaeComparator()
    all_sets = [read_set(name, sets, out, extractor) for name in NAMES]
    if folders is not None:
        for fvc in all_sets:
            write_folder(folders / fvc.name, fvc, comparator)
    else:
        printed = other_choices if choices else llr_table if worth else error_table
        for line in printed(all_sets, comparator):
            click.echo(line)


def error_table(all_sets: list[FvcSet], comparator: FingerprintComparator) -> Iterator[str]:
    """Error rates of each kind of comparison."""
    yield (
        "| probes – references | EER, %: DB1 | DB2 | DB3 | DB4 | all four | FNMR at FMR 1e-3, % | across sets: at 1e-3 "
        "| at 1e-4 | mated / non-mated | across sets |"
    )
    yield 11 * "|---" + "|"
    starts = np.cumsum([0, *(int(fvc.fingers.max()) + 1 for fvc in all_sets)])
    fingers = [fvc.fingers + start for fvc, start in zip(all_sets, starts, strict=False)]
    for name, probes, references in kinds():
        lists = [(probes(fvc), references(fvc)) for fvc in all_sets]
        parts = [compared(comparator, *each, of) for each, of in zip(lists, fingers, strict=True)]
        every, others = ([one for each in lists for one in each[side]] for side in (0, 1))
        yield row(name, parts, compared(comparator, every, others, np.concatenate(fingers)))


def llr_table(all_sets: list[FvcSet], comparator: FingerprintComparator) -> Iterator[str]:
    """Cllr, and the share of non-mated pairs at or above an LLR over what it permits, by two calibrations."""
    yield "| probes – references | calibration | Cllr | LLR ≥ 1 | ≥ 2 | ≥ 3 |"
    yield 6 * "|---" + "|"
    for name, probes, references in (each for each in kinds() if each[0].startswith("theirs")):
        pairs = joined([compared(comparator, probes(fvc), references(fvc), fvc.fingers) for fvc in all_sets])
        for comparator_id in (EARLIER_COMPARATOR, COMPARATOR_ID):
            llrs = load_calibration(comparator_id).llr(pairs.scores, np.full(pairs.scores.shape, np.nan))
            beyond = [f"{np.mean(llrs[~pairs.mated] >= llr) * 10.0**llr:.2f}" for llr in (1, 2, 3)]
            cost = cllr(llrs[pairs.mated], llrs[~pairs.mated])
            yield f"| {name} | {comparator_id} | {cost:.3f} | {' | '.join(beyond)} |"


if __name__ == "__main__":
    main()
