"""Photographs of fingers that touch nothing, made from prints: they belong to nobody's camera, for studies and tests.

A fingertip is half of a cylinder with a round end, lit from one side; its ridges differ little from its valleys in
brightness, and the farther from the camera, the more they are out of focus.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from rendering.finger_inks import distal

Gray = NDArray[np.uint8]
Plane = NDArray[np.float32]

LIGHT_SKIN, MEDIUM_SKIN, DARK_SKIN = (232.0, 190.0, 172.0), (198.0, 146.0, 116.0), (112.0, 74.0, 56.0)
LENGTH = 1.7  # of the finger that is seen, in its widths
LEAST_LIGHT = 0.25  # where the surface turns away from the lamp


@dataclass(frozen=True, slots=True)
class Shot:
    """How a finger is photographed.

    Args:
        skin: red, green and blue of the skin in full light, 0–255.
        ground: red, green and blue behind the finger.
        clutter: standard deviation of the ground, grey levels, in patches.
        relief: of ridges against valleys, as a share of the light; negative: ridges are darker.
        lamp: direction of the light, across and down the finger and towards the camera.
        blur: of the nearest part, as a share of the finger's width.
        depth_blur: added where the finger curves away, as a share of its width.
        width_px: of the finger.
        margin: of the ground on each side, in widths; negative: only the pad is in the frame.
        degrees: rotation, counter-clockwise.
        tilt: how much narrower the tip is seen than the lower end, as a share.
        noise: standard deviation, grey levels.
        jpeg: quality of the compression, 1–100; 0: none.
    """

    skin: tuple[float, float, float] = MEDIUM_SKIN
    ground: tuple[float, float, float] = (40.0, 42.0, 48.0)
    clutter: float = 4.0
    relief: float = 0.12
    lamp: tuple[float, float, float] = (-0.4, -0.3, 0.85)
    blur: float = 0.003
    depth_blur: float = 0.006
    width_px: int = 420
    margin: float = 0.35
    degrees: float = 0.0
    tilt: float = 0.1
    noise: float = 2.0
    jpeg: int = 85


@dataclass(frozen=True, slots=True)
class _Surface:
    """Of the finger: where it is (0–1), its light (0–1), its ridges (−1 to 1) and how far it curves away (0–1)."""

    cover: Plane = field(repr=False)
    light: Plane = field(repr=False)
    ridges: Plane = field(repr=False)
    depth: Plane = field(repr=False)


def photograph(gray: Gray, shot: Shot, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Photograph the finger of a print.

    Args:
        gray: the print, 500 dpi, dark ridges.
        shot: how.
        rng: draws clutter and noise.

    Returns:
        RGB, uint8, shape (height, width, 3).
    """
    seen = _framed(_surface(gray, shot), shot)
    ridges = _defocused(seen.ridges, seen.depth, shot)
    bright = seen.light * (1 + shot.relief * ridges)
    ground = np.array(shot.ground, np.float32) + _patches(bright.shape, shot, rng)[..., None]
    cover = cv2.GaussianBlur(seen.cover, (0, 0), 0.5 + (shot.blur + shot.depth_blur) * shot.width_px)[..., None]
    picture = cover * bright[..., None] * np.array(shot.skin, np.float32) + (1 - cover) * ground
    grain = rng.standard_normal(picture.shape, np.float32) * shot.noise
    return compressed(np.clip(picture + grain, 0, 255).astype(np.uint8), shot.jpeg)


def compressed(rgb: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """The image as JPEG gives it back, at a quality of 1–100; 0: unchanged."""
    if not quality:
        return rgb
    file = io.BytesIO()
    Pillow.fromarray(rgb).save(file, "JPEG", quality=quality)
    return np.asarray(Pillow.open(file).convert("RGB"))


def stretched(gray: Gray, strength: float = 4.0) -> Gray:
    """A photograph in grey whose contrast was raised part by part, as programs prepare them."""
    return np.asarray(cv2.createCLAHE(strength, (8, 8)).apply(gray), np.uint8)


def _surface(gray: Gray, shot: Shot) -> _Surface:
    ink = distal(gray).amount
    height, width = round(LENGTH * shot.width_px), shot.width_px
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :].repeat(height, 0)
    down = np.arange(height, dtype=np.float32)[:, None].repeat(width, 1) / width
    below = np.clip(1 - 2 * down, 0, 1)  # 1 at the tip, 0 from half a width below it
    away = across**2 + below**2
    depth = np.clip(away, 0, 1).astype(np.float32)
    normal = np.sqrt(1 - depth)
    length = float(np.linalg.norm(shot.lamp))
    lit = (across * shot.lamp[0] - below * shot.lamp[1] + normal * shot.lamp[2]) / length
    around = np.arcsin(across) / np.pi + 0.5  # the print is the cylinder unrolled
    x = (around * (ink.shape[1] - 1)).astype(np.float32)
    y = (down / 1.25 * (ink.shape[0] - 1)).astype(np.float32)
    ridges = cv2.remap(ink, x, y, cv2.INTER_LINEAR, borderValue=0.5) * 2 - 1
    ridges[down > 1.25] = 0
    cover = (away < 1).astype(np.float32)
    return _Surface(cover, np.clip(lit, LEAST_LIGHT, 1).astype(np.float32), ridges.astype(np.float32), depth)


def _framed(surface: _Surface, shot: Shot) -> _Surface:
    """The surface as the camera sees it: tilted, turned, and with its margin."""
    height, width = surface.cover.shape
    margin = round(shot.margin * width)
    frame = max(16, width + 2 * margin), max(16, round(1.35 * width) + 2 * margin)
    narrow = shot.tilt / 2 * width
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    placed = corners + margin
    placed[:2, 0] += (narrow, -narrow)
    turn = cv2.getRotationMatrix2D((frame[0] / 2, frame[1] / 2), shot.degrees, 1.0)
    placed = (placed @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(corners, placed)
    planes = (surface.cover, surface.light, surface.ridges, surface.depth)
    return _Surface(*(np.asarray(cv2.warpPerspective(each, matrix, frame), np.float32) for each in planes))


def _defocused(ridges: Plane, depth: Plane, shot: Shot) -> Plane:
    near, far = (max(0.3, share * shot.width_px) for share in (shot.blur, shot.blur + shot.depth_blur))
    sharp, dull = (cv2.GaussianBlur(ridges, (0, 0), sigma) for sigma in (near, far))
    return np.asarray(sharp + (dull - sharp) * depth, np.float32)


def _patches(shape: tuple[int, ...], shot: Shot, rng: np.random.Generator) -> Plane:
    small = rng.normal(0, shot.clutter, (max(2, shape[0] // 24), max(2, shape[1] // 24))).astype(np.float32)
    return np.asarray(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)
