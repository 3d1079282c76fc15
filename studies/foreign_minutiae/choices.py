"""What the choices of `services/fingerprint/template/foreign.py` rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from biometrics.packed_templates import PackedTemplates
from formats.contents import MinutiaeContent
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.template.features import FingerFeatures, pack, unpack
from services.fingerprint.template.foreign import from_content
from services.fingerprint.template.hull import hull_mask
from studies.foreign_minutiae.forms import FORMS
from studies.foreign_minutiae.rates import compared, joined, rates
from studies.foreign_minutiae.sets import FvcSet

MARGINS_PX = (8, 16, 24, 32, 40)
CONFIDENCES = (0.3, 0.5, 0.75, 1.0)
Make = Callable[[FvcSet], list[bytes]]


def lines(sets: Sequence[FvcSet], comparator: FingerprintComparator) -> Iterator[str]:
    """One line for each choice."""

    def errors(probes: Make, references: Make) -> str:
        parts = [compared(comparator, probes(each), references(each), each.fingers) for each in sets]
        alone = ", ".join(f"{100 * rates(each, ())[0].value:.2f}" for each in parts)
        fingers = [
            replace(each, first=each.first + 10 * n, second=each.second + 10 * n) for n, each in enumerate(parts)
        ]
        eer, fnmr = rates(joined(fingers), (1e-3,))
        return f"EER {alone}; all {eer}; FNMR at FMR 1e-3 {fnmr} %"

    for name, area in _areas():
        made = _with_area(area)
        yield f"our templates through ISO/IEC 19794-2:2005, {name}: {errors(made, made)}"
    for confidence in CONFIDENCES:
        theirs = _with_confidence(confidence)
        yield f"their confidence {confidence}, with theirs: {errors(theirs, theirs)}"
        yield f"their confidence {confidence}, with ours: {errors(theirs, lambda each: list(each.ours))}"
    for fvc in sets:
        means = [_same_image(comparator, contents, fvc.ours) for contents in (fvc.theirs, fvc.undistorted)]
        yield f"{fvc.name}: mean score with our template of the same image {means[0]:.2f}, undone {means[1]:.2f}"


Area = Callable[[FingerFeatures, FingerFeatures], FingerFeatures]


def _areas() -> Iterator[tuple[str, Area]]:
    """Names, and what makes a template with that finger area of the one that was written and the one that was read."""
    for margin in MARGINS_PX:
        yield f"area with a margin of {margin} px", _hull(margin)
    yield "our area", lambda written, read: replace(read, mask=written.mask)
    yield "the whole image", lambda _, read: replace(read, mask=np.ones_like(read.mask))


def _hull(margin: int) -> Area:
    def area(_: FingerFeatures, read: FingerFeatures) -> FingerFeatures:
        x, y = (each.astype(np.float64) for each in (read.minutiae.x, read.minutiae.y))
        return replace(read, mask=hull_mask(x, y, read.width_px, read.height_px, margin))

    return area


def _with_area(area: Area) -> Make:
    form = FORMS["ISO/IEC 19794-2:2005"]
    return lambda fvc: [pack(area(unpack(each), unpack(form(each)))) for each in fvc.ours]


def _with_confidence(value: float) -> Make:
    return lambda fvc: [
        pack(from_content(replace(each, confidence=np.full(len(each), value)))) for each in fvc.undistorted
    ]


def _same_image(comparator: FingerprintComparator, contents: Sequence[MinutiaeContent], ours: Sequence[bytes]) -> float:
    theirs = [pack(from_content(each)) for each in contents]
    stacks = (comparator.stack_packed(PackedTemplates.of(each)) for each in (theirs, ours))
    return float(np.diag(comparator.compare(*stacks)).mean())
