"""Files that are not an image, or not a supported one."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image as Pillow

from biometrics.errors import BiofusionError, ImageTooLarge, ImageTooSmall, ImageUndecodable, ImageUnsupported
from infra.images.decode import ImageLimits, decode
from tests.support.made_files import encoded
from tests.unit.infra.images.small_images import COLOUR, GRADIENT


def png_header(width: int, height: int, depth: int = 8) -> bytes:
    """A PNG that states a size and contains no pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    pixels = b"IDAT" + zlib.compress(b"")
    chunks = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (header, pixels))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_empty_is_refused() -> None:
    """Empty bytes are refused."""
    with pytest.raises(ImageUndecodable, match="empty"):
        decode(b"")


@pytest.mark.parametrize("data", [b"hello, this is no image", b"%PDF-1.7\n" * 50, bytes(1000), b"\x89PNG\r\n\x1a\n"])
def test_other_bytes_are_refused(data: bytes) -> None:
    """Bytes of another kind are refused."""
    with pytest.raises(ImageUndecodable):
        decode(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "WEBP", "PPM"])
def test_truncated_is_refused(kind: str) -> None:
    """Half of a file is refused, and not filled up with grey."""
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    data = encoded(Pillow.fromarray(noise), kind)
    with pytest.raises(ImageUndecodable):
        decode(data[: len(data) // 2])


def test_one_pixel_is_too_small() -> None:
    """A 1×1 image is refused with its size."""
    with pytest.raises(ImageTooSmall) as caught:
        decode(encoded(Pillow.new("L", (1, 1))))
    assert {"width": "1", "height": "1"} == caught.value.metadata


def test_huge_size_is_refused_by_its_header() -> None:
    """20,000×20,000 px is refused as too large before pixels are read: the file has none."""
    with pytest.raises(ImageTooLarge) as caught:
        decode(png_header(20_000, 20_000))
    assert {"width": "20000", "height": "20000"} == caught.value.metadata


def test_header_within_limits_is_not_too_large() -> None:
    """The same file with a permitted size fails because its pixels are missing."""
    with pytest.raises(ImageUndecodable):
        decode(png_header(200, 200))


def test_pixel_count_is_limited() -> None:
    """Too many pixels are refused even if both sides are within the limit."""
    with pytest.raises(ImageTooLarge):
        decode(png_header(8200, 8000))


def test_byte_count_is_limited() -> None:
    """More bytes than the limit are refused, exactly as many are accepted."""
    data = encoded(Pillow.fromarray(GRADIENT))
    assert (48, 64) == decode(data, ImageLimits(max_bytes=len(data))).pixels.shape
    with pytest.raises(ImageTooLarge) as caught:
        decode(data, ImageLimits(max_bytes=len(data) - 1))
    assert {"bytes": str(len(data)), "limit": str(len(data) - 1)} == caught.value.metadata


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "PNG", "WEBP"])
def test_several_frames_are_refused(kind: str) -> None:
    """An animation or a file of several pages is refused."""
    frames = [Pillow.fromarray(GRADIENT), Pillow.fromarray(GRADIENT[::-1])]
    with pytest.raises(ImageUnsupported, match="frames"):
        decode(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))


def test_float_pixels_are_refused() -> None:
    """Pixels without a known range are refused."""
    with pytest.raises(ImageUnsupported, match="mode F"):
        decode(encoded(Pillow.fromarray(GRADIENT.astype(np.float32)), "TIFF"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "GIF", "WEBP", "JPEG2000"])
def test_damaged_bytes_raise_nothing_but_named_errors(kind: str) -> None:
    """With any bytes changed, the result is an image or a named error."""
    random = np.random.default_rng(7)
    good = np.frombuffer(encoded(Pillow.fromarray(COLOUR), kind), np.uint8)
    outcomes = set()
    for _ in range(150):
        bad = good.copy()
        bad[random.integers(0, min(len(bad), 200), 3)] = random.integers(0, 255, 3)
        try:
            outcomes.add(decode(bad.tobytes()).pixels.dtype.name)
        except BiofusionError as error:
            outcomes.add(error.reason)
    assert "IMAGE_UNDECODABLE" in outcomes
