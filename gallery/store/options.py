"""Settings of a store, apart from its URL."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """What a store is opened with. Each field is the setting of the same name (infra/settings.py).

    Args:
        partition_count: of a new store, a power of two; 0: 64, and any that the store has.
        key_file: file of the key that wraps the data keys; "": beside a SQLite store, made at its first start.
        kms_key: id, ARN or alias of a key of AWS KMS that is used instead; "" for none.
        key_table_url: Redis in which the key table is kept; "": that of the store.
        allow_unsafe_store: accept Redis that may lose writes it has acknowledged.
        redis_user: ACL user; "" for the default user.
        redis_password_file: file with the password.
        redis_tls_authority: PEM file of the authority that signed Redis's certificate; "": those of the machine.
        redis_tls_certificate: PEM file of the certificate that is shown to Redis.
        redis_tls_key: PEM file of its private key.
        redis_sync_is_managed: the provider states that each write is on disk before it is acknowledged.
        redis_replicas: replicas that must confirm each write.
        redis_replicas_on_disk: whether they confirm it when it is on their disks.
        redis_confirm_s: seconds in which they must.
        redis_min_replicas: least `min-replicas-to-write` of the server.
    """

    partition_count: int = 0
    key_file: str = ""
    kms_key: str = ""
    key_table_url: str = ""
    allow_unsafe_store: bool = False
    redis_user: str = ""
    redis_password_file: str = ""
    redis_tls_authority: str = ""
    redis_tls_certificate: str = ""
    redis_tls_key: str = ""
    redis_sync_is_managed: bool = False
    redis_replicas: int = 0
    redis_replicas_on_disk: bool = False
    redis_confirm_s: float = 1.0
    redis_min_replicas: int = 0

    @classmethod
    def of(cls, settings: Any) -> Self:
        """The options among the settings of a program."""
        return cls(**{each.name: getattr(settings, each.name) for each in fields(cls)})
