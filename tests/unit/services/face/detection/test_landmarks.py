"""Geometry of five landmarks."""

from __future__ import annotations

import numpy as np
import pytest

from services.face.detection.landmarks import HEAD_MM, TEMPLATE, align, pose, similarity


def turned(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """The average head's landmarks, rotated by degrees, in orthographic projection at 2 px per mm."""
    y, p, r = np.radians([yaw, pitch, roll])
    look_up = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    look_aside = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    tilt = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return 2 * (HEAD_MM @ (tilt @ look_aside @ look_up).T)[:, :2] + [300, 200]


@pytest.mark.parametrize(
    "angles", [(0, 0, 0), (30, 0, 0), (-30, 0, 0), (0, 20, 0), (0, -20, 0), (0, 0, 40), (25, -15, -70)]
)
def test_pose_of_a_turned_head(angles: tuple[float, float, float]) -> None:
    """Yaw to the right of the image, pitch up and clockwise roll are positive, and exact for the average head."""
    estimate = pose(turned(*angles))
    assert pytest.approx(angles, abs=1e-6) == (estimate.yaw, estimate.pitch, estimate.roll)


def test_similarity_recovers_a_transform() -> None:
    """Rotated, scaled and shifted points are mapped back."""
    moved = 3.5 * TEMPLATE @ np.array([[0.6, 0.8], [-0.8, 0.6]]) + [40, -7]
    matrix = similarity(moved, TEMPLATE)
    assert np.allclose(TEMPLATE, moved @ matrix[:, :2].T + matrix[:, 2])


def test_similarity_never_mirrors() -> None:
    """Mirrored landmarks give a rotation without reflection."""
    assert 0 < np.linalg.det(similarity(TEMPLATE * [-1, 1], TEMPLATE)[:, :2])


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0, 12.0])
def test_align_puts_landmarks_in_place(scale: float) -> None:
    """A spot at the left eye of a face of any size is mapped to the template's left eye, and nowhere else."""
    landmarks = TEMPLATE * scale + 20
    rows, columns = np.mgrid[: int(112 * scale) + 40, : int(112 * scale) + 40]
    spot = np.hypot(columns - landmarks[0, 0], rows - landmarks[0, 1]) < 3 * scale
    aligned = align(np.repeat((spot * 255).astype(np.uint8)[:, :, None], 3, axis=2), landmarks)
    lit = np.argwhere(aligned[:, :, 0] > 127)
    assert (112, 112, 3) == aligned.shape
    assert np.allclose(TEMPLATE[0, ::-1], lit.mean(axis=0), atol=0.5)
    assert abs(len(lit) - np.pi * 9) < 13


def test_beyond_the_frame_is_black() -> None:
    """Pixels beyond the image are black."""
    white = np.full((200, 200, 3), 255, np.uint8)
    assert 0 == align(white, TEMPLATE - [60, 0])[56, 5].max()
