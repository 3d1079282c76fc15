"""Training samples: a rendered image and its targets, one per seed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from training.iris.camera import bordered, captured, framed, lighted
from training.iris.canvas import HEIGHT, WIDTH, Floats, Random, mix, reduced
from training.iris.eyeball import eyeball
from training.iris.geometry import SHARES, SMALL, Geometry, draw_geometry
from training.iris.glasses import worn
from training.iris.highlights import glints, lit
from training.iris.lids import brow, hair_level, lashes, lidded, shaded
from training.iris.negatives import negative

TARGETS = ("iris", "pupil", "opening", "noise")
NEGATIVE_SHARE = 0.18
GLASSES_SHARE = 0.15  # of eyes
SMALL_SHARE, WIDE_GLASSES_SHARE = 0.12, 0.25  # of eyes in wide pictures
MIN_SEEN = 0.3  # least visible share of the iris ring; a sample with less is drawn again
NOISE_COVERAGE = 0.35  # coverage from which a pixel is noise
NO_DATA = 114  # grey level around an image that does not fill the input


@dataclass(frozen=True, slots=True)
class Sample:
    """One image and its targets.

    Args:
        image: uint8 (128, 160).
        targets: bool (4, 128, 160): the iris disc and the pupil disc, each including the part that lids hide;
            the eye's opening; noise, that is lashes, reflected light or the rim of glasses over the opening.
    """

    image: NDArray[np.uint8] = field(repr=False)
    targets: NDArray[np.bool_] = field(repr=False)


def sample(seed: int, *, wide: bool) -> Sample:
    """Render one sample; equal arguments give equal samples.

    Args:
        seed: not negative.
        wide: whether it may show weak contrasts, cut, distant and half-closed eyes and the like; see `Random`.
    """
    rng = Random([seed, 11], wide=wide)
    inside = framed(rng)
    if rng.random() < NEGATIVE_SHARE:
        return _cut(captured(rng, lighted(rng, negative(rng))), np.zeros((4, HEIGHT, WIDTH), np.bool_), inside)
    shows, beside = bordered(rng)
    eye = _usable_eye(rng, shows, inside)
    scene, hidden = _scene(rng, eye)
    framed_scene = np.where(shows, lighted(rng, scene), np.float32(beside))
    return _cut(captured(rng, framed_scene), _targets(eye, hidden, shows), inside)


def _usable_eye(rng: Random, shows: NDArray[np.bool_], inside: tuple[slice, slice]) -> Geometry:
    shares = SMALL if rng.widely(SMALL_SHARE) else SHARES
    eye = draw_geometry(rng, shares)
    while _seen(eye, shows, inside) < MIN_SEEN:
        eye = draw_geometry(rng, shares)
    return eye


def _seen(eye: Geometry, shows: NDArray[np.bool_], inside: tuple[slice, slice]) -> float:
    """Return the share of the iris ring that is between the lids and inside the image."""
    ring = (eye.iris < 0) & (eye.pupil > 0)
    shown = ring & (eye.upper < 0) & (eye.lower < 0) & shows
    whole = np.pi * eye.radius**2 * (1 - float(np.mean(eye.pupil[eye.iris < 0] < 0) if ring.any() else 0.0))
    rows, columns = (slice(2 * axis.start, 2 * axis.stop) for axis in inside)
    return float(shown[rows, columns].sum() / max(whole, 1.0))


def _scene(rng: Random, eye: Geometry) -> tuple[Floats, Floats]:
    light, hairs = glints(rng, eye), lashes(rng, eye)
    ball = shaded(rng, lit(rng, eyeball(rng, eye), light), eye)
    scene = mix(hair_level(rng), lidded(rng, ball, eye), hairs)
    if rng.random() < 0.5:
        scene = mix(hair_level(rng), scene, brow(rng, eye))
    hidden = np.maximum(light, hairs)
    if rng.random() < (WIDE_GLASSES_SHARE if rng.wide else GLASSES_SHARE):
        scene, glass = worn(rng, scene, eye)
        hidden = np.maximum(hidden, glass)
    return scene, hidden


def _targets(eye: Geometry, hidden: Floats, shows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    opening = ((eye.upper < 0) & (eye.lower < 0) & shows).astype(np.float32)
    discs = [(eye.iris < 0).astype(np.float32), (eye.pupil < 0).astype(np.float32), opening]
    masks = [reduced(disc) >= 0.5 for disc in discs]
    return np.stack([*masks, reduced(hidden) >= NOISE_COVERAGE])


def _cut(image: NDArray[np.uint8], targets: NDArray[np.bool_], inside: tuple[slice, slice]) -> Sample:
    rows, columns = inside
    framed_image, framed_targets = np.full_like(image, NO_DATA), np.zeros_like(targets)
    framed_image[rows, columns] = image[rows, columns]
    framed_targets[:, rows, columns] = targets[:, rows, columns]
    return Sample(framed_image, framed_targets)
