from __future__ import annotations

import numpy as np
import pytest

from biometrics.errors import TemplateMalformed
from services.iris.template.features import BITS, SIZE_BYTES, IrisCode, from_bits, pack, unpack


@pytest.fixture
def code() -> IrisCode:
    """A random code."""
    rng = np.random.default_rng(1)
    return from_bits(rng.random((4, 16, 256)) < 0.5, rng.random((4, 16, 256)) < 0.7)


def test_round_trip(code: IrisCode) -> None:
    """A packed code is unpacked unchanged."""
    again = unpack(pack(code))

    assert code.code.tolist() == again.code.tolist()
    assert code.mask.tolist() == again.mask.tolist()


def test_packed_length(code: IrisCode) -> None:
    """A template is a header of 8 bytes and two bit fields."""
    assert 8 + 2 * BITS // 8 == SIZE_BYTES == len(pack(code))


def test_bit_places() -> None:
    """Channel c of row r in column k is bit 4·r + c of word k."""
    bits = np.zeros((4, 16, 256), bool)
    bits[2, 5, 77] = True

    made = from_bits(bits, np.ones_like(bits))

    assert {77: 1 << 22} == {int(k): int(made.code[k]) for k in np.flatnonzero(made.code)}


def test_invalid_bits_are_zero() -> None:
    """A bit outside the mask is stored as 0."""
    assert 0 == from_bits(np.ones((4, 16, 256), bool), np.zeros((4, 16, 256), bool)).code.sum()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: b"X" + data[1:],
        lambda data: data[:4] + b"\2" + data[5:],
        lambda data: data[:8] + bytes(SIZE_BYTES - 8),
        lambda data: data[:8] + b"\xff" * 2048 + data[2056:],
        lambda data: b"\0",
    ],
    ids=["short", "long", "magic", "version", "empty mask", "bits outside the mask", "one byte"],
)
def test_damaged_template(code: IrisCode, damage) -> None:
    """A template of wrong length, header or content is refused."""
    with pytest.raises(TemplateMalformed):
        unpack(damage(pack(code)))
