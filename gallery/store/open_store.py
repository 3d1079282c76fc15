"""Opens the store that a URL names, with its key table and its key."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module
from math import inf
from pathlib import Path
from urllib.parse import unquote, urlsplit

from biometrics.errors import ConfigurationInvalid, KeyUnavailable, StoreUnavailable
from gallery.sealing.key_encryption import KeyEncryption
from gallery.sealing.key_file import KeyFile
from gallery.sealing.key_table_file import KeyTableFile
from gallery.store.options import StoreOptions
from gallery.store.port import SubjectStore
from gallery.store.redis.backend import NAMESPACE, RedisBackend
from gallery.store.redis.connections.access import Access, Demands
from gallery.store.redis.connections.address import FORMS, is_redis
from gallery.store.redis.key_table import RedisKeyTable
from gallery.store.sqlite.backend import SqliteBackend
from gallery.store.subject_store import PartitionedStore

log = logging.getLogger(__name__)

ACCEPTED = f"sqlite:///relative/file.db, sqlite:////absolute/file.db, {FORMS}"


def open_store(
    url: str, options: StoreOptions | None = None, *, left_s: Callable[[], float] = lambda: inf
) -> PartitionedStore:
    """The store that a URL names. Nothing is opened or connected before the first call.

    Args:
        url: `sqlite:///data/store.db` (relative to the working directory), `sqlite:////var/lib/store.db` (absolute),
            or one of the forms of Redis.
        options: settings of the store.
        left_s: returns the seconds left until the deadline of the current call.

    Raises:
        ConfigurationInvalid: any other URL; a setting that is missing, or that this store does not have. The message
            does not repeat the URL, as it may hold a password.
    """
    options = options or StoreOptions()
    if is_redis(url):
        return _redis(url, options, left_s)
    return _sqlite(_path(url), options)


def require_store(url: str) -> None:
    """Return if the URL names no file, or one that exists; for work on a store that is not to make one.

    Raises:
        ConfigurationInvalid: the file does not exist, or the URL cannot be used.
    """
    if not is_redis(url) and not _path(url).exists():
        raise ConfigurationInvalid(f"There is no store file {_path(url).name}. Check its name and folder in the URL.")


async def check_store(store: SubjectStore) -> None:
    """Check the store at start-up. One that does not answer is accepted with a warning, as it may come up later.

    Raises:
        ConfigurationInvalid: this program cannot use the store, or it may lose writes it has acknowledged.
    """
    try:
        await store.ping()
    except (StoreUnavailable, KeyUnavailable) as error:
        log.warning("Started without the store: %s", error.message)


def _sqlite(path: Path, options: StoreOptions) -> PartitionedStore:
    """The embedded store. Its key is made at the first start: when there is neither a key file nor a key table."""
    if options.key_table_url:
        raise ConfigurationInvalid("BIOFUSION_KEY_TABLE_URL is for stores in Redis; leave it out for SQLite.")
    table = path.with_name(f"{path.name}.keys")
    key_file = Path(options.key_file) if options.key_file else path.with_name(f"{path.name}.key")
    key = _kms(options) or KeyFile(key_file, may_make=not table.exists())
    return PartitionedStore(SqliteBackend(path, partition_count=options.partition_count), KeyTableFile(table), key)


def _redis(url: str, options: StoreOptions, left_s: Callable[[], float]) -> PartitionedStore:
    access, demands = access_of(options), _demands(options)
    key = _kms(options)
    if key is None:
        if not options.key_file:
            raise ConfigurationInvalid(
                "A store in Redis needs a key that is kept elsewhere: name its file in BIOFUSION_KEY_FILE (make one by "
                "`biofusion gallery new-key`), or a key of AWS KMS in BIOFUSION_KMS_KEY."
            )
        key = KeyFile(Path(options.key_file), may_make=False)
    backend = RedisBackend(url, access=access, demands=demands, partition_count=options.partition_count, left_s=left_s)
    table_url = options.key_table_url or url
    return PartitionedStore(
        backend, RedisKeyTable(table_url, NAMESPACE, access=access, demands=demands, left_s=left_s), key
    )


def _kms(options: StoreOptions) -> KeyEncryption | None:
    if not options.kms_key:
        return None
    if options.key_file:
        raise ConfigurationInvalid("BIOFUSION_KEY_FILE and BIOFUSION_KMS_KEY are both set; leave one of them out.")
    made: KeyEncryption = import_module("gallery.sealing.kms").AwsKms(options.kms_key)  # boto3 is needed by those only
    return made


def access_of(options: StoreOptions) -> Access:
    """Who connects to a Redis server, and how, as the options say."""
    return Access(
        options.redis_user,
        options.redis_password_file,
        options.redis_tls_authority,
        options.redis_tls_certificate,
        options.redis_tls_key,
    )


def _demands(options: StoreOptions) -> Demands:
    return Demands(
        allow_unsafe=options.allow_unsafe_store,
        sync_is_managed=options.redis_sync_is_managed,
        replicas=options.redis_replicas,
        replicas_on_disk=options.redis_replicas_on_disk,
        confirm_s=options.redis_confirm_s,
        min_replicas=options.redis_min_replicas,
    )


def _path(url: str) -> Path:
    """The file of a SQLite URL."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _refused() from error
    path = unquote(parts.path)[1:]
    if parts.scheme != "sqlite" or parts.netloc or not Path(path).name or path.endswith("/") or "\0" in path:
        raise _refused()
    return Path(path)


def _refused() -> ConfigurationInvalid:
    return ConfigurationInvalid(f"The store URL cannot be used. Write {ACCEPTED}.")
