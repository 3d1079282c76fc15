"""Decoding valid and invalid images."""

from __future__ import annotations

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image as Pillow

from biometrics.errors import BiofusionError, ImageTooLarge, ImageTooSmall, ImageUndecodable, ImageUnsupported
from infra.images.decode import ImageLimits, decode
from infra.images.formats.pillow_files import FORMATS

GRADIENT = np.add.outer(np.arange(48), np.arange(64) * 2).astype(np.uint8)
COLOUR = np.stack([GRADIENT, GRADIENT[::-1], np.full_like(GRADIENT, 90)], axis=2)


def encoded(image: Pillow.Image, kind: str = "PNG", **options: object) -> bytes:
    """The image as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_header(width: int, height: int, depth: int = 8) -> bytes:
    """A PNG that states a size and contains no pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    pixels = b"IDAT" + zlib.compress(b"")
    chunks = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (header, pixels))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_grey_is_kept() -> None:
    """Grey pixels are unchanged, and form three equal channels."""
    image = decode(encoded(Pillow.fromarray(GRADIENT)))
    assert np.array_equal(GRADIENT, image.pixels)
    assert np.array_equal(np.dstack([GRADIENT] * 3), image.rgb)


def test_colour_is_kept() -> None:
    """RGB pixels are unchanged, and their luma is ITU-R BT.601."""
    image = decode(encoded(Pillow.fromarray(COLOUR)))
    assert np.array_equal(COLOUR, image.pixels)
    assert np.max(np.abs(COLOUR @ [0.299, 0.587, 0.114] - image.gray)) < 1


@pytest.mark.parametrize("kind", [k for k in FORMATS if k not in {"AVIF", "GIF", "JPEG", "WEBP"}])
def test_lossless_formats(kind: str) -> None:
    """Each lossless format gives the same pixels."""
    assert np.array_equal(COLOUR, decode(encoded(Pillow.fromarray(COLOUR), kind)).rgb)


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


def test_sixteen_bit_grey_is_scaled() -> None:
    """16-bit grey 0–65535 becomes 0–255."""
    wide = GRADIENT.astype(np.uint16) * 257
    for kind in ("PNG", "TIFF"):
        assert np.array_equal(GRADIENT, decode(encoded(Pillow.fromarray(wide), kind)).pixels)


def test_palette_becomes_rgb() -> None:
    """Palette indices are looked up."""
    indexed = Pillow.fromarray(COLOUR).quantize(16)
    assert np.array_equal(np.asarray(indexed.convert("RGB")), decode(encoded(indexed)).pixels)


def test_cmyk_becomes_rgb() -> None:
    """Pure cyan ink becomes a colour without red."""
    cyan = Pillow.new("CMYK", (40, 40), (255, 0, 0, 0))
    assert [0, 255, 255] == decode(encoded(cyan, "TIFF")).pixels[20, 20].tolist()


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_becomes_white(mode: str) -> None:
    """Transparent pixels are blended with white."""
    clear = Pillow.new(mode, (40, 40), 0)
    assert 255 == decode(encoded(clear)).pixels.min()


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "PNG", "WEBP"])
def test_several_frames_are_refused(kind: str) -> None:
    """An animation or a file of several pages is refused."""
    frames = [Pillow.fromarray(GRADIENT), Pillow.fromarray(GRADIENT[::-1])]
    with pytest.raises(ImageUnsupported, match="frames"):
        decode(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))


def test_a_single_gif_frame_is_accepted() -> None:
    """A GIF of one frame is decoded like any image."""
    assert (48, 64) == decode(encoded(Pillow.fromarray(GRADIENT), "GIF")).gray.shape


def test_a_phone_picture_with_a_preview_is_accepted() -> None:
    """The first picture of a multi-picture JPEG is decoded."""
    main, preview = Pillow.fromarray(COLOUR), Pillow.new("RGB", (40, 40))
    data = encoded(main, "MPO", save_all=True, append_images=[preview])
    assert COLOUR.shape == decode(data).pixels.shape


def test_float_pixels_are_refused() -> None:
    """Pixels without a known range are refused."""
    with pytest.raises(ImageUnsupported, match="mode F"):
        decode(encoded(Pillow.fromarray(GRADIENT.astype(np.float32)), "TIFF"))


def test_exif_orientation_is_applied() -> None:
    """An image on its side is rotated upright by its EXIF orientation."""
    exif = Pillow.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise
    data = encoded(Pillow.fromarray(GRADIENT), exif=exif)
    assert np.array_equal(np.rot90(GRADIENT, -1), decode(data).pixels)


@pytest.mark.parametrize(
    ("dpi", "expected"),
    [((500, 500), (500, None)), ((500, 250), (500, 250)), ((500, 1), (None, None)), (None, (None, None))],
)
@pytest.mark.parametrize("kind", ["TIFF", "PNG", "JPEG", "BMP"])
def test_resolution(kind: str, dpi: tuple[int, int] | None, expected: tuple[float | None, float | None]) -> None:
    """The resolution is the file's if it states both directions, which may differ."""
    if kind == "BMP" and dpi is None:
        expected = 96.0, None  # which Pillow writes if none is stated
    image = decode(encoded(Pillow.fromarray(GRADIENT), kind, **({} if dpi is None else {"dpi": dpi})))
    assert expected == (
        pytest.approx(image.resolution_dpi, abs=0.1),
        pytest.approx(image.vertical_dpi, abs=0.1),
    )


def test_a_resolution_in_cm_is_converted() -> None:
    """TIFF may state dots per centimetre: 197 are 500.4 dpi."""
    options = {"x_resolution": 197, "y_resolution": 394, "resolution_unit": "cm"}
    image = decode(encoded(Pillow.fromarray(GRADIENT), "TIFF", **options))
    assert (pytest.approx(500.38), pytest.approx(1000.76)) == (image.resolution_dpi, image.vertical_dpi)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("pixels", [GRADIENT, COLOUR])
def test_resolutions_rotate_with_the_image(kind: str, orientation: int, pixels: np.ndarray) -> None:
    """Horizontal and vertical resolution are those of the upright image."""
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    image = decode(encoded(Pillow.fromarray(pixels), kind, exif=exif, dpi=(500, 1000)))
    assert ((64, 48) if orientation > 4 else (48, 64)) == image.pixels.shape[:2]
    told = round(image.resolution_dpi or 0), round(image.vertical_dpi or 0)
    assert ((1000, 500) if orientation > 4 else (500, 1000)) == told


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


def test_decoding_is_thread_safe() -> None:
    """Many threads decode the same bytes to the same pixels."""
    data = encoded(Pillow.fromarray(COLOUR))
    with ThreadPoolExecutor(4) as pool:
        assert all(np.array_equal(COLOUR, image.pixels) for image in pool.map(decode, [data] * 40))
