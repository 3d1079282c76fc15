"""The settings of the store."""

from __future__ import annotations

from dataclasses import dataclass

from infra.setting_fields import setting


@dataclass(frozen=True)  # no slots: several bases with slots cannot be joined
class StoreSettings:
    """Where the store is, what opens it, and what is demanded of it; part of `infra.settings.Settings`."""

    store_url: str = setting(
        "", "`sqlite:///FILE` or `redis://HOST:PORT/DB`; default: a file in the user's data directory"
    )
    key_file: str = setting(
        "", "file of the key that seals templates; default for SQLite: `FILE.key`, made at first start; Redis needs one"
    )
    kms_key: str = setting("", "a key of AWS KMS that is used instead of a key file: its id, ARN or alias")
    key_table_url: str = setting(
        "",
        "another Redis for the table of the subjects' keys, which is best kept apart; default: the store's",
        rare=True,
    )
    partition_count: int = setting(
        0, "partitions of a new store, a power of two up to 4096; 0: 64, and any that the store has", 0, 4096
    )
    redis_user: str = setting("", "ACL user of Redis; default: the server's default user", rare=True)
    redis_password_file: str = setting("", "file whose first line is the password of Redis", rare=True)
    redis_tls_authority: str = setting(
        "", "PEM file of the authority of Redis's certificate (`rediss://`); default: those of the machine", rare=True
    )
    redis_tls_certificate: str = setting("", "PEM file of the certificate that is shown to Redis", rare=True)
    redis_tls_key: str = setting("", "PEM file of its private key", rare=True)
    redis_sync_is_managed: bool = setting(
        False,
        "the provider of Redis forbids CONFIG GET and states that a write is on disk before it is acknowledged",
        rare=True,
    )
    redis_replicas: int = setting(
        0, "replicas of Redis that must confirm each write (WAIT); 0: none is waited for", 0, 16, rare=True
    )
    redis_replicas_on_disk: bool = setting(
        False, "they confirm a write when it is on their disk (WAITAOF), and not when it is in their memory", rare=True
    )
    redis_confirm_s: float = setting(1.0, "time in which they must confirm it, seconds", 0.001, 60, rare=True)
    redis_min_replicas: int = setting(
        0, "refuse Redis whose `min-replicas-to-write` is less; 0: it is not looked at", 0, 16, rare=True
    )
    allow_unsafe_store: bool = setting(
        False,
        "accept a Redis server that may lose acknowledged writes: without `appendfsync always`, evicting, or a replica",
    )
