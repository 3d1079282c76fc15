"""Converts iris details to the wire."""

from __future__ import annotations

import numpy as np
from biofusion.iris.v1 import iris_pb2
from biofusion.type.v1 import sample_pb2

from infra.wire.convert import quality_to_wire, template_to_wire
from services.extraction import Extraction
from services.iris.details import IrisDetails
from services.iris.localisation.gaze import View
from services.iris.segmentation.circles import Circle


def extraction_to_wire(extraction: Extraction[IrisDetails]) -> iris_pb2.ExtractTemplateResponse:
    """An extraction: template, quality and details."""
    return iris_pb2.ExtractTemplateResponse(
        template=template_to_wire(extraction.template),
        quality=quality_to_wire(extraction.quality),
        details=details_to_wire(extraction.details),
    )


def details_to_wire(details: IrisDetails) -> iris_pb2.IrisDetails:
    """The circles, the visible share, and the rotation of the image; presentation attacks are not assessed."""
    return iris_pb2.IrisDetails(
        pupil=_circle_to_wire(details.pupil, details.view),
        limbus=_circle_to_wire(details.limbus, details.view),
        visible_fraction=details.visible_fraction,
        turned_degrees=details.turned_degrees,
        presentation_attack=sample_pb2.PRESENTATION_ATTACK_NOT_ASSESSED,
    )


def _circle_to_wire(circle: Circle, view: View) -> iris_pb2.Circle:
    x, y = view.to_image(*np.array([[circle.x], [circle.y]], np.float32))
    return iris_pb2.Circle(x_px=float(x[0]), y_px=float(y[0]), radius_px=circle.radius)
