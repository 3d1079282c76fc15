"""The guarded decoder returns exactly the pixels of Pillow's own steps on the whole image."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps

from infra.images.decode import decode
from tests.support.made_files import encoded

WIDTH, HEIGHT = 1700, 1300  # more than one strip


def plainly(data: bytes) -> NDArray[np.uint8]:
    """Decode in one piece: upright, alpha over white, grey or RGB."""
    image = ImageOps.exif_transpose(Pillow.open(io.BytesIO(data)))
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Pillow.alpha_composite(Pillow.new("RGBA", rgba.size, "white"), rgba)
    return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))


def picture(mode: str, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Pillow.Image:
    """A coloured image, with transparency if the mode has it."""
    small = np.random.default_rng(3).integers(0, 256, (13, 17, 4), np.uint8)
    return Pillow.fromarray(small, "RGBA").resize(size, Pillow.Resampling.BICUBIC).convert(mode)


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("JPEG", "L", {}),
        ("JPEG", "RGB", {"quality": 90}),
        ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
        ("JPEG", "CMYK", {}),
        ("PNG", "1", {}),
        ("PNG", "L", {}),
        ("PNG", "LA", {}),
        ("PNG", "P", {}),
        ("PNG", "P", {"transparency": 5}),
        ("PNG", "RGB", {"transparency": (0, 0, 0)}),
        ("PNG", "RGBA", {}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}),
        ("TIFF", "RGBA", {}),
        ("TIFF", "CMYK", {"compression": "tiff_deflate"}),
        ("TIFF", "YCbCr", {}),
        ("TIFF", "1", {"compression": "group4"}),
        ("BMP", "RGB", {}),
        ("BMP", "P", {}),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGBA", {"lossless": True, "method": 0}),
        ("GIF", "P", {"transparency": 3}),
        ("PPM", "RGB", {}),
        ("JPEG2000", "RGB", {"irreversible": True}),
        ("AVIF", "RGB", {"speed": 10}),
    ],
)
def test_formats(kind: str, mode: str, options: dict[str, object]) -> None:
    """Every format and mode is decoded in strips."""
    data = encoded(picture(mode), kind, **options)
    assert np.array_equal(plainly(data), decode(data).pixels)


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "L"), ("TIFF", "RGB"), ("WEBP", "RGB")])
def test_orientations(kind: str, mode: str, orientation: int) -> None:
    """Every orientation is applied, and invalid ones are ignored."""
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    data = encoded(picture(mode, (1300, 900)), kind, exif=exif)
    assert np.array_equal(plainly(data), decode(data).pixels)


def test_opaque_alpha_changes_nothing() -> None:
    """Opaque pixels are unchanged, whether or not they are blended with white."""
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16).repeat(4, 0).repeat(4, 1)
    opaque = np.dstack([ramp, ramp[::-1], ramp.T, np.full_like(ramp, 255)])
    data = encoded(Pillow.fromarray(opaque), "PNG")
    assert np.array_equal(opaque[..., :3], decode(data).pixels)
    assert np.array_equal(plainly(data), decode(data).pixels)


def test_forty_million_pixels() -> None:
    """An image of the largest size that is decoded at full size, in 16 strips whose memory was released."""
    small = np.random.default_rng(3).integers(0, 256, (50, 73, 3), np.uint8)
    data = encoded(Pillow.fromarray(small).resize((7300, 5400), Pillow.Resampling.NEAREST), "PNG", compress_level=1)
    pixels = decode(data).pixels
    assert (5400, 7300, 3) == pixels.shape
    assert np.array_equal(small, pixels[54::108, 50::100])
    assert all(np.array_equal(pixels[top], pixels[top + 107]) for top in range(0, 5400, 108))
