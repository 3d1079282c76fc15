"""What a comparison found, as it is shown: in px at 500 dpi, y downwards."""

from __future__ import annotations

from math import atan2, degrees

import numpy as np

from biometrics.explanation import (
    Explained,
    FingerprintFindings,
    MinutiaPair,
    PrintContent,
    PrintMinutia,
    PrintMotion,
    Terms,
)
from biometrics.rasters import one_bit_png
from services.fingerprint.comparison.explanation import Pairing, Pairs
from services.fingerprint.template.arrays import Motion
from services.fingerprint.template.features import FingerFeatures


def explained(found: Pairing, probe: FingerFeatures, reference: FingerFeatures) -> Explained:
    """The score of two prints with what it is made of."""
    findings = FingerprintFindings(
        _content(probe),
        _content(reference),
        _strongest_first(found.pairs),
        _strongest_first(found.similar),
        _shown(found.motion) if found.motion else None,
        found.local,
        found.geometric,
        *found.common,
    )
    return Explained(found.score, _terms(found) if found.motion else (), findings)


def _terms(found: Pairing) -> Terms:
    """The parts of the score; without signs there are no alike pairs."""
    alike = (("alike pairs", found.likeness_of_pairs),) if found.pairs.likeness is not None else ()
    return ("likeness", found.likeness), *alike, ("chance", -found.chance)


def _content(features: FingerFeatures) -> PrintContent:
    found = features.minutiae
    columns = found.x, found.y, np.degrees(found.angle.astype(np.float64)), found.bifurcation, found.confidence
    rows = zip(*(each.tolist() for each in columns), strict=True)
    minutiae = tuple(PrintMinutia(int(x), int(y), *rest) for x, y, *rest in rows)
    return PrintContent(features.width_px, features.height_px, one_bit_png(features.mask), minutiae)


def _strongest_first(pairs: Pairs) -> tuple[MinutiaPair, ...]:
    ordered = pairs.ordered(np.argsort(-pairs.weight, kind="stable"))
    columns = [column.tolist() for column in ordered if column is not None]
    return tuple(MinutiaPair(*each) for each in zip(*columns, strict=True))


def _shown(motion: Motion) -> PrintMotion:
    """The motion of arrays whose y is upward."""
    c, s, right, up = motion
    return PrintMotion(degrees(atan2(s, c)), right, -up)
