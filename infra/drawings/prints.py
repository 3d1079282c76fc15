"""Draws what two fingerprints have in common.

1. Probe and reference side by side, at one scale: the finger area, unpaired minutiae small and grey.
2. Paired minutiae share a number, the best pair being 1, and a line joins them. An ending is a circle, a bifurcation a
   square; a tick shows the direction.
3. Beside them the probe laid over the reference, if they could be aligned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import cos, radians, sin

from biometrics.explanation import FingerprintFindings, PrintContent, PrintMinutia, PrintMotion
from infra.drawings.svg import FAINT, PROBE, REFERENCE, Drawing, element, group, shape_of, text

CELL_PX, MARGIN, HEAD = 16, 24, 22
TICK, RADIUS = 12.0, 4.0
AREA = "#eef1f4"


def draw(found: FingerprintFindings) -> Drawing:
    """The drawing, one unit per px at 500 dpi."""
    sides = (("Probe", PROBE, found.probe), ("Reference", REFERENCE, found.reference))
    numbers = (
        {pair.probe_index: number for number, pair in enumerate(found.pairs, 1)},
        {pair.reference_index: number for number, pair in enumerate(found.pairs, 1)},
    )
    left, parts = float(MARGIN), list[str]()
    tallest = float(max(content.height_px for _, _, content in sides))
    corners: list[float] = []
    for (name, colour, content), numbered in zip(sides, numbers, strict=True):
        said = f"{name}: {len(content.minutiae)} minutiae, {len(numbered)} paired"
        parts.append(_panel(left, said, [_area(name, content), *_minutiae(content, numbered, colour)]))
        corners.append(left)
        left += content.width_px + MARGIN
    parts.append(_links(found, corners))
    if found.motion:
        above = _overlay(found, found.motion, numbers)
        parts.append(_panel(left, "Laid over each other", above.parts))
        left += above.width + MARGIN
        tallest = max(tallest, above.height)
    return Drawing(left, HEAD + tallest + MARGIN, parts)


def _panel(left: float, said: str, parts: Iterable[str]) -> str:
    return text(left, HEAD - 8, said) + group(parts, transform=f"translate({left:g} {HEAD})")


def _area(name: str, content: PrintContent) -> str:
    columns, rows = -(-content.width_px // CELL_PX), -(-content.height_px // CELL_PX)
    return shape_of(f"area-{name.lower()}", content.area_png, columns * CELL_PX, rows * CELL_PX, AREA)


def _minutiae(content: PrintContent, numbered: Mapping[int, int], colour: str) -> list[str]:
    """Unpaired ones first, so that the paired ones lie above them."""
    found = enumerate(content.minutiae)
    placed = sorted(((numbered.get(index, 0), each) for index, each in found), key=lambda each: each[0] > 0)
    return [
        _minutia(each, colour, *_number(each, number)) if number else _minutia(each, FAINT, is_paired=False)
        for number, each in placed
    ]


def _minutia(minutia: PrintMinutia, colour: str, *others: str, is_paired: bool = True) -> str:
    radius, reach, stroke = (RADIUS, TICK, 1.5) if is_paired else (RADIUS / 2, TICK / 2, 0.8)
    angle, x, y = radians(minutia.angle_degrees), minutia.x_px, minutia.y_px
    tick = element("line", x1=x, y1=y, x2=x + reach * cos(angle), y2=y - reach * sin(angle))
    if minutia.is_bifurcation:
        sign = element("rect", x=x - radius, y=y - radius, width=2 * radius, height=2 * radius)
    else:
        sign = element("circle", cx=x, cy=y, r=radius)
    return group((sign, tick, *others), stroke=colour, stroke_width=stroke, fill="none")


def _number(minutia: PrintMinutia, number: int) -> tuple[str]:
    return (text(minutia.x_px + 5, minutia.y_px - 5, str(number), font_size=9, stroke="none"),)


def _links(found: FingerprintFindings, corners: Sequence[float]) -> str:
    lines = []
    for pair in found.pairs:
        one, other = found.probe.minutiae[pair.probe_index], found.reference.minutiae[pair.reference_index]
        start = {"x1": corners[0] + one.x_px, "y1": HEAD + one.y_px}
        end = {"x2": corners[1] + other.x_px, "y2": HEAD + other.y_px}
        lines.append(element("line", **start, **end, stroke_width=0.3 + 1.2 * pair.weight))
    return group(lines, stroke=FAINT, stroke_opacity=0.45)


def _overlay(found: FingerprintFindings, motion: PrintMotion, numbers: Sequence[Mapping[int, int]]) -> Drawing:
    """The minutiae of both prints where the motion places them, shifted so that all are on the drawing."""
    angle = radians(motion.rotation_degrees)
    c, s = cos(angle), sin(angle)
    xs = [c * each.x_px + s * each.y_px + motion.right_px for each in found.probe.minutiae]
    ys = [-s * each.x_px + c * each.y_px + motion.down_px for each in found.probe.minutiae]
    right, down = max(0.0, TICK - min(xs)), max(0.0, TICK - min(ys))
    moved = f"matrix({c:.5f} {-s:.5f} {s:.5f} {c:.5f} {motion.right_px:.2f} {motion.down_px:.2f})"
    below, above = _bare(found.reference, numbers[1], REFERENCE), _bare(found.probe, numbers[0], PROBE)
    both = group([group(below), group(above, transform=moved)], transform=f"translate({right:.2f} {down:.2f})")
    width, height = (max(found.reference.width_px, *xs) + right, max(found.reference.height_px, *ys) + down)
    return Drawing(width, height, [both])


def _bare(content: PrintContent, numbered: Mapping[int, int], colour: str) -> list[str]:
    """Minutiae without numbers."""
    return [_minutia(each, colour, is_paired=index in numbered) for index, each in enumerate(content.minutiae)]
