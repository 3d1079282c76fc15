"""Costly images sent to running services while other callers are served."""

from __future__ import annotations

import io

import grpc
import numpy as np
import pytest
from biofusion.face.v1 import face_pb2, face_pb2_grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2
from PIL import Image as Pillow

from infra.models.model_cache import asset
from infra.wire.status import error_info
from tests.support.hostile_files.bombs import BOMBS
from tests.support.made_files import encoded


@pytest.fixture
def face(channel: grpc.Channel) -> face_pb2_grpc.FaceServiceStub:
    """A stub of the face service."""
    return face_pb2_grpc.FaceServiceStub(channel)


def request(data: bytes) -> matching_pb2.ExtractTemplateRequest:
    """A request for the template of an image."""
    return matching_pb2.ExtractTemplateRequest(image=sample_pb2.Image(data=data))


@pytest.mark.parametrize("name", ["jpeg_scans", "jpeg_scans_small"])
def test_faces_are_served_while_bombs_are_decoded(face: face_pb2_grpc.FaceServiceStub, name: str) -> None:
    """Six decompression bombs at once block neither extraction nor comparison, and are refused by name."""
    bomb = BOMBS[name]()
    bombs = [face.ExtractTemplate.future(request(bomb), timeout=300) for _ in range(6)]
    for _ in range(4):
        found = face.ExtractTemplate(request(asset("portrait-hopper")), timeout=300).template
        face.CompareTemplates(matching_pb2.CompareTemplatesRequest(probe=found, references=[found]), timeout=300)
    assert not all(each.done() for each in bombs)
    for each in bombs:
        assert grpc.StatusCode.INVALID_ARGUMENT == each.code()
        assert "IMAGE_TOO_COSTLY" == error_info(each.trailing_metadata()).reason


def test_boxes_of_a_large_photograph(face: face_pb2_grpc.FaceServiceStub) -> None:
    """The box of a face in a photograph of 48 megapixels is given in the photograph's pixels."""
    portrait = asset("portrait-hopper")
    small = Pillow.open(io.BytesIO(portrait)).convert("RGB")
    large = encoded(small.resize((6400, 7500), Pillow.Resampling.BILINEAR), "JPEG")
    (expected,), (found,) = (
        face.ExtractTemplate(request(data), timeout=300).details.faces for data in (portrait, large)
    )
    scale = 6400 / small.width

    def corners(box: face_pb2.BoundingBox) -> np.ndarray:
        return np.array([box.x_px, box.y_px, box.x_px + box.width_px, box.y_px + box.height_px])

    assert np.abs(corners(expected.box) * scale - corners(found.box)).max() < 0.05 * expected.box.width_px * scale
    assert pytest.approx(expected.inter_eye_distance_px * scale, rel=0.05) == found.inter_eye_distance_px
    assert pytest.approx(expected.landmarks[2].x_px * scale, rel=0.05) == found.landmarks[2].x_px
