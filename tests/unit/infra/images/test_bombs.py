"""Small files that are expensive to decode, and damaged ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from biometrics.errors import ImageTooCostly, InvalidInput
from infra.images.formats.limits import FULL, ImageLimits
from infra.images.guard.guard import Guard, Spent
from tests.support.hostile_files.bombs import BOMBS
from tests.support.mutations import OPTIONS, mutated, sound

MOST_CPU_S = 1.0
MOST_BYTES = 256 * 2**20
MUTATIONS = 150

REFUSED = {
    "IMAGE_TOO_COSTLY": (
        "jpeg_scans", "jpeg_scans_small", "jpeg_markers", "tiff_tiny_tiles", "ppm_maxval", "ppm_comments", "ppm_plain",
        "png_chunks", "png_deep", "webp_flat", "avif_flat", "jpeg2000_flat",
    ),
    "IMAGE_UNSUPPORTED": ("tiff_directories", "webp_frames", "gif_frames", "avif_frames"),
    "IMAGE_TOO_LARGE": ("tiff_huge_tiles", "gif_large_frame"),
    "IMAGE_UNDECODABLE": ("png_text", "png_profile", "jpeg2000_components"),
}  # fmt: skip
REASONS = {name: reason for reason, names in REFUSED.items() for name in names}


@pytest.fixture
def spent() -> list[Spent]:
    """Resources that the files used."""
    return []


@pytest.fixture
def guard(spent: list[Spent]) -> Iterator[Guard]:
    """A guard with its own processes."""
    guard = Guard(spent.append)
    yield guard
    guard.close()


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(guard: Guard, spent: list[Spent], name: str) -> None:
    """Each is refused by name, or decoded, within a second of CPU and 256 MiB; the next file is decoded as usual."""
    if name in REASONS:
        with pytest.raises(InvalidInput) as caught:
            guard.decode(BOMBS[name](), ImageLimits(), FULL)
        assert REASONS[name] == caught.value.reason
    else:
        with suppress(ImageTooCostly):  # whether the budget is enough depends on the machine
            guard.decode(BOMBS[name](), ImageLimits(), FULL)
    assert spent[-1].cpu_s <= MOST_CPU_S
    assert spent[-1].peak_bytes <= MOST_BYTES
    pixels, _ = guard.decode(sound("PNG"), ImageLimits(), FULL)
    assert (64, 64, 3) == pixels.shape


@pytest.mark.parametrize("name", OPTIONS)
def test_damaged_files(guard: Guard, spent: list[Spent], name: str) -> None:
    """Damaged files are decoded, or refused with a named error, never at higher cost."""
    messages = []
    for number in range(MUTATIONS):
        try:
            guard.decode(mutated(sound(name), number), ImageLimits(), FULL)
        except InvalidInput as error:
            messages.append(error.message)
    assert messages
    assert not [each for each in messages if "its decoder fail" in each]
    assert MUTATIONS == len(spent)
    assert max(each.cpu_s for each in spent) <= MOST_CPU_S
    assert max(each.peak_bytes for each in spent) <= MOST_BYTES
