"""Samples of 10, 12 and 14 bits in 16-bit files are decoded like 8-bit ones."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
import pytest

from biometrics.errors import BiofusionError, ImageUnsupported
from biometrics.template import Position
from infra.images.decode import Image, decode
from infra.models.manifest import manifest
from infra.models.supply import ensure
from services.face.extractor import FaceExtractor
from services.fingerprint.extractor import FingerprintExtractor
from tests.unit.infra.files import SHORT, SIGNED, jpeg2000, png, pnm, tiff, tiff_32

GRAY = np.add.outer(np.arange(48) * 2, np.arange(64) * 5 // 2).astype(np.uint8)
COLOUR = np.stack([GRAY, GRAY[::-1], np.full_like(GRAY, 90)], axis=2)
FILES: dict[str, Callable[[np.ndarray], bytes]] = {
    "PNG": png,
    "TIFF": tiff,
    "big-endian TIFF": lambda samples: tiff(samples, ">"),
    "PNM": pnm,
    "JPEG 2000": jpeg2000,
}


def stretched(pixels: np.ndarray, bits: int) -> np.ndarray:
    """Scale 0–255 to 0–2^bits − 1."""
    return np.rint(pixels * ((2**bits - 1) / 255)).astype(np.uint16)


def off(data: bytes, pixels: np.ndarray) -> int:
    """The largest difference between a file's pixels and those expected."""
    return int(np.abs(decode(data).pixels.astype(int) - pixels).max())


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("pixels", [GRAY, COLOUR], ids=["grey", "colour"])
def test_any_depth_in_16_bits(file: str, bits: int, pixels: np.ndarray) -> None:
    """Grey and colour are within one level of the 8-bit image."""
    assert off(FILES[file](stretched(pixels, bits)), pixels) <= 1


@pytest.mark.parametrize("shift", [2, 4, 6])
def test_8_bits_times_a_power_of_two(shift: int) -> None:
    """8-bit data multiplied into 10, 12 or 14 bits is read by its new range."""
    assert off(png(GRAY.astype(np.uint16) << shift), GRAY) <= 1


def test_16_bits_do_not_change() -> None:
    """Full 16-bit samples, and those that reach just over a quarter of the range, are divided by 257."""
    random = np.random.default_rng(1)
    for highest in (2**16, 2**14 + 2**11):
        samples = random.integers(0, highest, (50, 60), np.uint16)
        for file in FILES.values():
            assert np.array_equal(samples // 257, decode(file(samples)).pixels)
    colour = random.integers(0, 2**16, (50, 60, 3), np.uint16)
    assert np.array_equal(colour >> 8, decode(png(colour)).pixels)


def test_a_dark_image_is_read_by_the_range_it_uses() -> None:
    """If all values are under 2^14 and no depth is stated, 14 bits are assumed."""
    samples = np.random.default_rng(2).integers(0, 2**14, (50, 60), np.uint16)
    assert np.array_equal(samples * 255.0 // (2**14 - 1), decode(png(samples)).pixels)


def test_data_shifted_left_has_the_full_range() -> None:
    """12 bits in the upper 12 of 16 are divided by 257, even if the image is so dark that 14 bits would hold it."""
    for highest in (2**12, 2**10):
        samples = np.random.default_rng(3).integers(0, highest, (50, 60), np.uint16) << 4
        assert np.array_equal(samples // 257, decode(png(samples)).pixels)


def test_dead_pixels_and_a_mark_do_not_change_the_depth() -> None:
    """12 bits stay 12 with a thousandth of the pixels at any value and 2 % at the highest, but not with more."""
    clean = stretched(np.tile(GRAY, (4, 4)), 12)
    dead, marked, bright = clean.copy(), clean.copy(), clean.copy()
    dead.flat[:40] = np.random.default_rng(4).integers(2**13, 2**16, 40)
    marked[:10, :90] = 65535
    bright[:20, :90] = 65535
    for samples in (dead, marked):
        shown = samples < 4096
        assert np.abs(decode(png(samples)).pixels.astype(int) - np.tile(GRAY, (4, 4)))[shown].max() <= 1
        assert 255 == decode(png(samples)).pixels[0, 0]
    assert np.array_equal(bright // 257, decode(png(bright)).pixels)


def test_an_added_black_level_does_not_change_the_depth() -> None:
    """Values from 256 to 4351 are read as 12 bits."""
    pixels = decode(png(stretched(GRAY, 12) + np.uint16(256))).pixels
    assert np.array_equal(np.minimum((stretched(GRAY, 12) + 256.0) * 255 // 4095, 255), pixels)


def test_a_stated_depth_takes_precedence() -> None:
    """A dark image stays dark if sBIT, MaxSampleValue, BitsPerSample or maxval states its range."""
    dark = stretched(GRAY // 8, 12)
    stating = {
        "sBIT": png(dark, 12),
        "sBIT, stretched": png(stretched(GRAY // 8, 16) | 1, 12),
        "MaxSampleValue": tiff(dark, tags={281: (SHORT, 4095)}),
        "MaxSampleValue, big-endian": tiff(dark, ">", tags={281: (SHORT, 4095)}),
        "SMaxSampleValue": tiff(dark, tags={339: (SHORT, 2), 341: (SIGNED, 4095)}),
        "BitsPerSample": tiff(dark, bits=12),
        "maxval": pnm(dark, 4095),
    }
    assert dict.fromkeys(stating, True) == {name: off(data, GRAY // 8) <= 1 for name, data in stating.items()}
    assert off(png(dark), GRAY // 8) > 50


def test_a_stated_depth_that_the_samples_exceed_is_ignored() -> None:
    """Samples with 12 significant bits that use all 16 were scaled, as the PNG standard demands."""
    assert off(png(stretched(GRAY, 16), 12), GRAY) <= 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [12, 16])
def test_signed_samples(order: str, bits: int) -> None:
    """Samples centred on 0 are shifted up by half of their range; a little noise below black becomes black."""
    signed = tiff(stretched(GRAY, bits).astype(int) - 2 ** (bits - 1), order, tags={339: (SHORT, 2)})
    assert off(signed, GRAY) <= 1
    noisy = stretched(GRAY, 12).astype(int)
    noisy[0, 0] = -30
    assert off(tiff(noisy, order, tags={339: (SHORT, 2)}), GRAY) <= 1


def test_more_than_16_bits_are_refused() -> None:
    """32-bit samples beyond 65,535 have no known range."""
    with pytest.raises(ImageUnsupported, match="reach from 0 to 70000"):
        decode(tiff_32(np.array([[0, 70_000]] * 40).repeat(20, axis=1)))
    assert off(tiff_32(stretched(GRAY, 12)), GRAY) <= 1


def test_deep_colour_with_alpha_is_blended_with_white() -> None:
    """In 12-bit colour with 16-bit alpha, transparent pixels become white, the others stay."""
    alpha = np.full(GRAY.shape, 65535)
    alpha[:, :20] = 0
    pixels = decode(png(np.dstack([stretched(COLOUR, 12), alpha]))).pixels.astype(int)
    assert 255 == pixels[:, :20].min()
    assert np.abs(pixels - COLOUR)[:, 20:].max() <= 1


def test_deep_colour_is_turned_upright() -> None:
    """The stated orientation is applied to 12-bit colour too."""
    pixels = decode(tiff(stretched(COLOUR, 12), tags={274: (SHORT, 6)})).pixels.astype(int)
    assert np.abs(pixels - np.rot90(COLOUR, -1)).max() <= 1


def test_deep_colour_that_cannot_be_read_is_refused() -> None:
    """A plain PPM of 12 bits in 16, which OpenCV cannot read, is refused; one of 16 bits is accepted."""
    height, width = GRAY.shape
    plain = [
        f"P3\n{width} {height}\n65535\n{' '.join(map(str, stretched(COLOUR, bits).ravel()))}".encode()
        for bits in (12, 16)
    ]
    with pytest.raises(ImageUnsupported, match="only its lower bits"):
        decode(plain[0])
    assert off(plain[1], COLOUR) <= 1


@pytest.mark.parametrize("file", FILES)
def test_damaged_bytes_raise_nothing_but_named_errors(file: str) -> None:
    """With any bytes of a deep colour image changed, the result is an image or a named error."""
    random = np.random.default_rng(7)
    good = np.frombuffer(FILES[file](stretched(COLOUR, 12)), np.uint8)
    for _ in range(100):
        bad = good.copy()
        bad[random.integers(0, min(len(bad), 200), 2)] = random.integers(0, 255, 2)
        with contextlib.suppress(BiofusionError):
            assert np.uint8 == decode(bad.tobytes()).pixels.dtype


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_faces_and_fingers_are_found_at_any_depth(
    load_asset: Callable[[str], bytes], face_extractor: FaceExtractor, bits: int
) -> None:
    """Compared with 8 bits, a face's quality differs by under 1, a finger's and its number of minutiae by under 2 %."""
    ensure([manifest().models[name] for name in ("leader", "ridge-signs")])
    fingers = FingerprintExtractor.load()
    face, finger = (Image(decode(load_asset(name)).gray) for name in ("portrait-hopper", "finger-1"))
    deep_face, deep_finger = (decode(png(stretched(each.gray, bits))) for each in (face, finger))
    qualities = [face_extractor.extract(each, Position.FACE).quality.value for each in (face, deep_face)]
    assert pytest.approx(qualities[0], abs=1.0) == qualities[1]
    found = [fingers.extract(each, Position.UNKNOWN) for each in (finger, deep_finger)]
    counts = [len(each.details.minutiae) for each in found]
    assert pytest.approx(counts[0], rel=0.02) == counts[1]
    assert pytest.approx(found[0].quality.value, abs=2.0) == found[1].quality.value
