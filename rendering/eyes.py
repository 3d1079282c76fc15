"""Synthetic near-infrared eye images for the demo and the tests, drawn by numpy and OpenCV from seeds.

They show that the pipeline works; error rates on them do not apply to real eyes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from rendering.stroma import COLUMNS, ROWS, iris_coordinates, sample_wrapped, stroma
from services.iris.segmentation.circles import Circle

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RenderedEye:
    """A rendered image with its pupil and limbus circles.

    Args:
        image: uint8 (height, width).
        pupil: the pupil's circle, px.
        limbus: the limbus's circle, px.
    """

    image: NDArray[np.uint8] = field(repr=False)
    pupil: Circle
    limbus: Circle


def render_eye(
    identity_seed: int,
    capture_seed: int,
    width: int = 640,
    height: int = 480,
    *,
    blur: float = 0.0,
    opening: float | None = None,
) -> NDArray[np.uint8]:
    """Render one capture of one eye; equal arguments give equal pixels.

    Args:
        identity_seed: fixes the iris: texture, brightness, size, position of the pupil.
        capture_seed: varies dilation, gaze, rotation, lids, lashes, glints, blur and noise.
        width: px.
        height: px.
        blur: standard deviation of additional blur, px at 640×480; 6 makes a poor sample.
        opening: opening of the lids, 1 wide open, 0 closed; by default 0.8–1, drawn by the capture seed.

    Returns:
        uint8 (height, width).
    """
    return render(identity_seed, capture_seed, width, height, blur=blur, opening=opening).image


def render(
    identity_seed: int,
    capture_seed: int,
    width: int = 640,
    height: int = 480,
    *,
    blur: float = 0.0,
    opening: float | None = None,
) -> RenderedEye:
    """Render as `render_eye` does; returns the image with its circles."""
    rng = np.random.default_rng([identity_seed, capture_seed, 2])
    unit = min(width / 640, height / 480)
    pupil, limbus = _circles(identity_seed, rng, width, height, unit)
    scene = _Scene.of(width, height, limbus, rng.uniform(0.8, 1.0) if opening is None else opening)
    canvas = _eyeball(identity_seed, rng, scene, pupil)
    canvas = _glints(canvas, rng, pupil)
    canvas = _lids(canvas, rng, scene)
    canvas = _lashes(canvas, rng, scene)
    return RenderedEye(_capture(canvas, rng, unit, blur), pupil, limbus)


def _circles(
    identity_seed: int, rng: np.random.Generator, width: int, height: int, unit: float
) -> tuple[Circle, Circle]:
    own = np.random.default_rng([identity_seed, 3])
    radius = unit * own.uniform(112, 126)
    shift_x, shift_y = own.uniform(-0.04, 0.04), own.uniform(-0.03, 0.03)
    x = width / 2 + unit * rng.uniform(-40, 40)
    y = height / 2 + unit * rng.uniform(-15, 30)
    dilation = rng.uniform(0.3, 0.5)
    limbus = Circle(float(x), float(y), float(radius))
    return Circle(float(x + shift_x * radius), float(y + shift_y * radius), float(dilation * radius)), limbus


@dataclass(frozen=True, slots=True)
class _Scene:
    """Pixel grid and lids.

    Args:
        xs: x of every pixel, float32 (height, width).
        ys: y of every pixel, float32 (height, width).
        limbus: the limbus's circle, px.
        upper: y of the upper lid's edge at each x, float32 (width,).
        lower: y of the lower lid's edge at each x, float32 (width,).
    """

    xs: Floats
    ys: Floats
    limbus: Circle
    upper: Floats
    lower: Floats

    @classmethod
    def of(cls, width: int, height: int, limbus: Circle, opening: float) -> _Scene:
        xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        along = (xs[0] - limbus.x) / (2.15 * limbus.radius)
        arch = np.asarray(1 - along**2, np.float32)
        meeting = limbus.y + 0.35 * limbus.radius
        upper = meeting - limbus.radius * 1.42 * opening * arch
        lower = meeting + limbus.radius * 0.62 * opening * arch
        return cls(xs, ys, limbus, upper.astype(np.float32), lower.astype(np.float32))


def _eyeball(identity_seed: int, rng: np.random.Generator, scene: _Scene, pupil: Circle) -> Floats:
    limbus = scene.limbus
    own = np.random.default_rng([identity_seed, 4])
    depth, angle = iris_coordinates(scene.xs, scene.ys, pupil, limbus)
    turned = angle + np.deg2rad(rng.uniform(-4, 4))
    texture = sample_wrapped(
        stroma(identity_seed),
        np.asarray(turned * COLUMNS / (2 * np.pi), np.float32),
        np.asarray(depth * ROWS - 0.5, np.float32),
    )
    iris = own.uniform(95, 125) * texture
    aside = np.abs(scene.xs - limbus.x) / limbus.radius
    sclera = 178 - 18 * np.clip(aside - 1, 0, None) + 6 * _blotches(rng, scene.xs.shape, 24)
    from_limbus = np.hypot(scene.xs - limbus.x, scene.ys - limbus.y) - limbus.radius
    from_pupil = np.hypot(scene.xs - pupil.x, scene.ys - pupil.y) - pupil.radius
    ball = _mix(iris, sclera, from_limbus, 0.025 * limbus.radius)
    return _mix(np.full_like(ball, rng.uniform(22, 34)), ball, from_pupil, 0.8)


def _mix(inside: Floats, outside: Floats, distance: Floats, softness: float) -> Floats:
    share = 1 / (1 + np.exp(np.clip(distance / softness, -30, 30)))
    return np.asarray(share * inside + (1 - share) * outside, np.float32)


def _blotches(rng: np.random.Generator, shape: tuple[int, ...], cells: int) -> Floats:
    grid = rng.standard_normal((cells * shape[0] // shape[1] + 2, cells)).astype(np.float32)
    return np.asarray(cv2.resize(grid, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def _glints(canvas: Floats, rng: np.random.Generator, pupil: Circle) -> Floats:
    for _ in range(rng.integers(1, 3)):
        away, angle = pupil.radius * rng.uniform(0.1, 0.7), rng.uniform(0, 2 * np.pi)
        centre = (round(pupil.x + away * np.cos(angle)), round(pupil.y + away * np.sin(angle)))
        cv2.circle(canvas, centre, max(2, round(0.1 * pupil.radius)), 250.0, -1, cv2.LINE_AA)
    return canvas


def _lids(canvas: Floats, rng: np.random.Generator, scene: _Scene) -> Floats:
    radius = scene.limbus.radius
    above, below = scene.upper - scene.ys, scene.ys - scene.lower
    shaded = canvas * (1 - 0.3 * np.exp(np.minimum(above, 0) / (0.12 * radius)))
    skin = 195 + 4 * _blotches(rng, canvas.shape, 9) + 3 * _blotches(rng, canvas.shape, 110)
    crease = 28 * np.exp(-(((above - 0.38 * radius) / (0.04 * radius)) ** 2))
    rim = 35 * np.exp(-np.abs(above) / (0.05 * radius)) - 12 * np.exp(-np.abs(below) / (0.06 * radius))
    hidden = np.maximum(above, below)
    return _mix(np.asarray(skin - crease - rim, np.float32), np.asarray(shaded, np.float32), -hidden, 1.0)


def _lashes(canvas: Floats, rng: np.random.Generator, scene: _Scene) -> Floats:
    mask = np.zeros_like(canvas)
    radius = scene.limbus.radius
    for edge, count, length, sign in ((scene.upper, 75, 0.5, -1.0), (scene.lower, 30, 0.22, 1.0)):
        for along in rng.uniform(-1.9, 1.9, count):
            x = scene.limbus.x + along * radius
            column = int(np.clip(x, 0, edge.size - 1))
            reach = radius * length * rng.uniform(0.6, 1.2)
            lean = 0.45 * along + rng.normal(0, 0.15)
            droop = 0.25 * radius * rng.uniform(0, 1) if sign < 0 else 0.0
            share = np.linspace(0, 1, 10)
            xs = x + reach * lean * share
            ys = edge[column] + droop * 6.75 * share * (1 - share) ** 2 + sign * reach * share**2
            points = np.rint(np.stack([xs, ys], axis=1) * 8).astype(np.int32)
            thickness = max(1, round(radius / 70)) if sign < 0 else 1
            cv2.polylines(mask, [points], False, float(rng.uniform(0.5, 0.9)), thickness, cv2.LINE_AA, 3)
    return np.asarray(canvas * (1 - mask) + 55 * mask, np.float32)


def _capture(canvas: Floats, rng: np.random.Generator, unit: float, blur: float) -> NDArray[np.uint8]:
    sigma = unit * float(np.hypot(rng.uniform(0.6, 1.1), blur))
    seen = cv2.GaussianBlur(canvas, (0, 0), max(sigma, 0.3)) * rng.uniform(0.88, 1.12)
    noisy = seen + rng.uniform(1.5, 3.5) * rng.standard_normal(canvas.shape)
    return np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)
