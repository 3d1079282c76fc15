"""Draws what two faces have in common: how alike each network finds them, on the scale of cosines. There is no more."""

from __future__ import annotations

from biometrics.explanation import FaceFindings
from infra.drawings.svg import FAINT, INK, PROBE, REFERENCE, Drawing, element, text

WIDTH, ROW, MARGIN, LABEL, TOP = 400, 34, 24, 70, 28

DIFFERENT_PEOPLE = {"sface": 0.09, "dlib": 0.84}
"""Mean cosine of different people, by network (docs/decisions/0061-second-face-network.md); a score says nothing
without it."""


def draw(found: FaceFindings) -> Drawing:
    """The drawing: a bar for each network, from −1 to 1, and a mark where different people are on average."""
    parts = [text(MARGIN, 16, "A face's template holds nothing that a person can see; the likeness of each network:")]
    for number, (name, cosine) in enumerate(found.cosines):
        parts += _row(TOP + number * ROW, name, cosine)
    foot = TOP + len(found.cosines) * ROW + 10
    parts.append(text(MARGIN, foot, "Orange line: mean of different people.", fill=FAINT))
    return Drawing(MARGIN + LABEL + WIDTH + 4 * MARGIN, foot + MARGIN, parts)


def _row(top: float, name: str, cosine: float) -> list[str]:
    left, middle, length = _x(-1), _x(0), abs(cosine) * WIDTH / 2
    row = [
        text(MARGIN, top + 15, name),
        element("rect", x=left, y=top, width=WIDTH, height=20, fill="none", stroke=FAINT),
        element("rect", x=min(middle, _x(cosine)), y=top, width=length, height=20, fill=PROBE),
        element("line", x1=middle, y1=top, x2=middle, y2=top + 20, stroke=INK),
        text(left + WIDTH + 8, top + 15, f"{cosine:+.3f}"),
    ]
    if (mean := DIFFERENT_PEOPLE.get(name)) is not None:
        line = {"x1": _x(mean), "x2": _x(mean), "y1": top - 4, "y2": top + 24}
        row.append(element("line", **line, stroke=REFERENCE, stroke_width=3))
    return row


def _x(cosine: float) -> float:
    return MARGIN + LABEL + WIDTH * (cosine + 1) / 2
