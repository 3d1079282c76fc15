"""Latent prints made from prints, for studies and tests: what a finger leaves on a surface, as a camera shows it.

They are made up, and not fitted to any collection of latents; each of their faults can be set alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from rendering.finger_inks import distal
from rendering.grounds import Ground, Plane, ground, patches, stroke

Gray = NDArray[np.uint8]

MARGIN_PX = 48  # of the ground around the finger


@dataclass(frozen=True, slots=True)
class Latent:
    """How a print is left and photographed.

    Args:
        part: of the finger's height and width that touched, 0–1.
        off: of the part's middle from the finger's, down and across, in heights and widths.
        degrees: rotation, counter-clockwise.
        stretch_px: standard deviation of the skin's displacement, in patches of 120 px.
        smear_px: length of a slide.
        smear_radians: its direction.
        pressure: −1 (dry, ridges are broken) to 1 (wet, valleys are filled), on average.
        unevenness: of pressure and contrast from place to place, 0–1.
        contrast: of ridges against valleys, grey levels.
        kind: of the ground.
        pattern: standard deviation of the ground's pattern, grey levels.
        noise: standard deviation, grey levels.
        level: mean brightness, grey levels.
        is_light: whether ridges are lighter than the ground (powder on a dark surface).
    """

    part: float = 1.0
    off: tuple[float, float] = (0.0, 0.0)
    degrees: float = 0.0
    stretch_px: float = 0.0
    smear_px: float = 0.0
    smear_radians: float = 0.0
    pressure: float = 0.0
    unevenness: float = 0.0
    contrast: float = 100.0
    kind: Ground = Ground.PLAIN
    pattern: float = 0.0
    noise: float = 0.0
    level: float = 160.0
    is_light: bool = False


def drawn(rng: np.random.Generator) -> Latent:
    """A latent print of a random kind: most of a finger, on any ground, three in ten lighter than it."""
    kind = list(Ground)[int(rng.integers(len(Ground)))]
    contrast = float(rng.uniform(50.0, 110.0))
    is_light = bool(rng.random() < 0.3)
    return Latent(
        part=float(rng.uniform(0.6, 0.95)),
        off=(float(rng.uniform(-0.1, 0.1)), float(rng.uniform(-0.1, 0.1))),
        degrees=float(rng.normal(0, 15.0)),
        stretch_px=float(rng.uniform(0.0, 3.0)),
        smear_px=float(rng.uniform(0.0, 4.0)),
        smear_radians=float(rng.uniform(0, np.pi)),
        pressure=float(rng.uniform(-0.6, 0.6)),
        unevenness=float(rng.uniform(0.1, 0.7)),
        contrast=contrast,
        kind=kind,
        pattern=contrast * float(rng.uniform(0.05, 0.35)),
        noise=contrast * float(rng.uniform(0.05, 0.25)),
        level=float(rng.uniform(60.0, 110.0) if is_light else rng.uniform(130.0, 190.0)),
        is_light=is_light,
    )


def latent(gray: Gray, how: Latent, rng: np.random.Generator) -> Gray:
    """Leave the finger of a print on a surface.

    1. The print's ink, turned, stretched and smeared; pressure widens or breaks its ridges.
    2. Only within a part of the finger, with a ragged edge.
    3. Taken off the ground, or added to it if ridges are light, with a contrast that differs from place to place.

    Args:
        gray: the print, 500 dpi, dark ridges.
        how: it is left.
        rng: draws the ground and what differs from place to place; equal ones give equal pictures.

    Returns:
        uint8, the finger's size and 48 px more on each side, 500 dpi.
    """
    finger, moved = distal(gray), int(rng.integers(2**32))
    ink, inside = (
        _moved(np.pad(each.astype(np.float32), MARGIN_PX), how, np.random.default_rng(moved))
        for each in (finger.amount, finger.inside)
    )
    pressure = how.pressure + how.unevenness * 0.5 * patches(ink.shape, 60.0, rng)
    ridges = np.clip((_smeared(ink, how) - 0.5) * (1 + np.abs(pressure)) + 0.5 + 0.4 * pressure, 0, 1)
    seen = (
        inside * _touched(ink.shape, how, rng) * np.clip(1 + how.unevenness * patches(ink.shape, 80.0, rng) / 2, 0, 2)
    )
    sign = 1 if how.is_light else -1
    picture = how.level + sign * how.contrast * seen * ridges + how.pattern * ground(how.kind, ink.shape, rng)
    grain = how.noise * cv2.GaussianBlur(rng.standard_normal(ink.shape, np.float32), (0, 0), 0.7) / 0.4
    return np.asarray(np.clip(picture + grain, 0, 255), np.uint8)


def _moved(plane: Plane, how: Latent, rng: np.random.Generator) -> Plane:
    """Turned about the middle and stretched from place to place."""
    height, width = plane.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -how.degrees, 1.0).astype(np.float32)
    away = [how.stretch_px * patches((height, width), 120.0, rng) for _ in range(2)]
    from_x = turn[0, 0] * x + turn[0, 1] * y + turn[0, 2] + away[0]
    from_y = turn[1, 0] * x + turn[1, 1] * y + turn[1, 2] + away[1]
    return np.asarray(cv2.remap(plane, from_x, from_y, cv2.INTER_LINEAR), np.float32)


def _smeared(ink: Plane, how: Latent) -> Plane:
    if how.smear_px < 1:
        return ink
    return np.asarray(cv2.filter2D(ink, -1, stroke(round(how.smear_px), how.smear_radians)), np.float32)


def _touched(shape: tuple[int, int], how: Latent, rng: np.random.Generator) -> Plane:
    """Where the finger touched, 0–1: an ellipse with a ragged, soft edge."""
    height, width = (side - 2 * MARGIN_PX for side in shape)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    down = (y - MARGIN_PX - height * (0.5 + how.off[0])) / (how.part * height / 2)
    across = (x - MARGIN_PX - width * (0.5 + how.off[1])) / (how.part * width / 2)
    edge = 1 - np.hypot(down, across) + 0.12 * patches(shape, 24.0, rng)
    return np.asarray(np.clip(edge / 0.2 + 0.5, 0, 1), np.float32)
