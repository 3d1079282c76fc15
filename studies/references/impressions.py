"""`python -m studies.references.impressions OUT/SET… --impressions 1 2 3`: how to use several references.

OUT/SET are folders of `biofusion evaluate` on fingerprints or, with `--modality iris`, on irises; "finger" below then
means eye. Every finger is enrolled by k consecutive impressions, starting at each impression in turn. Mated probes are
the finger's impressions that are a reference for none of the measured k; non-mated probes are all impressions of the
other fingers of the set. Sets are pooled, but nobody is compared across sets. Fingers with too few impressions are left
out. "Combined" compares with one template made of the k (irises only).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from biometrics.calibration.score_calibration import Calibration
from biometrics.errors import BiofusionError, FieldInvalid
from biometrics.template import Template
from evaluation.data.csv_rows import read_rows
from evaluation.evaluate import TEMPLATES
from evaluation.metrics.verification import equal_error_rate, error_curve, fnmr_at_fmr
from evaluation.protocol.template_cache import TemplateCache
from infra.calibrations import load_calibration
from studies.references.attempts import Attempts, attempts, combined_attempts, pooled
from studies.references.impression_kinds import FINGERPRINTS, Kind, kind_option
from studies.references.several_references import RULES, Rule, best

CLAIMED_LLR = 3.0


def fingers_of(out: Path, kind: Kind = FINGERPRINTS) -> list[list[Template]]:
    """The templates of each finger (subject and position) of an evaluated set, in order of samples.csv.

    Raises:
        FieldInvalid: the folder has no samples.csv of `biofusion evaluate`.
        ConfigurationInvalid: its templates cannot be read.
    """
    model_id, modality = kind.comparator.model_id, kind.comparator.modality
    fingers: dict[tuple[str, str], list[Template]] = {}
    rows = [fields for _, fields in read_rows(out / "samples.csv", ("path", "subject", "position"))]
    with TemplateCache(out / TEMPLATES) as cache:
        by_name = {key.split("|", 4)[4]: each for key, each in cache.items() if key.startswith(model_id + "|")}
    for row in rows:
        sample = by_name.get(row["path"])
        if sample and sample.template:
            template = Template(modality, model_id, sample.template)
            fingers.setdefault((row["subject"], row["position"]), []).append(template)
    return list(fingers.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one rule for using several references.

    Args:
        eer: equal error rate, 0–1.
        fnmr: FNMR at FMR 1e-3, 0–1; None where there are too few non-mated comparisons for that FMR.
        separation: d′ of the combined scores; not comparable between rules that combine different quantities.
        non_mated_share: share of non-mated attempts with a claimed LLR of 3 or more, 0–1; calibrated if at most 1e-3.
        mated_share: share of mated attempts with a claimed LLR of 3 or more, 0–1.
        mated_llr: mean claimed LLR of mated attempts.
    """

    eer: float
    fnmr: float | None
    separation: float
    non_mated_share: float
    mated_share: float
    mated_llr: float

    def __str__(self) -> str:
        """The figures as cells of a Markdown table; rates in %."""
        fnmr = "–" if self.fnmr is None else f"{100 * self.fnmr:.2f}"
        shares = f"{100 * self.non_mated_share:.3f} | {100 * self.mated_share:.1f}"
        return f"{100 * self.eer:.2f} | {fnmr} | {self.separation:.2f} | {shares} | {self.mated_llr:.2f}"


def figures(attempted: Attempts, rule: Rule, calibration: Calibration) -> Figures:
    """Measure one rule."""
    mated, mated_llr = rule(attempted.mated, calibration)
    non_mated, non_mated_llr = rule(attempted.non_mated, calibration)
    with np.errstate(divide="ignore", invalid="ignore"):  # LLRs at their bounds have no spread
        separation = (mated.mean() - non_mated.mean()) / np.sqrt((mated.var() + non_mated.var()) / 2)
    return Figures(
        equal_error_rate(error_curve(mated, non_mated)),
        fnmr_at_fmr(mated, non_mated, 1e-3),
        float(separation),
        float((non_mated_llr >= CLAIMED_LLR).mean()),
        float((mated_llr >= CLAIMED_LLR).mean()),
        float(mated_llr.mean()),
    )


def lines(sets: Sequence[Sequence[Sequence[Template]]], counts: Sequence[int], kind: Kind) -> Iterator[str]:
    """A table in Markdown: one line per condition, number of references and rule; rates in %."""
    calibration, widest = load_calibration(kind.comparator.comparator_id), max(counts)
    heads = "EER | FNMR at FMR 1e-3 | d′ | non-mated comparisons of LLR ≥ 3 | mated of LLR ≥ 3 | mean LLR of mated"
    yield f"| condition | k | rule | {heads} |\n{9 * '|---'}|"
    for condition in kind.conditions:
        for k in counts:
            attempted = pooled([attempts(fingers, condition, k, widest, kind) for fingers in sets])
            for name, rule in RULES.items() if k > 1 else [("one reference", best)]:
                yield f"| {condition} | {k} | {name} | {figures(attempted, rule, calibration)} |"
            if kind.combined and k > 1:
                attempted = pooled([combined_attempts(fingers, condition, k, widest, kind) for fingers in sets])
                yield f"| {condition} | {k} | combined | {figures(attempted, best, calibration)} |"


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--impressions", "-k", "counts", multiple=True, type=click.IntRange(1), default=(1, 2, 3))
@kind_option
def main(folders: tuple[Path, ...], counts: tuple[int, ...], kind: Kind) -> None:
    """Print a table, one line per condition, number of references and rule; rates in %."""
    try:
        everyone = [fingers_of(folder, kind) for folder in folders]
        sets = [[finger for finger in fingers if len(finger) > max(counts)] for fingers in everyone]
        if min(map(len, sets)) < 2:
            raise FieldInvalid("impressions", f"two fingers of every set need more than {max(counts)} impressions.")
        for line in lines(sets, counts, kind):
            click.echo(line)
    except (BiofusionError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(3)
    used, all_fingers = (sum(map(len, each)) for each in (sets, everyone))
    click.echo(f"\n{used} of {all_fingers} have more than {max(counts)} impressions.")


if __name__ == "__main__":
    main()
