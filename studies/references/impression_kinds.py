"""Fingerprints and irises as studies of impressions compare them, and the conditions that make them worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import click

from biometrics.template import Modality, Template
from services.fingerprint.comparator import FingerprintComparator
from services.iris.comparator import IrisComparator
from studies.perturbed import iris_perturbations, perturbations
from studies.perturbed.iris_perturbations import hidden, noisy
from studies.perturbed.perturbations import false, half, missing, shifted
from studies.references.combined_irises import combined

Changes = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One modality.

    Args:
        comparator: makes its comparator, which can screen.
        perturbed: applies changes to a template; the same seed gives the same result.
        conditions: by name, the changes of probes and of references.
        shares: shares of a gallery that screening passes on, 0–1.
        combined: makes one template of several; None where there is no method for that.
    """

    comparator: type[FingerprintComparator | IrisComparator]
    perturbed: Callable[[Template, Changes, int], Template]
    conditions: dict[str, tuple[Changes, Changes]]
    shares: tuple[float, ...]
    combined: Callable[[Sequence[Template]], Template] | None = None


FINGERPRINTS = Kind(
    FingerprintComparator,
    perturbations.perturbed,
    {
        "as they are": ((), ()),
        "probe: 40 % missing": ((missing(0.4),), ()),
        "probe: half": ((half,), ()),
        "probe: 4 px, 20 % false": ((shifted(4.0), false(0.2)), ()),
        "probe: all of it": ((half, missing(0.3), shifted(4.0), false(0.2)), ()),
        "both: half": ((half,), (half,)),
        "both: half, 30 % missing": ((half, missing(0.3)), (half, missing(0.3))),
    },
    (0.01, 0.02, 0.03, 0.05, 0.1),
)

IRISES = Kind(
    IrisComparator,
    iris_perturbations.perturbed,
    {
        "as they are": ((), ()),
        "probe: 40 % hidden": ((hidden(0.4),), ()),
        "probe: 60 % hidden": ((hidden(0.6),), ()),
        "probe: 25 % noise": ((noisy(0.25),), ()),
        "both: 40 % hidden": ((hidden(0.4),), (hidden(0.4),)),
        "both: 40 % hidden, 15 % noise": ((hidden(0.4), noisy(0.15)), (hidden(0.4), noisy(0.15))),
    },
    (0.001, 0.002, 0.005, 0.01, 0.02),
    combined,
)

KINDS = {Modality.FINGERPRINT: FINGERPRINTS, Modality.IRIS: IRISES}

kind_option = click.option(
    "--modality",
    "kind",
    default="fingerprint",
    show_default=True,
    type=click.Choice([each.lower() for each in KINDS]),
    callback=lambda _ctx, _param, value: KINDS[Modality(value.upper())],
    help="What the sets are of.",
)
