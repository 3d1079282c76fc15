"""Draws what two irises have in common: strips of the unrolled iris, the pupil's edge on top."""

from __future__ import annotations

from biometrics.explanation import IrisFindings
from infra.drawings.svg import FAINT, PROBE, REFERENCE, Drawing, element, group, shape_of, text

WIDTH, HEIGHT = 768, 96
MARGIN, HEAD = 24, 22
HIDDEN = "#e4e4e4"
EQUAL, DIFFERENT = "#9cc3e6", "#b34700"


def draw(found: IrisFindings) -> Drawing:
    """The drawing: both masks, and which of the compared bits differ. Columns lie below each other."""
    share = f"{found.compared_count} bits compared, {found.differing_count} differ ({found.differing_fraction:.1%})"
    strips = (
        ("Probe: what may be compared", [("probe", found.probe_mask_png, PROBE)]),
        ("Reference: what may be compared", [("reference", found.reference_mask_png, REFERENCE)]),
        (share, [("compared", found.compared_png, EQUAL), ("differing", found.differing_png, DIFFERENT)]),
    )
    parts = [_strip(HEAD + number * (HEIGHT + HEAD), said, layers) for number, (said, layers) in enumerate(strips)]
    foot = HEAD + len(strips) * (HEIGHT + HEAD)
    turned = (
        f"The probe is rotated by {found.rotation_degrees:+.1f}°. Grey: not compared. Light: equal. Dark: different."
    )
    parts.append(text(MARGIN, foot, turned, fill=FAINT))
    return Drawing(WIDTH + 2 * MARGIN, foot + MARGIN, parts)


def _strip(top: float, said: str, layers: list[tuple[str, bytes, str]]) -> str:
    ground = element("rect", width=WIDTH, height=HEIGHT, fill=HIDDEN)
    shapes = [shape_of(f"iris-{name}", png, WIDTH, HEIGHT, colour) for name, png, colour in layers]
    return text(MARGIN, top - 6, said) + group([ground, *shapes], transform=f"translate({MARGIN} {top:g})")
