"""gallery.store.open_store: which URLs and settings are accepted, and what is opened."""

from __future__ import annotations

import asyncio
from dataclasses import fields
from pathlib import Path

import pytest

from biometrics.errors import ConfigurationInvalid, KeyWrong
from gallery.sealing.key_file import KeyFile
from gallery.sealing.key_table_file import KeyTableFile
from gallery.sealing.kms import AwsKms
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from gallery.store.redis.backend import RedisBackend
from gallery.store.redis.key_table import RedisKeyTable
from gallery.store.sqlite.backend import SqliteBackend
from infra.settings import Settings
from tests.support.builders import enrolment

WITH_KEY = StoreOptions(key_file="key")


@pytest.mark.parametrize(
    ("url", "kinds"),
    [
        ("sqlite:///store.db", (SqliteBackend, KeyTableFile, KeyFile)),
        ("sqlite:////var/lib/store.db", (SqliteBackend, KeyTableFile, KeyFile)),
        ("redis://localhost", (RedisBackend, RedisKeyTable, KeyFile)),
        ("redis://localhost:6379/2", (RedisBackend, RedisKeyTable, KeyFile)),
        ("rediss://host:6380/0", (RedisBackend, RedisKeyTable, KeyFile)),
        ("redis+cluster://one:1,two:2", (RedisBackend, RedisKeyTable, KeyFile)),
        ("rediss+sentinel://one:1,two:2/store/0", (RedisBackend, RedisKeyTable, KeyFile)),
    ],
)
async def test_the_scheme_chooses_the_store(url: str, kinds: tuple[type, ...]) -> None:
    """The scheme of the URL chooses backend and key table; opening connects and writes nothing."""
    store = open_store(url, WITH_KEY)
    assert kinds == (type(store.backend), type(store.table), type(store.encryption))
    await store.close()


def test_an_embedded_store_makes_its_key_and_key_table_beside_it(tmp_path: Path) -> None:
    """The path is unquoted, the files are named after the store, and only their owner can read the keys."""

    async def use() -> None:
        store = open_store(f"sqlite:///{tmp_path}/my%20store.db")
        await store.enroll(enrolment("anna"))
        await store.close()

    asyncio.run(use())
    made = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.iterdir()}
    assert {"my store.db", "my store.db.key", "my store.db.keys"} <= made.keys()
    assert (0, 0) == (made["my store.db.key"], made["my store.db.keys"])


async def test_a_named_key_file_is_made_for_a_new_embedded_store_only(tmp_path: Path) -> None:
    """A key file that is lost is not replaced by a new one, which could open nothing."""
    options = StoreOptions(key_file=str(tmp_path / "elsewhere" / "key"))
    store = open_store(f"sqlite:///{tmp_path}/store.db", options)
    await store.enroll(enrolment("anna"))
    await store.close()
    (tmp_path / "elsewhere" / "key").unlink()
    store = open_store(f"sqlite:///{tmp_path}/store.db", options)
    with pytest.raises(KeyWrong, match="BIOFUSION_KEY_FILE"):
        await store.ping()
    await store.close()


async def test_an_embedded_store_has_the_number_of_partitions_that_is_set(tmp_path: Path) -> None:
    """The setting is that of a new store."""
    store = open_store(f"sqlite:///{tmp_path}/store.db", StoreOptions(partition_count=8))
    assert 8 == await store.partition_count()
    await store.close()


@pytest.mark.parametrize(
    ("url", "options", "named"),
    [
        ("redis://localhost", StoreOptions(), "BIOFUSION_KEY_FILE"),
        ("redis://localhost", StoreOptions(key_file="key", kms_key="alias/key"), "BIOFUSION_KMS_KEY"),
        ("redis://localhost", StoreOptions(key_file="key", partition_count=3), "power of two"),
        ("redis://localhost", StoreOptions(key_file="key", key_table_url="http://x"), "Redis URL"),
        ("sqlite:///store.db", StoreOptions(key_table_url="redis://localhost"), "BIOFUSION_KEY_TABLE_URL"),
    ],
)
def test_settings_that_do_not_fit_are_named(url: str, options: StoreOptions, named: str) -> None:
    """Each message names the setting to change."""
    with pytest.raises(ConfigurationInvalid, match=named):
        open_store(url, options)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "store.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///folder/",
        "sqlite:///.",
        "sqlite:///secret%00",
        "sqlite://host/secret.db",
        "redis://",
        "redis:///0",
        "redis://host:port/secret",
        "redis://host/0?password=secret",
        "redis+cluster://host/1",
        "redis+sentinel://secret",
        "redis+other://secret",
        "postgres://user:secret@host/db",
        "http://[secret",
    ],
)
def test_anything_else_is_refused_without_repeating_it(url: str) -> None:
    """Any other URL is refused with a message that names the accepted forms and holds no part of the URL."""
    with pytest.raises(ConfigurationInvalid, match="redis://HOST:PORT/DATABASE") as caught:
        open_store(url, WITH_KEY)
    assert "secret" not in f"{caught.value} {caught.value.metadata}"


@pytest.mark.parametrize(
    "url", ["redis://:secret@host/0", "rediss://secret:secret@host", "redis+cluster://a:1,x:secret@b:2"]
)
def test_a_password_in_a_url_is_refused(url: str) -> None:
    """The message names the settings to use, and does not repeat user or password."""
    with pytest.raises(ConfigurationInvalid, match="BIOFUSION_REDIS_PASSWORD_FILE") as caught:
        open_store(url, WITH_KEY)
    assert "secret" not in f"{caught.value} {caught.value.metadata}"


def test_options_are_settings_of_the_same_names() -> None:
    """Every option is read from the setting of its name, with the same default."""
    assert StoreOptions() == StoreOptions.of(Settings())
    changed = Settings(key_file="a", partition_count=8, redis_replicas=2, redis_confirm_s=3.0, allow_unsafe_store=True)
    options = StoreOptions.of(changed)
    assert {each.name: getattr(changed, each.name) for each in fields(StoreOptions)} == {
        each.name: getattr(options, each.name) for each in fields(StoreOptions)
    }


@pytest.mark.parametrize("url", ["redis://localhost", "sqlite:///store.db"])
async def test_a_key_of_a_kms_takes_the_place_of_a_key_file(url: str) -> None:
    """It is used for every kind of store; nothing is asked of it before the first call."""
    store = open_store(url, StoreOptions(kms_key="alias/biofusion"))
    assert AwsKms is type(store.encryption)
    await store.close()


async def test_the_key_file_of_redis_is_never_made(tmp_path: Path) -> None:
    """A store in Redis is sealed with a key that its operator has made."""
    store = open_store("redis://localhost", StoreOptions(key_file=str(tmp_path / "key")))
    with pytest.raises(KeyWrong, match="biofusion gallery new-key"):
        await store.encryption.current()
    await store.close()
