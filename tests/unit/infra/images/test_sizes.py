"""Decoding large photographs."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pillow

from biometrics.errors import ImageTooCostly, ImageTooLarge
from infra.images.decode import decode
from tests.support.made_files import encoded, png

SMALL = np.random.default_rng(3).integers(0, 256, (12, 16, 3), np.uint8)


def photograph(width: int, height: int, kind: str = "JPEG", **options: object) -> bytes:
    """A smooth image of that size."""
    return encoded(Pillow.fromarray(SMALL).resize((width, height), Pillow.Resampling.BILINEAR), kind, **options)


@pytest.mark.parametrize(
    ("width", "height", "options", "reduction"),
    [
        (8000, 6000, {}, 2),  # 48 megapixels
        (9248, 6936, {}, 2),  # 64
        (7300, 5400, {}, 1),
        (7300, 5400, {"progressive": True}, 2),
    ],
)
def test_photographs(width: int, height: int, options: dict[str, object], reduction: int) -> None:
    """Images of over 40 million pixels, or progressive ones, are decoded at half their sides, and state it."""
    image = decode(photograph(width, height, dpi=(600, 600), **options))
    assert (reduction, 600 / reduction) == (image.reduction, image.resolution_dpi)
    assert (height // reduction, width // reduction, 3) == image.pixels.shape
    small = np.asarray(Pillow.fromarray(image.pixels).resize((160, 120), Pillow.Resampling.BOX)).astype(int)
    expected = np.asarray(Pillow.fromarray(SMALL).resize((160, 120), Pillow.Resampling.BILINEAR)).astype(int)
    assert np.abs(small - expected).mean() < 3


def test_a_stated_resolution_refers_to_the_file() -> None:
    """The caller's resolution counts for the file's pixels, two of which make one decoded pixel here."""
    image = decode(photograph(8000, 6000)).stated(800)
    assert (400, True) == (image.resolution_dpi, image.is_stated)
    assert ((6000, 8000), 1) == (image.enlarged.pixels.shape[:2], image.enlarged.reduction)


def test_jpeg2000_at_half() -> None:
    """JPEG 2000 of over 8 million pixels is decoded at half its sides, if its wavelet levels allow."""
    image = decode(photograph(4000, 2200, "JPEG2000", quality_mode="rates", quality_layers=[40]))
    assert (2, (1100, 2000, 3)) == (image.reduction, image.pixels.shape)
    image = decode(photograph(3600, 2400, "JPEG2000", num_resolutions=1, quality_mode="rates", quality_layers=[40]))
    assert (1, (2400, 3600, 3)) == (image.reduction, image.pixels.shape)


def test_over_64_megapixels() -> None:
    """More than 65 million pixels, or 12,000 a side, are too large."""
    for width, height in ((9300, 7000), (12_001, 100)):
        with pytest.raises(ImageTooLarge):
            decode(png(width, height, 0))
    assert (7000, 9250) == decode(png(9250, 7000, 0)).pixels.shape


@pytest.mark.parametrize(("width", "height", "colour", "depth"), [(8100, 8000, 2, 8), (4000, 3000, 2, 16)])
def test_images_over_the_memory_limit_are_refused(width: int, height: int, colour: int, depth: int) -> None:
    """An image that would take more than 256 MiB is refused with advice."""
    with pytest.raises(ImageTooCostly, match=r"256 MiB.*baseline JPEG") as caught:
        decode(png(width, height, colour, depth))
    assert {"memory_mib": "256"} == caught.value.metadata
