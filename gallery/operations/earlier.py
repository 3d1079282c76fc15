"""Opens the store that subjects are moved from, whatever its version."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from redis.asyncio import Redis

from biometrics.errors import ConfigurationInvalid
from gallery.operations.earlier_redis import EarlierRedis
from gallery.operations.earlier_sqlite import EarlierSqlite
from gallery.operations.source import Source, SourcePage, StoreSource
from gallery.store.open_store import access_of, open_store, require_store
from gallery.store.options import StoreOptions


class EitherSource:
    """Source that is read as an earlier store, or as one of the present version, as is found when it is counted.

    Args:
        earlier: reads it as an earlier one.
        present: reads it as one of the present version.
    """

    def __init__(self, earlier: Source, present: Source) -> None:
        self._earlier, self._present = earlier, present
        self._chosen = earlier

    async def count(self) -> int:
        """See Source.

        Raises:
            ConfigurationInvalid: it is no store that this program can read.
        """
        try:
            return await self._earlier.count()
        except ConfigurationInvalid:
            self._chosen = self._present
            return await self._present.count()

    def pages(self) -> AsyncIterator[SourcePage]:
        """See Source."""
        return self._chosen.pages()

    def models(self) -> AsyncIterator[tuple[str, str]]:
        """See Source."""
        return self._chosen.models()

    async def aliases(self) -> Mapping[str, str]:
        """See Source."""
        return await self._chosen.aliases()

    async def close(self) -> None:
        """See Source."""
        await self._earlier.close()
        await self._present.close()


def source_of(url: str, options: StoreOptions) -> Source:
    """The source that a URL names, as `open_store`; nothing is opened before the first call.

    Raises:
        ConfigurationInvalid: the URL cannot be used, or names a file that does not exist.
    """
    require_store(url)
    present, parts = StoreSource(open_store(url, options)), urlsplit(url)
    if parts.scheme == "sqlite":
        return EitherSource(EarlierSqlite(Path(unquote(parts.path)[1:])), present)
    if parts.scheme in ("redis", "rediss"):
        connection = access_of(options).options(tls=parts.scheme == "rediss")
        return EitherSource(EarlierRedis(Redis.from_url(url, **connection)), present)
    return present
