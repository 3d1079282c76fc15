"""A store by its URL."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from biometrics.errors import ConfigurationInvalid
from gallery.redis import RedisStore
from gallery.sqlite import SqliteStore
from gallery.store import SubjectStore

ACCEPTED = "sqlite:///relative/file.db, sqlite:////absolute/file.db, redis://HOST:PORT/DATABASE or rediss://…"


def open_store(url: str) -> SubjectStore:
    """The store that a URL names. Nothing is opened or connected before the first call.

    Args:
        url: `sqlite:///data/store.db` (relative to the working directory), `sqlite:////var/lib/store.db`
            (absolute), `redis://:PASSWORD@HOST:PORT/DATABASE`, or `rediss://` for Redis over TLS.

    Raises:
        ConfigurationInvalid: anything else. The message does not repeat the URL, which may hold a password.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _refused() from error
    path = unquote(parts.path)[1:]
    if parts.scheme == "sqlite" and not parts.netloc and path and not path.endswith("/"):
        return SqliteStore(path)
    if parts.scheme in ("redis", "rediss") and parts.hostname:
        return RedisStore(url)
    raise _refused()


def _refused() -> ConfigurationInvalid:
    return ConfigurationInvalid(f"The store URL cannot be used. Write {ACCEPTED}.")
