"""Decoding valid and invalid images."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image as Pillow

from infra.images.decode import decode
from infra.images.formats.pillow_files import FORMATS
from tests.support.made_files import encoded
from tests.unit.infra.images.small_images import COLOUR, GRADIENT


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


def test_a_single_gif_frame_is_accepted() -> None:
    """A GIF of one frame is decoded like any image."""
    assert (48, 64) == decode(encoded(Pillow.fromarray(GRADIENT), "GIF")).gray.shape


def test_a_phone_picture_with_a_preview_is_accepted() -> None:
    """The first picture of a multi-picture JPEG is decoded."""
    main, preview = Pillow.fromarray(COLOUR), Pillow.new("RGB", (40, 40))
    data = encoded(main, "MPO", save_all=True, append_images=[preview])
    assert COLOUR.shape == decode(data).pixels.shape


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


def test_decoding_is_thread_safe() -> None:
    """Many threads decode the same bytes to the same pixels."""
    data = encoded(Pillow.fromarray(COLOUR))
    with ThreadPoolExecutor(4) as pool:
        assert all(np.array_equal(COLOUR, image.pixels) for image in pool.map(decode, [data] * 40))
