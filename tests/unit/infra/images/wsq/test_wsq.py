"""WSQ is decoded to the pixels of the reference decoder, with any filters, at any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from biometrics.errors import ImageTooLarge, ImageUndecodable, ImageUnsupported
from infra.images.decode import decode
from infra.images.formats.decoders import decode_here
from infra.images.formats.limits import ImageLimits
from tests.support.wsq_files import FILTERS, expected, huffman, segment, wsq

ANY_SIZE = ImageLimits(min_side_px=1)
SIZES = [(150, 190), (149, 190), (150, 189), (97, 131), (64, 65), (33, 34), (17, 1), (1, 40), (2, 3), (1, 1), (5, 9)]


def test_reference_pixels(wsq_vectors: list[Path]) -> None:
    """All pixels are within one grey level of those of NIST's decoder, and nearly all equal them."""
    for path in wsq_vectors:
        image = decode(path.read_bytes())
        reference = np.fromfile(path.with_suffix(".raw"), np.uint8).reshape(image.pixels.shape)
        differences = np.abs(reference.astype(int) - image.pixels)
        assert 1 >= differences.max()
        assert 1e-4 > np.mean(differences > 0)
        assert image.resolution_dpi is None


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", FILTERS)
def test_round_trip(ridges: NDArray[np.uint8], name: str, size: tuple[int, int]) -> None:
    """Whatever the filters' length and values and the image's size, decoding undoes coding."""
    image = ridges[: size[0], : size[1]]
    pixels, _ = decode_here(wsq(image, name, step=0.5), ANY_SIZE)
    assert 1 >= np.abs(np.clip(expected(image, name, 0.5), 0, 255) - pixels).max()


@pytest.mark.parametrize(
    ("comment", "dpi"),
    [
        (b"NIST_COM 9\nPIX_WIDTH 190\nPPI 500\nLOSSY 1\n", 500.0),
        (b"NIST_COM 9\nPIX_WIDTH 190\nPPI 1000", 1000.0),
        (b"NIST_COM 9\nPPI -1\nLOSSY 1\n", None),
        (b"NIST_COM 9\nPPI 0\n", None),
        (b"PPI 500\n", None),
        (b"NIST_COM 9\nXPPI 500\n", None),
        (b"NIST_COM", None),
        (b"\xff" * 300, None),
    ],
)
def test_resolution(ridges: NDArray[np.uint8], comment: bytes, dpi: float | None) -> None:
    """The resolution is taken from NIST's comment, if it states one."""
    assert dpi == decode(wsq(ridges, comment=comment)).resolution_dpi


def test_a_real_file_states_its_resolution() -> None:
    """A file of another encoder, with a comment of 500 dots per inch."""
    path = Path(__file__).parents[6] / "shared" / "cases" / "f1.wsq"
    if not path.exists():
        pytest.skip("../shared/cases is not there")
    image = decode(path.read_bytes())
    assert ((500, 400), 500.0) == (image.pixels.shape, image.resolution_dpi)


@pytest.mark.parametrize("tables", [1, 3, 8])
def test_blocks_and_tables(ridges: NDArray[np.uint8], tables: int) -> None:
    """A picture may have several Huffman tables and blocks, which end within any subband."""
    whole, _ = decode_here(wsq(ridges))
    assert np.array_equal(whole, decode_here(wsq(ridges, tables=tables))[0])


def test_restarts(ridges: NDArray[np.uint8]) -> None:
    """A block goes on after a restart marker; a restart interval and comments between blocks are passed over."""
    whole, _ = decode_here(wsq(ridges))
    between = b"\xff\xa7\0\4\0\x10" + b"\xff\xa8\0\6note"
    assert np.array_equal(whole, decode_here(wsq(ridges, tables=2, between=between))[0])
    second = segment(0xA6, huffman(1)) + segment(0xA3, b"\1")
    restarted = wsq(ridges, tables=2).replace(second, b"\xff\xb0")
    assert np.array_equal(whole, decode_here(restarted)[0])


def test_bytes_after_the_picture_are_ignored(ridges: NDArray[np.uint8]) -> None:
    """As records pad their pictures."""
    whole, _ = decode_here(wsq(ridges))
    assert np.array_equal(whole, decode_here(wsq(ridges) + bytes(61))[0])


def test_an_unknown_marker_is_named(ridges: NDArray[np.uint8]) -> None:
    """The error says which."""
    with pytest.raises(ImageUnsupported, match="marker FFC4"):
        decode(wsq(ridges, tables=2, between=b"\xff\xc4\0\2"))


def test_a_huge_header_is_refused(ridges: NDArray[np.uint8]) -> None:
    """Nothing is allocated for 65,535 × 65,535 pixels."""
    whole = wsq(ridges)
    at = whole.index(b"\xff\xa2") + 6
    huge = whole[:at] + b"\xff" * 4 + whole[at + 4 : whole.index(b"\xff\xa6") + 300]
    with pytest.raises(ImageTooLarge):
        decode(huge)
    with pytest.raises(ImageUndecodable):
        decode(huge[:200])
