from __future__ import annotations

from gallery.sealing.key_table import PAGE_BYTES, KeyRef, PageHead


def test_a_reference_knows_its_key() -> None:
    """A reference is 10 bytes, and tells its own key from another one in the same place."""
    ref = KeyRef.of(2**32 - 1, 255, bytes(range(32)))
    assert (10, ref) == (len(ref.packed), KeyRef.unpack(ref.packed))
    assert [True, False] == [ref.is_of(bytes(range(32))), ref.is_of(bytes(32))]


def test_only_a_page_has_a_head() -> None:
    """Bytes of another length or beginning are no page."""
    head = PageHead(4095, 7, b"12345678")
    page = head.packed.ljust(PAGE_BYTES, b"x")
    assert [head, None, None] == [PageHead.of(page), PageHead.of(page[:-1]), PageHead.of(b"X" + page[1:])]
