"""gallery.store.open_store: which URLs are accepted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from gallery.store.redis.store import RedisStore
from gallery.store.sqlite.store import SqliteStore

from biometrics.errors import ConfigurationInvalid
from gallery.store.open_store import open_store
from gallery.store.port import SubjectStore


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("sqlite:///store.db", SqliteStore),
        ("sqlite:////var/lib/store.db", SqliteStore),
        ("redis://localhost", RedisStore),
        ("redis://:secret@localhost:6379/2", RedisStore),
        ("rediss://user:secret@host:6380/0", RedisStore),
    ],
)
async def test_the_scheme_chooses_the_store(url: str, kind: type[SubjectStore]) -> None:
    """The scheme of the URL chooses the store; opening connects and writes nothing."""
    store = open_store(url)
    assert kind is type(store)
    await store.close()


def test_a_sqlite_path_is_unquoted(tmp_path: Path) -> None:
    """Percent-encoding in a path is decoded, as in any URL."""

    async def use() -> None:
        store = open_store(f"sqlite:///{tmp_path}/my%20store.db")
        await store.ping()
        await store.close()

    asyncio.run(use())
    assert ["my store.db"] == [file.name for file in tmp_path.iterdir()]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "store.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///folder/",
        "sqlite://host/secret.db",
        "redis://",
        "redis:///0",
        "redis://:secret@host:port/0",
        "postgres://user:secret@host/db",
        "http://[secret",
    ],
)
def test_anything_else_is_refused_without_repeating_it(url: str) -> None:
    """Any other URL is refused with a message that names the accepted forms and holds no part of the URL."""
    with pytest.raises(ConfigurationInvalid, match="redis://HOST:PORT/DATABASE") as caught:
        open_store(url)
    assert "secret" not in f"{caught.value} {caught.value.metadata}"
