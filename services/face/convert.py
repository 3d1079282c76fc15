"""Converts face details to the wire."""

from __future__ import annotations

from biofusion.face.v1 import face_pb2

from infra.wire.convert import quality_to_wire, template_to_wire
from services.extraction import Extraction
from services.face.template.faces import Face, FaceDetails


def extraction_to_wire(extraction: Extraction[FaceDetails]) -> face_pb2.ExtractTemplateResponse:
    """An extraction: template, quality and details."""
    return face_pb2.ExtractTemplateResponse(
        template=template_to_wire(extraction.template),
        quality=quality_to_wire(extraction.quality),
        details=details_to_wire(extraction.details),
    )


def details_to_wire(details: FaceDetails) -> face_pb2.FaceDetails:
    """All faces of an image, and which one was chosen; presentation attacks are not assessed."""
    return face_pb2.FaceDetails(
        faces=map(_face_to_wire, details.faces),
        chosen_index=details.chosen,
        presentation_attack=face_pb2.PRESENTATION_ATTACK_NOT_ASSESSED,
    )


def _face_to_wire(face: Face) -> face_pb2.DetectedFace:
    left, top, width, height = face.box
    pose = face.pose
    return face_pb2.DetectedFace(
        box=face_pb2.BoundingBox(x_px=left, y_px=top, width_px=width, height_px=height),
        landmarks=[face_pb2.Point(x_px=x, y_px=y) for x, y in face.landmarks],
        detection_score=face.score,
        pose=face_pb2.Pose(yaw_degrees=pose.yaw, pitch_degrees=pose.pitch, roll_degrees=pose.roll),
        inter_eye_distance_px=face.inter_eye_px,
    )
