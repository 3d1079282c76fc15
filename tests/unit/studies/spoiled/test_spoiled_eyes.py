"""Spoiled images of eyes are what their names state."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.quality import Quality, QualityReason
from infra.images.decode import Image
from rendering.eyes import render_eye
from studies.spoiled.spoiled_eyes import notes, spoilings

GRAY = render_eye(0, 0, 320, 280)


@pytest.fixture(scope="module")
def spoiled() -> dict[str, np.ndarray]:
    """Pixels of the spoiled images by name; the other eye's image is larger."""
    images = spoilings(Image(GRAY), Image(render_eye(1, 0)))
    return {name: image.pixels for name, image in images.items()}


def test_shapes_and_turns(spoiled: dict[str, np.ndarray]) -> None:
    """The unchanged image comes first; two eyes are beside or above each other at equal size."""
    assert "as it is" == next(iter(spoiled))
    assert ((280, 640), (560, 320)) == (spoiled["two eyes, side by side"].shape, spoiled["two eyes, one above"].shape)
    assert (GRAY[-1, -1], GRAY[0, -1]) == (spoiled["turned by 180°"][0, 0], spoiled["mirrored"][0, 0])
    assert (560, 320) == spoiled["left half, enlarged"].shape
    assert (GRAY[0, -1], GRAY[-1, 0]) == (spoiled["turned by 90°"][0, 0], spoiled["turned by 270°"][0, 0])


def test_only_the_coloured_ones_are_rgb(spoiled: dict[str, np.ndarray]) -> None:
    """Three images have three channels, which are equal in the grey one."""
    assert {"stored as RGB", "with a tint", "in colours"} == {n for n, each in spoiled.items() if each.ndim == 3}
    assert 0 == np.ptp(spoiled["stored as RGB"], axis=2).max()


def test_brightness_and_contrast_change_as_said(spoiled: dict[str, np.ndarray]) -> None:
    """Images have a fifth of the brightness, a fifth of the spread of grey levels, or two levels of ink."""
    assert pytest.approx(0.2 * GRAY.mean(), rel=0.05) == spoiled["a fifth as bright"].mean()
    assert pytest.approx(0.2 * GRAY.std(), rel=0.1) == spoiled["a fifth of the contrast"].std()
    assert {20, 235} == set(np.unique(spoiled["printed in dots"]).tolist())


def test_narrowing_keeps_the_middle_and_narrows_across(spoiled: dict[str, np.ndarray]) -> None:
    """The dark pupil becomes 0.65 times as wide and stays as high."""
    before, after = (np.argwhere(each < 60) for each in (GRAY, spoiled["narrowed to 65 %"]))
    ratio = after.std(axis=0) / before.std(axis=0)

    assert (pytest.approx(1.0, abs=0.05), pytest.approx(0.65, abs=0.05)) == (ratio[0], ratio[1])


def test_notes_of_an_eye() -> None:
    """The notes are the quality's reasons, and whether enrolment would refuse the quality."""
    assert ["OCCLUDED", "quality under 20"] == list(notes(Quality(15.0, (QualityReason.OCCLUDED,))))
    assert [] == list(notes(Quality(60.0)))
