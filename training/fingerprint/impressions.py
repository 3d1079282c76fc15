"""Impressions of a ridge pattern: each turned, pushed, pressed, dirtied and captured otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from rendering.grounds import Plane, patches, stroke
from rendering.pressed import Gray, drawn, sources

TURN = 0.25  # radians, standard deviation
PUSH_PX = 16.0  # at 250 dpi


@dataclass(frozen=True, slots=True)
class Impression:
    """A picture of a ridge pattern, and where it is from.

    Args:
        gray: uint8, shape (224, 224), 250 dpi.
        x: float32, same shape: the pattern's column that each pixel shows; infinite outside the finger.
        y: float32, same shape: its row, likewise.
    """

    gray: Gray = field(repr=False)
    x: Plane = field(repr=False)
    y: Plane = field(repr=False)


def impression(pattern: Plane, rng: np.random.Generator) -> Impression:
    """One impression of a pattern of ridges (−1 to 1)."""
    x, y = _where(pattern.shape, rng)
    height, width = pattern.shape
    seen = np.asarray(cv2.remap(pattern, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT), np.float32)
    inside = _touched(pattern.shape, rng) * ((x >= 0) & (y >= 0) & (x < width) & (y < height))
    gray = _captured(_dirtied(_pressed(seen, rng), rng) * inside - (1 - inside), rng)
    return Impression(gray, *(np.where(inside > 0.5, each, np.float32(np.inf)) for each in (x, y)))


def _where(shape: tuple[int, int], rng: np.random.Generator) -> tuple[Plane, Plane]:
    """The pattern's place of each pixel: turned, scaled, shifted, stretched from place to place, and pushed."""
    height, width = shape
    turn = rng.normal(0, TURN) if rng.random() < 0.8 else rng.uniform(-0.8, 0.8)
    scale, shift = 1 + rng.normal(0, 0.03), rng.normal(0, 10, 2)
    push = drawn((width / 2, height / 2, 0.4 * width, 0.5 * height), float(rng.uniform(0, PUSH_PX)), rng)
    x, y = sources(shape, push)
    if rng.random() < 0.3:
        y, x = np.mgrid[:height, :width].astype(np.float32)
    across, down = scale * (x - width / 2), scale * (y - height / 2)
    uneven = float(rng.uniform(0.3, 3.0))
    moved_x = np.cos(turn) * across - np.sin(turn) * down + width / 2 + shift[0] + uneven * patches(shape, 60.0, rng)
    moved_y = np.sin(turn) * across + np.cos(turn) * down + height / 2 + shift[1] + uneven * patches(shape, 60.0, rng)
    return moved_x.astype(np.float32), moved_y.astype(np.float32)


def _touched(shape: tuple[int, int], rng: np.random.Generator) -> Plane:
    """Where the finger touches, 0–1: an ellipse with a ragged edge, in one of ten cases a small one."""
    height, width = shape
    half = rng.uniform(0.25, 0.4, 2) if rng.random() < 0.1 else rng.uniform(0.42, 0.75, 2)
    middle = 0.5 + rng.uniform(-0.08, 0.08, 2)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    away = np.hypot((x / width - middle[0]) / half[0], (y / height - middle[1]) / half[1])
    return np.asarray(np.clip((1 - away + 0.06 * patches(shape, 20.0, rng)) / 0.06 + 0.5, 0, 1), np.float32)


def _pressed(seen: Plane, rng: np.random.Generator) -> Plane:
    """Ridges as wide as the pressure, broken where dry, with filled valleys where wet; some slide."""
    worse = rng.random() ** 2  # most are good
    pressure = rng.normal(0, 0.3) + rng.uniform(0, 0.35) * worse * patches(seen.shape, 30.0, rng)
    seen = np.tanh((seen + pressure) * rng.uniform(1.5, 4.0))
    grain = cv2.GaussianBlur(rng.standard_normal(seen.shape, np.float32), (0, 0), rng.uniform(0.5, 1.3))
    dry = worse * np.clip(0.5 * patches(seen.shape, 25.0, rng) + rng.uniform(-0.6, 0.9), 0, 1.5)
    seen = seen - 0.9 * np.maximum(seen + 0.5, 0) * np.maximum(grain / grain.std() * dry, 0)
    wet = worse * np.clip(0.5 * patches(seen.shape, 25.0, rng) + rng.uniform(-1.0, 0.7), 0, 1)
    seen = seen * (1 - wet) + (1.2 * cv2.GaussianBlur(seen, (0, 0), 1.6) + 0.4) * wet
    if rng.random() < 0.3:
        slid = cv2.filter2D(seen, -1, stroke(int(rng.integers(3, 8)), rng.uniform(0, np.pi)))
        part = np.clip(0.5 * patches(seen.shape, 40.0, rng) + rng.uniform(-0.5, 0.6), 0, 1)
        seen = seen * (1 - part) + slid * part
    return np.asarray(seen, np.float32)


def _dirtied(seen: Plane, rng: np.random.Generator) -> Plane:
    """Scars and creases across the ridges, and what a sensor leaves out."""
    seen = np.ascontiguousarray(seen)
    for _ in range(rng.poisson(1)):
        begin, turn = rng.uniform(0, seen.shape[0], 2), rng.uniform(0, np.pi)
        end = begin + rng.uniform(20, 150) * np.array((np.cos(turn), np.sin(turn)))
        ends = [(int(at[0]), int(at[1])) for at in (begin, end)]
        cv2.line(seen, ends[0], ends[1], float(rng.choice((-1, -1, 1))), int(rng.integers(1, 3)))
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.3, 0.9)), np.float32)


def _captured(seen: Plane, rng: np.random.Generator) -> Gray:
    """Grey levels: contrast and brightness that differ from place to place, noise, missing parts, some inverted."""
    contrast = rng.uniform(25, 100) * np.exp(rng.uniform(0, 0.5) * patches(seen.shape, 60.0, rng))
    level = 128 + 40 * rng.uniform(0, 0.5) * patches(seen.shape, 50.0, rng)
    light = level - seen * contrast + rng.uniform(0, 0.3) * contrast.mean() * rng.standard_normal(seen.shape)
    if rng.random() < 0.15:
        light = light + 120 * np.clip(patches(seen.shape, 40.0, rng) - rng.uniform(0.8, 1.8), 0, 1)
    if rng.random() < 0.1:
        light = 255 - light
    return np.asarray(np.clip(light, 0, 255), np.uint8)
