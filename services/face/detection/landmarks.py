"""Computes from a face's landmarks its pose, and the aligned images that the networks take."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.face.template.faces import Pose

Points = NDArray[np.float64]
Pixels = NDArray[np.uint8]

# Positions of the landmarks in the aligned image of 112×112 px that SFace takes: the usual ones of face recognition.
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
SIDE_PX = 112

# The same in the aligned image of 150×150 px that dlib's network takes.
DLIB_TEMPLATE = np.array([[46.8, 45.8], [101.0, 45.0], [75.1, 78.8], [51.2, 103.9], [99.3, 103.9]])
DLIB_SIDE_PX = 150

# The same points on an average head in millimetres: x right, y down, z away from the camera. x and y are the median of
# 660 near-frontal LFW faces (View 1) as YuNet marks them, at 63 mm between the eyes; z is from anatomy, rounded.
HEAD_MM = np.array([[-31.5, 0.0, 0.0], [31.5, 0.0, 0.0], [0.0, 34.5, -30.0], [-27.0, 61.0, -5.0], [27.0, 61.0, -5.0]])


def similarity(source: Points, target: Points) -> NDArray[np.float64]:
    """The least-squares similarity transform between point sets.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 1991.

    Args:
        source: (n, 2).
        target: (n, 2).

    Returns:
        (2, 3): scaled rotation and translation that map source onto target.
    """
    centre_s, centre_t = source.mean(axis=0), target.mean(axis=0)
    from_s, from_t = source - centre_s, target - centre_t
    u, spread, vt = np.linalg.svd(from_t.T @ from_s)
    signs = np.array([1.0, np.sign(np.linalg.det(u @ vt))])
    scale = (spread @ signs) / np.sum(from_s**2)
    rotation = scale * (u * signs) @ vt
    return np.column_stack([rotation, centre_t - rotation @ centre_s])


def align(rgb: Pixels, landmarks: Points, template: Points = TEMPLATE, side_px: int = SIDE_PX) -> Pixels:
    """Cut out a face, upright: uint8 (side_px, side_px, 3); black beyond the image's frame.

    A face of more than twice this size is first reduced by area averaging, to avoid aliasing.

    Args:
        rgb: uint8 (height, width, 3).
        landmarks: (5, 2), px.
        template: where they are to be, (5, 2), px.
        side_px: of the aligned image.
    """
    matrix = similarity(landmarks, template)
    shrink = np.sqrt(abs(np.linalg.det(matrix[:, :2]))) * 2
    if shrink < 1:
        height, width = rgb.shape[:2]
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        factors = np.array([size[0] / width, size[1] / height])
        matrix = similarity((landmarks + 0.5) * factors - 0.5, template)
    return np.asarray(cv2.warpAffine(rgb, matrix, (side_px, side_px), flags=cv2.INTER_LINEAR), np.uint8)


def pose(landmarks: Points) -> Pose:
    """Estimate a head's pose from an average head under scaled orthographic projection.

    The five points give the 2×3 projection by least squares; the nearest rotation is taken from it
    (the linear step of DeMenthon and Davis, "Model-based object pose in 25 lines of code", IJCV 1995).

    Args:
        landmarks: (5, 2), px.
    """
    model = HEAD_MM - HEAD_MM.mean(axis=0)
    projection = np.linalg.lstsq(model, landmarks - landmarks.mean(axis=0), rcond=None)[0].T
    u, _, vt = np.linalg.svd(projection, full_matrices=False)
    x_axis, y_axis = u @ vt
    roll = np.arctan2(y_axis[0], x_axis[0])
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    x_axis, y_axis = turn @ np.stack([x_axis, y_axis])
    ahead = -np.array([x_axis[2], y_axis[2], np.cross(x_axis, y_axis)[2]])
    yaw, pitch = np.arctan2(ahead[0], -ahead[2]), np.arcsin(np.clip(-ahead[1], -1, 1))
    return Pose(*(float(np.degrees(angle)) for angle in (yaw, pitch, roll)))
