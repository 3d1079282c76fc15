"""Iris details → wire."""

from __future__ import annotations

from biofusion.iris.v1 import iris_pb2

from services.iris.circles import Circle
from services.iris.extractor import IrisDetails


def details_to_wire(details: IrisDetails) -> iris_pb2.IrisDetails:
    """The circles and the visible share."""
    return iris_pb2.IrisDetails(
        pupil=_circle_to_wire(details.pupil),
        limbus=_circle_to_wire(details.limbus),
        visible_fraction=details.visible_fraction,
    )


def _circle_to_wire(circle: Circle) -> iris_pb2.Circle:
    return iris_pb2.Circle(x_px=circle.x, y_px=circle.y, radius_px=circle.radius)
