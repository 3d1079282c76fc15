"""Fakes of the key table and of the key-encryption key, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from biometrics.errors import KeyWrong, StoreUnavailable
from gallery.progress import Progress
from gallery.sealing.key_table import HEAD, KEY_BYTES, KeyRef, PageHead, Rewrap


@dataclass
class MemoryKeyTable:
    """KeyTable in a list of pages."""

    content: bytes = b""
    kept: list[bytes] = field(default_factory=list)
    down: bool = False

    async def header(self) -> bytes:
        """See KeyTable."""
        self._require()
        return self.content

    async def put_header(self, new: bytes, expected: bytes) -> bool:
        """See KeyTable."""
        self._require()
        if self.content != expected:
            return False
        self.content = new
        return True

    async def add_pages(self, pages: Sequence[bytes]) -> list[int]:
        """See KeyTable."""
        self._require()
        self.kept += pages
        return list(range(len(self.kept) - len(pages), len(self.kept)))

    async def pages(self, partition: int, numbers: Sequence[int]) -> Mapping[int, bytes]:
        """See KeyTable."""
        self._require()
        return {number: self.kept[number] for number in numbers if number < len(self.kept)}

    async def destroy(self, partition: int, refs: Sequence[KeyRef]) -> None:
        """See KeyTable."""
        self._require()
        for ref in refs:
            page, start = bytearray(self.kept[ref.page]), HEAD.size + KEY_BYTES * ref.slot
            page[start : start + KEY_BYTES] = bytes(KEY_BYTES)
            self.kept[ref.page] = bytes(page)

    async def rewrap(self, change: Rewrap, progress: Progress) -> None:
        """See KeyTable."""
        self._require()
        self.kept = [change(page) or page for page in self.kept]
        progress(len(self.kept), len(self.kept))

    async def close(self) -> None:
        """See KeyTable."""

    @property
    def partitions(self) -> list[int]:
        """The partition of each page."""
        return [head.partition for page in self.kept if (head := PageHead.of(page))]

    def _require(self) -> None:
        if self.down:
            raise StoreUnavailable("The key table is down.")


@dataclass
class MemoryKey:
    """KeyEncryption that wraps by writing key id and context in front."""

    ids: list[str] = field(default_factory=lambda: ["k1"])

    async def current(self) -> str:
        """See KeyEncryption."""
        return self.ids[-1]

    async def wrap(self, data_key: bytes, context: str) -> tuple[str, bytes]:
        """See KeyEncryption."""
        return self.ids[-1], f"{self.ids[-1]}|{context}|".encode() + data_key

    async def unwrap(self, key_id: str, wrapped: bytes, context: str) -> bytes:
        """See KeyEncryption."""
        prefix = f"{key_id}|{context}|".encode()
        if key_id not in self.ids or not wrapped.startswith(prefix):
            raise KeyWrong("Another key.")
        return wrapped[len(prefix) :]

    async def is_prepared(self) -> bool:
        """See KeyEncryption."""
        return False

    async def renew(self) -> str:
        """See KeyEncryption."""
        self.ids.append(f"k{len(self.ids) + 1}")
        return self.ids[-1]

    async def destroy(self, key_id: str) -> None:
        """See KeyEncryption."""
        self.ids.remove(key_id)

    async def close(self) -> None:
        """See KeyEncryption."""
