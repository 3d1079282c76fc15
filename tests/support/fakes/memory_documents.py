"""A fake of the port to documents, in a dict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gallery.store.documents import rules
from gallery.store.documents.port import Document


@dataclass
class MemoryDocuments:
    """Documents by collection and key."""

    kept: dict[tuple[str, bytes], Document] = field(default_factory=dict)
    newest: int = 0

    async def get(self, collection: str, key: str) -> Document | None:
        """See Documents."""
        return self.kept.get((rules.check_collection(collection), rules.key_bytes(key)))

    async def get_many(self, collection: str, keys: Sequence[str]) -> list[Document | None]:
        """See Documents."""
        rules.check_limit(len(keys))
        return [await self.get(collection, each) for each in keys]

    async def put(self, collection: str, key: str, body: bytes, expected_version: int) -> int:
        """See Documents."""
        place = rules.check_collection(collection), rules.key_bytes(key)
        self._require(place, expected_version)
        self.newest += 1
        self.kept[place] = Document(key, self.newest, rules.check_body(body))
        return self.newest

    async def delete(self, collection: str, key: str, expected_version: int) -> None:
        """See Documents."""
        place = rules.check_collection(collection), rules.key_bytes(key)
        if not expected_version:
            raise rules.changed(collection, self._version(place))
        self._require(place, expected_version)
        del self.kept[place]

    async def list(self, collection: str, after: str, limit: int, prefix: str = "") -> list[Document]:
        """See Documents."""
        rules.check_collection(collection)
        begin, start = rules.text_bytes(after), rules.text_bytes(prefix)
        keys = sorted(key for own, key in self.kept if own == collection and key > begin and key.startswith(start))
        return [self.kept[collection, key] for key in keys[: rules.check_limit(limit)]]

    def _require(self, place: tuple[str, bytes], expected: int) -> None:
        if self._version(place) != expected:
            raise rules.changed(place[0], self._version(place))

    def _version(self, place: tuple[str, bytes]) -> int:
        found = self.kept.get(place)
        return found.version if found else 0
