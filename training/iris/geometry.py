"""Geometry of an eye on the canvas: limbus, pupil and lids."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from training.iris.canvas import SHAPE, XS, YS, Floats, Random

SHARES = (0.14, 0.46)  # iris radius over the shorter side
SMALL = (0.09, 0.16)  # the same of distant eyes


@dataclass(frozen=True, slots=True)
class Geometry:
    """Geometry of one eye. The iris plane's unit is the iris radius; its origin is the iris centre.

    Args:
        x: x of the iris centre on the canvas, px.
        y: y of the iris centre on the canvas, px.
        radius: radius of the iris along its longer axis, px.
        us: rightward coordinate of every pixel in the iris plane, float32 (height, width).
        vs: downward coordinate of every pixel in the iris plane, float32 (height, width).
        across: coordinate of every pixel along the lids, in radii, not foreshortened.
        down: coordinate of every pixel perpendicular to the lids, in radii, not foreshortened.
        upper: height of every pixel above the upper lid's edge, in radii.
        lower: depth of every pixel below the lower lid's edge, in radii.
        pupil: signed distance of every pixel from the pupil's edge, in radii, negative inside.
        tilt: tilt of the lids, radians.
        edges: the lids' edges on the canvas, px, float32 (2, n, 2).
    """

    x: float
    y: float
    radius: float
    us: Floats = field(repr=False)
    vs: Floats = field(repr=False)
    across: Floats = field(repr=False)
    down: Floats = field(repr=False)
    upper: Floats = field(repr=False)
    lower: Floats = field(repr=False)
    pupil: Floats = field(repr=False)
    tilt: float
    edges: Floats = field(repr=False)

    @property
    def iris(self) -> Floats:
        """Signed distance of every pixel from the limbus, in radii, negative inside."""
        return np.asarray(np.hypot(self.us, self.vs) - 1, np.float32)

    @property
    def pupil_radius(self) -> float:
        """Radius of the pupil, px, as far as it is on the canvas."""
        return self.radius * max(-float(self.pupil.min()), 0.1)


def draw_geometry(rng: Random, shares: tuple[float, float] = SHARES, *, closed: bool = False) -> Geometry:
    """Draw a random position, size, tilt, gaze, pupil and lids of an eye."""
    radius = SHAPE[0] * rng.uniform(*shares)
    x, y = _place(rng)
    tilt = float(rng.normal(0, 0.12) if rng.random() < 0.75 else rng.uniform(-0.6, 0.6))
    dx, dy = (XS - x) / radius, (YS - y) / radius
    us, vs = _foreshortened(rng, dx, dy)
    across, down = _turned(dx, dy, tilt)
    curves = _Lids.draw(rng, closed=closed)
    upper, lower = curves.upper(across) - down, down - curves.lower(across)
    along = np.linspace(-curves.half_width, curves.half_width, 60, dtype=np.float32) + curves.shift
    edges = np.stack([_on_canvas(along, curve(along), tilt, x, y, radius) for curve in (curves.upper, curves.lower)])
    return Geometry(x, y, radius, us, vs, across, down, upper, lower, _pupil(rng, us, vs), tilt, edges)


def _place(rng: Random) -> tuple[float, float]:
    """About the middle of the canvas, or anywhere on it and a little beyond, so that the frame cuts the iris."""
    if rng.widely(0.25):
        across, down = rng.uniform(-0.52, 0.52, 2)
    else:
        across, down = np.clip(rng.normal(0, 0.11), -0.28, 0.28), np.clip(rng.normal(0, 0.10), -0.26, 0.26)
    return SHAPE[1] * float(0.5 + across), SHAPE[0] * float(0.5 + down)


def _turned(dx: Floats, dy: Floats, angle: float) -> tuple[Floats, Floats]:
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return dx * cosine + dy * sine, dy * cosine - dx * sine


def _on_canvas(along: Floats, height: Floats, tilt: float, x: float, y: float, radius: float) -> Floats:
    dx, dy = _turned(along, height, -tilt)
    return np.stack([x + radius * dx, y + radius * dy], axis=1).astype(np.float32)


def _foreshortened(rng: Random, dx: Floats, dy: Floats) -> tuple[Floats, Floats]:
    ratio = 1 - abs(rng.normal(0, 0.02)) if rng.random() < 0.7 else rng.uniform(0.72, 1)
    angle = rng.uniform(0, np.pi)
    us, vs = _turned(dx, dy, angle)
    return us / np.float32(ratio), vs


def _pupil(rng: Random, us: Floats, vs: Floats) -> Floats:
    size = rng.uniform(0.18, 0.7)
    du, dv = rng.normal(0, 0.03, 2) if rng.random() < 0.8 else rng.normal(0, 0.07, 2)
    pu, pv = _turned(us - np.float32(du), vs - np.float32(dv), rng.uniform(0, np.pi))
    ratio = np.float32(1 - min(abs(rng.normal(0, 0.04)), 0.2))
    away = np.hypot(pu / ratio, pv)
    bumps = abs(rng.normal(0, 0.012)) * np.cos(int(rng.integers(2, 6)) * np.arctan2(pv, pu) + rng.uniform(0, 6.3))
    return np.asarray(away - size * (1 + bumps), np.float32)


@dataclass(frozen=True, slots=True)
class _Lids:
    """The lids' edges as heights over the coordinate along the lids, in iris radii.

    Args:
        shift: distance from the iris centre to the middle between the corners.
        half_width: distance from that middle to a corner.
        corner: height of the corners.
        top: height of the upper edge at its highest point.
        bottom: height of the lower edge at its lowest point.
        powers: exponents of the upper and of the lower arch.
        skew: sideways shift of the arches' tops.
    """

    shift: float
    half_width: float
    corner: float
    top: float
    bottom: float
    powers: tuple[float, float]
    skew: float

    @classmethod
    def draw(cls, rng: Random, *, closed: bool) -> _Lids:
        top = -rng.uniform(0.35, 1.0) if rng.random() < 0.6 else -rng.uniform(0.8, 1.5)
        bottom = rng.uniform(0.6, 1.15) if rng.random() < 0.7 else rng.uniform(0.4, 1.5)
        corner = rng.uniform(0.0, 0.45)
        if rng.widely(0.15):  # half closed
            top = -rng.uniform(-0.05, 0.45)
        if closed:
            corner = rng.uniform(-0.2, 0.7)
            bottom = corner + rng.uniform(0.0, 0.35)
            top = bottom - rng.uniform(0.0, 0.05)
        return cls(
            rng.normal(0, 0.22),
            rng.uniform(1.9, 2.8),
            corner,
            top,
            bottom,
            (rng.uniform(1.7, 3.2), rng.uniform(1.6, 3.0)),
            rng.normal(0, 0.12),
        )

    def upper(self, across: Floats) -> Floats:
        return np.asarray(self.corner + (self.top - self.corner) * self._arch(across, self.powers[0]), np.float32)

    def lower(self, across: Floats) -> Floats:
        return np.asarray(self.corner + (self.bottom - self.corner) * self._arch(across, self.powers[1]), np.float32)

    def _arch(self, across: Floats, power: float) -> Floats:
        t = np.clip((across - np.float32(self.shift)) / np.float32(self.half_width), -1, 1)
        bent = np.clip(t + np.float32(self.skew) * (1 - t * t), -1, 1)
        return np.asarray(1 - np.abs(bent) ** np.float32(power), np.float32)
