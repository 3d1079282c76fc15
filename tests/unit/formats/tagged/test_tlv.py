"""Tags and lengths."""

from __future__ import annotations

import pytest

from biometrics.errors import RecordMalformed
from formats.tagged.tlv import elements, need, number
from tests.support.records.tags import tag


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_lengths_of_one_to_four_bytes(size: int) -> None:
    """An element's value has as many bytes as its length says, in the short and the long form."""
    data = tag(0x7F61, bytes(size)) + tag(0x02, b"\x05")
    assert [(0x7F61, bytes(size)), (0x02, b"\x05")] == [(one.tag, bytes(one.value)) for one in elements(data, "it")]


@pytest.mark.parametrize(
    "data", [b"\x30\x80\x00\x00", b"\x30\x85\x00\x00\x00\x00\x00", b"\x7f\xff\x01\x00", b"\x30\x02\x00", b"\x7f"]
)
def test_what_is_no_der(data: bytes) -> None:
    """Indefinite lengths, longer ones than 4 bytes, long tags and truncation are errors."""
    with pytest.raises(RecordMalformed):
        list(elements(data, "it"))


def test_a_path_enters_what_it_names_only() -> None:
    """Elements beside the path are not looked into, so they may hold anything."""
    data = tag(0xA0, b"\x30\x84\xff\xff\xff\xff") + tag(0xA1, tag(0x80, b"x"), tag(0x80, b"y"))
    assert b"x" == bytes(need(data, (0xA1, 0x80), "it"))
    with pytest.raises(RecordMalformed, match="lacks the element 81"):
        need(data, (0xA1, 0x81), "it")


@pytest.mark.parametrize("value", [b"", b"\xff", b"\x00\x00\x00\x00\x01"])
def test_numbers_that_no_record_has(value: bytes) -> None:
    """A number has 1–4 bytes and is not negative."""
    with pytest.raises(RecordMalformed):
        number(memoryview(value), "it")


def test_more_elements_than_any_record_has() -> None:
    """Elements side by side are bounded, so that many small ones cost nothing."""
    assert 32 == len(list(elements(tag(0x80) * 32, "it")))
    with pytest.raises(RecordMalformed, match="more than 32"):
        list(elements(tag(0x80) * 33, "it"))
