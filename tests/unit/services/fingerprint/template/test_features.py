"""The byte layout of fingerprint templates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from biometrics.errors import TemplateMalformed
from services.fingerprint.template.features import FingerFeatures, Minutiae, mask_shape, pack, unpack
from tests.unit.services.fingerprint.minutiae import random_minutiae


@st.composite
def features(draw: st.DrawFn) -> FingerFeatures:
    """Any features that a template can hold."""
    width, height, count = draw(st.integers(1, 1200)), draw(st.integers(1, 1200)), draw(st.integers(0, 100))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    signs = random.integers(0, 2**32, count, np.uint32) if draw(st.booleans()) else None
    return FingerFeatures(
        width,
        height,
        draw(arrays.arrays(np.bool_, mask_shape(width, height), elements=st.booleans(), fill=st.booleans())),
        Minutiae(
            random.integers(0, width, count).astype(np.float32),
            random.integers(0, height, count).astype(np.float32),
            random.uniform(0, 2 * np.pi, count).astype(np.float32),
            random.uniform(size=count) < 0.5,
            random.uniform(0, 1, count).astype(np.float32),
            signs,
        ),
    )


@given(features())
def test_unpacking_gives_what_was_packed(original: FingerFeatures) -> None:
    """Size, mask, positions and signs are equal, angle and confidence within their steps."""
    data = pack(original)
    copy = unpack(data)
    assert (original.width_px, original.height_px) == (copy.width_px, copy.height_px)
    assert original.mask.tolist() == copy.mask.tolist()
    assert sorted(zip(original.minutiae.y, original.minutiae.x, strict=True)) == list(
        zip(copy.minutiae.y, copy.minutiae.x, strict=True)
    )
    assert original.minutiae.bifurcation.sum() == copy.minutiae.bifurcation.sum()
    assert np.isclose(original.minutiae.confidence.sum(), copy.minutiae.confidence.sum(), atol=0.005 * 100)
    assert signs_by_place(original) == signs_by_place(copy)
    assert data == pack(copy)


@given(features(), st.randoms())
def test_the_order_of_minutiae_does_not_matter(original: FingerFeatures, random: np.random.Generator) -> None:
    """Shuffled minutiae pack into the same bytes."""
    order = list(range(len(original.minutiae)))
    random.shuffle(order)
    shuffled = original.minutiae.select(np.array(order, np.intp))
    assert pack(original) == pack(FingerFeatures(original.width_px, original.height_px, original.mask, shuffled))


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_or_understood(data: bytes) -> None:
    """Arbitrary bytes raise TemplateMalformed, or unpack to features with the stated number of minutiae."""
    try:
        found = unpack(data)
    except TemplateMalformed:
        return
    assert data[1] == len(found.minutiae)


def signs_by_place(found: FingerFeatures) -> list[tuple[float, float, int]] | None:
    """Position and signs of each minutia, in an order of their own; None without signs."""
    minutiae = found.minutiae
    if minutiae.signs is None:
        return None
    return sorted(zip(minutiae.y.tolist(), minutiae.x.tolist(), minutiae.signs.tolist(), strict=True))


@pytest.mark.parametrize(("signed", "version", "size"), [(False, 1, 7), (True, 2, 11)])
def test_signs_make_a_minutia_four_bytes_larger(*, signed: bool, version: int, size: int) -> None:
    """The layout has another version with signs; each minutia's signs are its last four bytes."""
    found = random_minutiae(1, 3).select(np.arange(3))
    minutiae = found if signed else replace(found, signs=None)
    data = pack(FingerFeatures(400, 400, np.ones((25, 25), np.bool_), minutiae))
    assert (version, 6 + 79 + 3 * size) == (data[0], len(data))
    if signed:
        order = np.argsort(found.y)
        assert found.signs is not None
        assert found.signs[order].tolist() == [int.from_bytes(data[85 + 11 * n :][7:11], "little") for n in range(3)]


def signs_of(found: FingerFeatures) -> list[int]:
    """The signs of each minutia."""
    assert found.minutiae.signs is not None
    return [int(each) for each in found.minutiae.signs]


def _valid(signs: int | None = None) -> bytes:
    one = Minutiae(
        *(np.array([value], np.float32) for value in (10, 20, 1.0)),
        np.array([True]),
        np.ones(1, np.float32),
        None if signs is None else np.array([signs], np.uint32),
    )
    return pack(FingerFeatures(40, 30, np.ones((2, 3), np.bool_), one))


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        (0, 0, "layout version is 0, not 1 or 2"),
        (0, 3, "layout version is 3, not 1 or 2"),
        (0, 2, "header announces"),
        (1, 101, "101 minutiae"),
        (1, 2, "header announces"),
        (2, 0, "image size"),
        (3, 9, "image size"),
        (6, 0xFF, "spare mask bits"),
        (7, 40, "outside the image"),
        (9, 30, "outside the image"),
    ],
)
def test_a_value_out_of_range_is_named(place: int, value: int, says: str) -> None:
    """A template with one byte out of range is refused, and the error names the field."""
    data = bytearray(_valid())
    data[place] = value
    with pytest.raises(TemplateMalformed, match=says):
        unpack(bytes(data))


@pytest.mark.parametrize("signs", [None, 7])
@pytest.mark.parametrize(
    "change", [lambda data: data[:-1], lambda data: data + b"\0", lambda data: data[:3], lambda _: b""]
)
def test_a_wrong_length_is_refused(change, signs: int | None) -> None:
    """A truncated or extended template is malformed."""
    with pytest.raises(TemplateMalformed):
        unpack(change(_valid(signs)))
