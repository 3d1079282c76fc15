"""Opens the store that a URL names."""

from __future__ import annotations

import logging
from collections.abc import Callable
from math import inf
from urllib.parse import unquote, urlsplit

from biometrics.errors import ConfigurationInvalid, StoreUnavailable
from gallery.store.port import SubjectStore
from gallery.store.redis.store import RedisStore
from gallery.store.sqlite.store import SqliteStore

log = logging.getLogger(__name__)

ACCEPTED = "sqlite:///relative/file.db, sqlite:////absolute/file.db, redis://HOST:PORT/DATABASE or rediss://…"


def open_store(url: str, *, allow_unsafe: bool = False, left_s: Callable[[], float] = lambda: inf) -> SubjectStore:
    """The store that a URL names. Nothing is opened or connected before the first call.

    Args:
        url: `sqlite:///data/store.db` (relative to the working directory), `sqlite:////var/lib/store.db`
            (absolute), `redis://:PASSWORD@HOST:PORT/DATABASE`, or `rediss://` for Redis over TLS.
        allow_unsafe: accept a Redis server that may lose writes it has acknowledged.
        left_s: returns the seconds left until the deadline of the current call.

    Raises:
        ConfigurationInvalid: any other URL. The message does not repeat it, as it may hold a password.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _refused() from error
    path = unquote(parts.path)[1:]
    if parts.scheme == "sqlite" and not parts.netloc and path and not path.endswith("/"):
        return SqliteStore(path)
    if parts.scheme in ("redis", "rediss") and parts.hostname:
        return RedisStore(url, allow_unsafe=allow_unsafe, left_s=left_s)
    raise _refused()


async def check_store(store: SubjectStore) -> None:
    """Check the store at start-up. One that does not answer is accepted with a warning, as it may come up later.

    Raises:
        ConfigurationInvalid: this program cannot use the store, or it may lose writes it has acknowledged.
    """
    try:
        await store.ping()
    except StoreUnavailable as error:
        log.warning("Started without the store: %s", error.message)


def _refused() -> ConfigurationInvalid:
    return ConfigurationInvalid(f"The store URL cannot be used. Write {ACCEPTED}.")
