"""Damaged WSQ files are refused by name, at little cost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from biometrics.errors import ImageTooLarge, ImageTooSmall, ImageUndecodable, ImageUnsupported, InvalidInput
from infra.images.formats.decoders import decode_here
from infra.images.formats.limits import FULL, ImageLimits
from infra.images.guard.guard import Guard, Spent
from tests.support.mutations import mutated
from tests.support.wsq_files import decimal, segment, wsq

REFUSED = (ImageUndecodable, ImageUnsupported, ImageTooLarge, ImageTooSmall)
HEADER = 900
MUTATIONS = 300
SMALL = wsq(np.tile(np.arange(0, 240, 5, dtype=np.uint8), (40, 1)))


def test_every_truncation(wsq_vectors: list[Path]) -> None:
    """A file cut anywhere in its headers, or in many places after them, is refused."""
    for path in wsq_vectors:
        whole = path.read_bytes()
        for size in (*range(3, HEADER), *range(HEADER, len(whole) - 8, 997)):
            with pytest.raises(REFUSED):
                decode_here(whole[:size])
        decode_here(whole[:-2])


def test_every_truncation_of_a_small_file() -> None:
    """A small file is cut at every byte."""
    for size in range(3, len(SMALL) - 3):
        with pytest.raises(REFUSED):
            decode_here(SMALL[:size])


@given(st.lists(st.tuples(st.integers(2, len(SMALL) - 1), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=300)
def test_changed_bytes(changes: list[tuple[int, int]]) -> None:
    """Whatever bytes are changed, the file is decoded or refused by name."""
    data = bytearray(SMALL)
    for at, value in changes:
        data[at] = value
    try:
        decode_here(bytes(data))
    except InvalidInput as error:
        assert error.message  # noqa: PT017  # either outcome is right


def test_mutations(wsq_vectors: list[Path]) -> None:
    """Damaged files take at most 250 ms of CPU and 256 MiB, and end no decoder."""
    spent: list[Spent] = []
    messages = []
    guard = Guard(spent.append)
    whole = wsq_vectors[0].read_bytes()
    for number in range(MUTATIONS):
        try:
            guard.decode(mutated(whole, number), ImageLimits(), FULL)
        except InvalidInput as error:
            messages.append(error.message)
    guard.close()
    assert messages
    assert not [each for each in messages if "its decoder fail" in each]
    assert 256 * 2**20 >= max(each.peak_bytes for each in spent)
    assert 0.25 >= max(each.cpu_s for each in spent)


def changed(kind: int, change: Callable[[bytes], bytes]) -> bytes:
    """The small file with the content of its first segment of a kind changed."""
    at = SMALL.index(bytes([0xFF, kind]))
    end = at + 2 + int.from_bytes(SMALL[at + 2 : at + 4], "big")
    return SMALL[:at] + segment(kind, change(SMALL[at + 4 : end])) + SMALL[end:]


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        (0xA4, lambda content: b"\0\0" + content[2:], "1 to 32 taps"),
        (0xA4, lambda content: b"\x21\x21" + content[2:] + bytes(300), "1 to 32 taps"),
        (0xA4, lambda content: b"\x09\x08" + content[2:], "even number"),
        (0xA4, lambda content: b"\x1f\x1f" + content[2:], "filters are too short"),
        (0xA5, lambda content: content[:-1], "quantisation table is too short"),
        (0xA2, lambda content: content[:11], "frame header is too short"),
        (0xA2, lambda content: content[:4] + b"\0\x31" + content[6:], "before all of its picture|within a segment"),
        (0xA2, lambda content: content[:2] + b"\0\x27" + content[4:], "more coefficients than pixels|wrong code"),
        (0xA6, lambda content: content[:-1], "Huffman tables are wrong"),
        (0xA6, lambda content: content + content, "Huffman tables are wrong"),
        (0xA6, lambda content: content[:1] + b"\3" + content[2:] + b"abc", "Huffman tables are wrong"),
        (0xA6, lambda content: content[:1] + bytes(16), "wrong code"),
        (0xA3, lambda _: b"\7", "Huffman table is missing"),
        (0xA3, lambda _: b"", "Huffman table is missing"),
    ],
)
def test_wrong_segments(kind: int, change: Callable[[bytes], bytes], message: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(ImageUndecodable, match=message):
        decode_here(changed(kind, change))


def test_repeated_and_missing_segments() -> None:
    """Two frames, none, or segments without end are refused."""
    frame = SMALL[SMALL.index(b"\xff\xa2") :][:19]
    for data in (
        SMALL.replace(frame, frame * 2),
        SMALL.replace(frame, b""),
        b"\xff\xa0" + b"\xff\xa8\0\2" * 2000 + SMALL[2:],
    ):
        with pytest.raises(ImageUndecodable, match=r"two frame headers|are missing|more than 1000 segments"):
            decode_here(data)


def test_extreme_numbers(ridges: NDArray[np.uint8]) -> None:
    """Numbers beyond any picture's become black or white, without a warning."""
    steps = decimal(0.44) + (b"\0\xff\xff" * 2) * 64
    pixels, _ = decode_here(changed(0xA5, lambda _: steps))
    assert {0, 255} >= set(np.unique(pixels)) - set(range(1, 255))
    taps = b"\x09\x07" + (b"\0\0" + b"\xff" * 4) * 9
    assert (40, 48) == decode_here(changed(0xA4, lambda _: taps))[0].shape
    assert (40, 48) == decode_here(changed(0xA5, lambda _: decimal(0.44) + bytes(384)))[0].shape
