"""What is rendered in wide pictures covers what other cameras show: tones, highlights, glasses, frames and sizes."""

from __future__ import annotations

import numpy as np
import pytest

from training.iris.camera import bordered
from training.iris.canvas import SHAPE, Random
from training.iris.eyeball import eyeball
from training.iris.geometry import SHARES, SMALL, Geometry, draw_geometry
from training.iris.glasses import worn
from training.iris.highlights import glints, lit


@pytest.fixture(scope="module")
def eyes() -> list[Geometry]:
    """Sixty drawn eyes."""
    return [draw_geometry(_wide(seed)) for seed in range(60)]


def _wide(seed: int) -> Random:
    return Random([seed], wide=True)


def test_the_step_from_pupil_to_iris_may_be_weak(eyes: list[Geometry]) -> None:
    """A pupil is darker than its iris, by a few grey levels or by many; in plain pictures it is by 18 at least."""
    for wide, least, many in ((True, 0.1, 0.5), (False, 0.0, 0.9)):
        steps = []
        for seed, eye in enumerate(eyes):
            ball, away = eyeball(Random([seed], wide=wide), eye), eye.radius * eye.pupil
            ring = (away > 4) & (eye.iris < -0.2)
            if ring.any() and (away < -4).any():
                steps.append(float(np.median(ball[ring]) - np.median(ball[away < -4])))
        assert min(steps) > 0
        assert least <= np.mean(np.array(steps) < 15) < many


def test_the_frame_cuts_some_irises(eyes: list[Geometry]) -> None:
    """The limbus of some eyes is whole on the canvas, that of others is cut."""
    xs, ys, radii = (np.array([getattr(eye, name) for eye in eyes]) for name in ("x", "y", "radius"))
    cut = (xs < radii) | (ys < radii) | (xs > SHAPE[1] - radii) | (ys > SHAPE[0] - radii)

    assert 0.1 < np.mean(cut) < 0.9


def test_eyes_may_be_distant() -> None:
    """An iris is between the smallest and the largest share of the height, and its pupil smaller."""
    for shares in (SHARES, SMALL):
        eye = draw_geometry(_wide(5), shares)
        assert shares[0] <= eye.radius / SHAPE[0] <= shares[1]
        assert 0 < eye.pupil_radius < eye.radius


def test_highlights_lie_in_and_beside_the_pupil(eyes: list[Geometry]) -> None:
    """Some eyes have no highlight, some have most of the pupil's disc covered, some have light beside it."""
    rng = _wide(1)
    light = [glints(rng, eye) > 0.5 for eye in eyes]
    inside = np.array([np.mean(each[eye.pupil < 0]) for each, eye in zip(light, eyes, strict=True)])
    beside = np.array([np.any(each[eye.pupil > 0.05]) for each, eye in zip(light, eyes, strict=True)])

    assert any(not each.any() for each in light)
    assert inside.max() > 0.5
    assert 0.2 < np.mean(beside) < 1


def test_light_is_brighter_than_what_it_covers(eyes: list[Geometry]) -> None:
    """Where light is mirrored a dark scene becomes bright, elsewhere it keeps its level or glows."""
    rng = _wide(2)
    dark = np.full(SHAPE, 20, np.float32)
    for eye in eyes[:10]:
        coverage = glints(rng, eye)
        scene = lit(rng, dark, coverage)
        assert scene.min() >= 20
        assert np.all(scene[coverage == 1] >= 120)


def test_glasses_hide_what_they_cover(eyes: list[Geometry]) -> None:
    """A scene changes only where a rim or light covers it; some glasses have a rim, some only light."""
    rng = _wide(3)
    scene = np.full(SHAPE, 100, np.float32)
    shares = []
    for eye in eyes[:30]:
        seen, hidden = worn(rng, scene, eye)
        assert np.all(seen[hidden == 0] == 100)
        shares.append(float(np.mean(hidden > 0.5)))

    assert 0 < np.median(shares) < 0.6


def test_borders_may_be_left_out() -> None:
    """Most pictures are whole; in the others a strip of at most 16 % of a side is left out on one to four sides."""
    parts = [bordered(_wide(seed))[0] for seed in range(200)]
    cut = [part for part in parts if not part.all()]

    assert 0 < len(cut) < 60
    for part in cut:
        assert part[SHAPE[0] // 5 : -SHAPE[0] // 5, SHAPE[1] // 5 : -SHAPE[1] // 5].all()
