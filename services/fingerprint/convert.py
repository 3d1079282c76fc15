"""Converts fingerprint details to the wire."""

from __future__ import annotations

import numpy as np
from biofusion.fingerprint.v1 import fingerprint_pb2
from biofusion.type.v1 import sample_pb2

from infra.wire.convert import quality_to_wire, template_to_wire
from services.extraction import Extraction
from services.fingerprint.details import FingerprintDetails

_TYPES = (fingerprint_pb2.MINUTIA_TYPE_ENDING, fingerprint_pb2.MINUTIA_TYPE_BIFURCATION)


def extraction_to_wire(extraction: Extraction[FingerprintDetails]) -> fingerprint_pb2.ExtractTemplateResponse:
    """An extraction: template, quality and details."""
    return fingerprint_pb2.ExtractTemplateResponse(
        template=template_to_wire(extraction.template),
        quality=quality_to_wire(extraction.quality),
        details=details_to_wire(extraction.details),
    )


def details_to_wire(details: FingerprintDetails) -> fingerprint_pb2.FingerprintDetails:
    """The minutiae, in px of the image sent, and how it was read; presentation attacks are not assessed."""
    found = details.minutiae
    columns = zip(
        found.x.tolist(),
        found.y.tolist(),
        np.degrees(found.angle).tolist(),
        found.bifurcation.tolist(),
        found.confidence.tolist(),
        strict=True,
    )
    return fingerprint_pb2.FingerprintDetails(
        minutiae=[
            fingerprint_pb2.Minutia(x_px=x, y_px=y, angle_degrees=angle, type=_TYPES[forks], confidence=confidence)
            for x, y, angle, forks, confidence in columns
        ],
        resolution_dpi=details.resolution.horizontal_dpi,
        ridge_area_fraction=float(details.features.mask.mean()),
        vertical_resolution_dpi=details.resolution.vertical_dpi,
        resolution_source=sample_pb2.ResolutionSource.Value(f"RESOLUTION_SOURCE_{details.resolution.source}"),
        turned_degrees=details.turned_degrees,
        presentation_attack=sample_pb2.PRESENTATION_ATTACK_NOT_ASSESSED,
    )
