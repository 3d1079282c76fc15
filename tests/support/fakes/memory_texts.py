"""Fusion models and aliases of the in-memory backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gallery.store.changes import Outcome, Request, Written
from tests.support.fakes.backend_feeds import BackendFeeds


@dataclass
class MemoryTexts(BackendFeeds):
    """Texts by name; their receipts are in partition 0."""

    models: dict[str, str] = field(default_factory=dict)
    known_aliases: dict[str, str] = field(default_factory=dict)

    async def put_alias(self, alias: str, gallery: str, request: Request) -> Written:
        """See Backend."""
        return await self._put(self.known_aliases, alias, gallery, request)

    async def aliases(self) -> Mapping[str, str]:
        """See Backend."""
        await self.ping()
        return dict(sorted(self.known_aliases.items()))

    async def put_model(self, model_id: str, text: str, request: Request) -> Written:
        """See Backend."""
        return await self._put(self.models, model_id, text, request)

    async def _put(self, texts: dict[str, str], name: str, text: str, request: Request) -> Written:
        await self.ping()
        if done := self._done(0, request):
            return done
        if not text and name not in texts:
            return Written(Outcome.CHANGED)
        texts.pop(name, None)
        if text:
            texts[name] = text
        self.receipts[0, request.name] = (request.content, self._newest(0))
        return Written(Outcome.WRITTEN, self._newest(0))

    async def model(self, model_id: str) -> str | None:
        """See Backend."""
        await self.ping()
        return self.models.get(model_id)

    async def model_ids(self, after: str, limit: int) -> list[str]:
        """See Backend."""
        await self.ping()
        return sorted(each for each in self.models if each > after)[:limit]
