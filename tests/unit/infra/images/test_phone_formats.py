"""AVIF and HEIC are decoded upright, in sRGB, and named if they cannot be read."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from biometrics.errors import ImageUndecodable
from infra.images.decode import decode
from infra.images.formats.heif import register_heif
from infra.images.formats.srgb import to_srgb
from tests.support.made_files import encoded

CASES = Path(__file__).parents[5] / "shared" / "cases"
WIDTH, HEIGHT = 96, 64
HALVES = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
HALVES[: HEIGHT // 2, : WIDTH // 2] = 220, 60, 40
"""One corner is red, which shows the orientation."""


@pytest.mark.parametrize("orientation", range(1, 9))
def test_avif_is_upright(orientation: int) -> None:
    """AVIF is rotated by its irot and imir boxes."""
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    data = encoded(Pillow.fromarray(HALVES), "AVIF", exif=exif, quality=95)
    pixels = decode(data).pixels
    stored = Pillow.fromarray(HALVES)
    turns = Pillow.Transpose
    how = {2: turns.FLIP_LEFT_RIGHT, 3: turns.ROTATE_180, 4: turns.FLIP_TOP_BOTTOM, 5: turns.TRANSPOSE}
    how |= {6: turns.ROTATE_270, 7: turns.TRANSVERSE, 8: turns.ROTATE_90}
    expected = np.asarray(stored.transpose(how[orientation]) if orientation in how else stored)
    assert expected.shape == pixels.shape
    assert np.abs(expected.astype(int) - pixels).mean() < 3


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_avif_of_other_modes(mode: str) -> None:
    """Grey AVIF is unchanged, and transparent AVIF is blended with white."""
    image = Pillow.fromarray(HALVES).convert(mode)
    if mode == "RGBA":
        image.putalpha(0)
    pixels = decode(encoded(image, "AVIF", quality=95)).rgb
    expected = np.full_like(HALVES, 255) if mode == "RGBA" else np.asarray(image.convert("RGB"))
    assert np.abs(expected.astype(int) - pixels).mean() < 3


def test_colours_of_another_profile_become_srgb() -> None:
    """A colour profile is applied to AVIF, but not to JPEG."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for old, new in ((b"rXYZ", b"____"), (b"bXYZ", b"rXYZ"), (b"____", b"bXYZ")):
        profile = profile.replace(old, new)  # its red primary is sRGB's blue
    seen = decode(encoded(Pillow.fromarray(HALVES), "AVIF", quality=100, icc_profile=profile)).pixels
    assert np.abs(HALVES[..., ::-1].astype(int) - seen).mean() < 3
    jpegs = [encoded(Pillow.fromarray(HALVES), "JPEG", **options) for options in ({}, {"icc_profile": profile})]
    assert np.array_equal(*(decode(each).pixels for each in jpegs))


def test_an_invalid_profile_is_ignored() -> None:
    """Bytes that are not a profile change nothing."""
    image = Pillow.open(io.BytesIO(encoded(Pillow.fromarray(HALVES), "AVIF", icc_profile=b"no profile at all")))
    image.load()
    before = np.asarray(image).copy()
    assert np.array_equal(before, np.asarray(to_srgb(image)))


@pytest.mark.skipif(not CASES.is_dir(), reason="../shared/cases is not there")
def test_heic_as_avif() -> None:
    """A photograph in HEIC has nearly the same pixels as in AVIF; without the decoder it is refused by name."""
    heic, avif = ((CASES / f"h.{kind}").read_bytes() for kind in ("heic", "avif"))
    if not register_heif():
        with pytest.raises(ImageUndecodable, match="HEIC"):
            decode(heic)
        return
    ours, theirs = decode(heic).pixels, decode(avif).pixels
    assert ours.shape == theirs.shape
    assert np.abs(ours.astype(int) - theirs).mean() < 5
