"""`python -m evaluation.dependence OUT/SET… --modality iris`: fit rho, the dependence of several positions of a person.

OUT/SET are folders of `biofusion evaluate` in which subjects are real people. Attempts have one sample of each of two
positions: both eyes, or two fingers. Rules that combine their LLRs are compared by Cllr on folds by subject.

rho is at least the correlation of the positions' LLRs, among mated or among non-mated attempts, whichever is higher:
this correlation defines rho (biometrics/calibration/dependence.py). Cllr alone would not find it: where no attempt
errs, the plain sum has the lowest Cllr, however dependent the LLRs are. rho is higher where that lowers Cllr by enough
(calibration/choice.py). The dependence of samples of one position is fitted by `repeated_samples`.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.curves import Floats
from biometrics.calibration.dependence import of_positions
from biometrics.errors import BiofusionError, FieldInvalid
from biometrics.template import Modality
from evaluation.calibration.choice import choose
from evaluation.calibration.paired_attempts import Attempts, images_of, joined, two_positions
from evaluation.metrics.cllr import cllr, min_cllr
from evaluation.protocol.splits import by_folds
from fusion.configured import COMPARATORS
from infra.calibrations import DEPENDENCE_FORMAT, load_calibration

STEP = 0.05
RHOS = [round(STEP * number, 2) for number in range(21)]
Rule = Callable[[Floats], Floats]
"""LLRs, shape (attempts, k) → one LLR per attempt, shape (attempts,)."""

RULES: dict[str, Rule] = {
    "one sample": lambda llrs: llrs[:, 0],
    "sum": lambda llrs: llrs.sum(axis=1),
    "best, charged": lambda llrs: llrs.max(axis=1) - np.log10(llrs.shape[1]),
    "mean of LRs": lambda llrs: np.log10((10.0**llrs).mean(axis=1)),
}


def losses(attempts: Attempts, rule: Rule, folds: int) -> tuple[float, float]:
    """Mean Cllr and minCllr of a rule over folds of subjects; attempts across folds are left out.

    Raises:
        FieldInvalid: no fold has both kinds of attempt.
    """
    total = rule(attempts.llrs)
    found: list[tuple[float, float]] = []
    for each in by_folds(attempts.first, attempts.second, folds):
        mated, other = total[each.test & attempts.mated], total[each.test & ~attempts.mated]
        if mated.size and other.size:
            found.append((cllr(mated, other), min_cllr(mated, other)))
    if not found:
        raise FieldInvalid("folds", f"too few subjects for {folds} folds with both kinds of attempt.")
    return float(np.mean([loss for loss, _ in found])), float(np.mean([least for _, least in found]))


def by_rho(rho: float) -> Rule:
    """The rule by which fusion combines positions."""
    return lambda llrs: of_positions(llrs, rho).sum(axis=1)


def correlation(attempts: Attempts, chosen: NDArray[np.bool_]) -> float:
    """Correlation of the LLRs of both positions, −1 to 1; 0 where one of them does not vary."""
    pair = attempts.llrs[chosen, :2] - attempts.llrs[chosen, :2].mean(axis=0)
    spread = float(np.sqrt(np.prod((pair**2).sum(axis=0))))
    return float((pair[:, 0] * pair[:, 1]).sum() / spread) if spread > 0.0 else 0.0


def fitted_rho(attempts: Attempts, folds: int) -> float:
    """Fit rho by the rule of the module docstring, in steps of 0.05."""
    tied = max(correlation(attempts, chosen) for chosen in (attempts.mated, ~attempts.mated))
    least = round(STEP * ceil(min(tied, 1.0) / STEP - 0.1), 2)
    loss = {str(rho): losses(attempts, by_rho(rho), folds)[0] for rho in RHOS if rho >= least}
    return float(choose(loss))


def lines(attempts: Attempts, rules: Mapping[str, Rule], folds: int) -> Sequence[str]:
    """A Markdown table: Cllr, minCllr, % of non-mated attempts with an LLR of 2 or more, % of mated ones with 4."""
    text = ["| mated / other | correlation: mated, other | rule | Cllr | minCllr | others ≥ 2, % | mated ≥ 4, % |"]
    text.append(7 * "|---" + "|")
    mated, others = attempts.mated, ~attempts.mated
    head = f"| {mated.sum():,} / {others.sum():,} | " + ", ".join(
        f"{correlation(attempts, chosen):.2f}" for chosen in (mated, others)
    )
    for name, rule in rules.items():
        loss, least = losses(attempts, rule, folds)
        total = rule(attempts.llrs)
        shares = f"{100 * (total[others] >= 2).mean():.4f} | {100 * (total[mated] >= 4).mean():.1f}"
        text.append(f"{head} | {name} | {loss:.5f} | {least:.5f} | {shares} |")
    return text


def attempts_of(folders: Sequence[Path], modality: Modality) -> Attempts:
    """Attempts with two positions; sets are pooled, and nobody is compared across sets."""
    calibration = load_calibration(COMPARATORS[modality])
    parts, seen = [], 0
    for folder in folders:
        images = images_of(folder, calibration)
        made = two_positions(images)
        parts.append(Attempts(made.llrs, made.mated, made.first + seen, made.second + seen))
        seen += 1 + int(images.subject.max())
    return joined(parts)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--modality", required=True, type=click.Choice([each.lower() for each in Modality]))
@click.option("--rho", type=click.FloatRange(0.0, 1.0), help="Taken as it is in place of a fitted one.")
@click.option("--folds", default=5, show_default=True, type=click.IntRange(2), help="Sets of subjects left out once.")
@click.option("--source", default="", help="Citation of the data sets, for --out.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="JSON file to write the entry into.")
def main(
    folders: tuple[Path, ...],
    *,
    modality: str,
    rho: float | None,
    folds: int,
    source: str,
    out: Path | None,
) -> None:
    """Compare rules, fit rho, and with --out write it for fusion."""
    try:
        if out and rho is not None:
            raise FieldInvalid("out", "--out writes a fitted rho; leave --rho out.")
        attempts = attempts_of(folders, Modality(modality.upper()))
        rho = fitted_rho(attempts, folds) if rho is None else rho
        rules = {**RULES, f"by rank, rho {rho}": by_rho(rho)}
        click.echo("\n".join(lines(attempts, rules, folds)))
        if out:
            names = [folder.name for folder in folders]
            options = ["--modality", modality, "--folds", str(folds), "--source", source]
            command = shlex.join(["python", "-m", "evaluation.dependence", *names, *options])
            _write(out, modality.upper(), _entry(attempts, rules, folds) | {"rho": rho, "command": command})
    except (BiofusionError, OSError, KeyError) as error:
        click.echo(str(error), err=True)
        sys.exit(3)


def _entry(attempts: Attempts, rules: Mapping[str, Rule], folds: int) -> dict[str, object]:
    """The fitted rho with the figures it rests on, for JSON."""
    return {
        "folds": folds,
        "date": datetime.now(UTC).date().isoformat(),
        "mated_count": int(attempts.mated.sum()),
        "non_mated_count": int((~attempts.mated).sum()),
        "cllr_and_min_cllr": {name: losses(attempts, rule, folds) for name, rule in rules.items()},
    }


def _write(path: Path, modality: str, entry: dict[str, object]) -> None:
    known: dict[str, Any] = {"format": DEPENDENCE_FORMAT, "modalities": {}}
    if path.is_file():
        known = json.loads(path.read_text(encoding="utf-8"))
    known["modalities"].setdefault(modality, {})["positions"] = entry
    path.write_text(json.dumps(known, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
