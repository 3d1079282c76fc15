"""Counting second faces in images."""

from __future__ import annotations

from services.face.template.faces import Face, Pose
from studies.capture.bystanders import Found, lines


def found(*places: tuple[float, float, float]) -> Found:
    """An image of 600×600 px with square faces, given by centre and side."""
    boxes = [(x - side / 2, y - side / 2, side, side) for x, y, side in places]
    return Found([Face(box, ((0.0, 0.0),) * 5, 0.9, Pose(0, 0, 0)) for box in boxes], (600, 600))


def test_each_image_is_counted() -> None:
    """Counted are one face, a small second face, unequal faces, a large one at the edge, two alike (refused), none."""
    middle = (300.0, 300.0, 100.0)
    images = [
        found(middle),
        found(middle, (60, 60, 30)),
        found(middle, (60, 60, 60)),
        found(middle, (60, 60, 150)),
        found((240, 300, 100), (360, 300, 100)),
    ]
    told = list(lines(6, images))
    assert "6 images: 1 with one face, 4 with two, 0 with more, 1 with none" == told[0]
    assert "second face with more than a share of the largest one's area: " in told[1]
    assert "0.2: 3, 0.25: 3, 0.28: 3, 0.333: 3, 0.5: 1, 0.7: 1" in told[1]
    assert "refused, two about as large and as central: 1" == told[2]
    assert "described, with another comparable in size: 2" == told[3]
    assert "not the most central face is described: 1; if it were always the largest: 1" == told[4]
