"""Key names of a Redis store, and the identity of its partitions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from secrets import token_hex
from typing import Self

from biometrics.errors import ConfigurationInvalid
from biometrics.template import Modality
from gallery.partitions import LARGEST_COUNT
from gallery.store.backend import StoreIdentity
from gallery.store.keyed_names import new_key
from gallery.store.tokens import NO_MARK, new_mark

ADAPTER = "redis"
SCHEMA_VERSION = 3
"""Schema version. Versions 1 and 2 had no partitions, and templates that were not sealed."""

WHOLE = -1
"""Stands for the partition in the keys of a store of schema version 1 or 2."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one namespace. The braces are a hash tag: a cluster keeps all keys of a partition on one node.

    Of each partition, e.g. `{biofusion.p0007}:store`:

    - store: identity of the store, and the partition's epoch (`Identity`)
    - making: identity of a store that is being made; in partition 0 only
    - subject:<name>: hash of a subject: `id`, `head`, and per encounter id `e<id>`: its number (2 bytes) and its record
    - face:<name>, fingerprint:<name>, iris:<name>: hash: number of an encounter → 0 or 1 (active), sealed set
    - ids: sorted set of all ids, all with score 0, so that it is in order of id
    - gallery:<gallery>: sorted set of the ids in one gallery, likewise
    - galleries: set of all galleries that ever had a subject of this partition
    - feed: stream with the fields `k` (kind), `n` (name of the subject) and `m` (mark)
    - tail: newest position: `<epoch> <mark> <entry id>`
    - erased: entry id of the newest erasure, or removal of references
    - expiries: sorted set of the encounters that expire, `<subject id> <encounter id>`, by time in µs since 1970
    - leaving: set of the ids of subjects whose encounters are being moved
    - request:<name>: receipt: 16 bytes hash of the content, 8 characters mark, and the feed's entry id; expires
    - slots: list of the keys that must be destroyed, oldest first
    - snapshots: list of the registered snapshots, newest first
    - aliases: hash: alias → gallery; in partition 0 only
    - model:<id>, models: text of a fusion model; sorted set of their ids; in partition 0 only
    - docs:<collection>, dockeys:<collection>, docversion: documents: hash key → version, space, body; sorted set of
      their keys; the newest version
    - keys, keypages, keypage:<n>, rewriting: the key table (key_table.py)
    """

    namespace: str

    def __post_init__(self) -> None:
        if not self.namespace or {"{", "}"} & set(self.namespace):
            raise ConfigurationInvalid("The Redis namespace must not be empty or contain braces.")

    def __call__(self, partition: int, kind: str, name: str = "") -> str:
        """The key of this kind and name in a partition."""
        return f"{self.tag(partition)}:{kind}:{name}" if name else f"{self.tag(partition)}:{kind}"

    def tag(self, partition: int) -> str:
        """The hash tag of a partition; of a store without partitions for `WHOLE`."""
        return _tag(self.namespace, partition)

    def ids(self, partition: int, gallery: str) -> str:
        """Key of the sorted set of the gallery's subjects, or of all subjects if it is ""."""
        return self(partition, "gallery", gallery) if gallery else self(partition, "ids")

    def references(self, partition: int, modality: Modality, name: bytes) -> str:
        """Key of the hash of a subject's references of one modality."""
        return self(partition, modality.value.lower(), name.hex())


@lru_cache(maxsize=2 * LARGEST_COUNT)
def _tag(namespace: str, partition: int) -> str:
    return f"{{{namespace}}}" if partition == WHOLE else f"{{{namespace}.p{partition:04}}}"


@dataclass(frozen=True, slots=True)
class Identity:
    """Content of the `store` key of a partition: `<schema version>.<store id>.<partitions>.<name key>.<epoch>`.

    Args:
        version: schema version.
        store: what all partitions of the store have alike.
        epoch: the partition's epoch.
    """

    version: int
    store: StoreIdentity
    epoch: str

    @classmethod
    def new(cls, partition_count: int) -> Self:
        """The identity of a new store."""
        return cls(SCHEMA_VERSION, StoreIdentity(ADAPTER, token_hex(4), partition_count, new_key()), new_mark())

    @classmethod
    def read(cls, value: bytes) -> Self:
        """Parse the key's value.

        Raises:
            ConfigurationInvalid: it is of another schema version, or none.
        """
        version, _, rest = value.decode(errors="replace").partition(".")
        if version != str(SCHEMA_VERSION):
            raise ConfigurationInvalid(
                f"The Redis store has schema version {version}, and this program knows {SCHEMA_VERSION}. "
                "Use the newer program, or another namespace.",
                schema_version=version,
            )
        store_id, count, name_key, epoch = rest.split(".")
        return cls(int(version), StoreIdentity(ADAPTER, store_id, int(count), bytes.fromhex(name_key)), epoch)

    @property
    def value(self) -> str:
        """The value of the key."""
        return f"{prefix_of(self.store)}.{self.epoch}"

    @property
    def tail(self) -> str:
        """The value of `tail` in a partition that nothing was written to."""
        return f"{self.epoch} {NO_MARK} 0-0"


def prefix_of(store: StoreIdentity) -> str:
    """What the `store` keys of all partitions begin with, before the epoch."""
    return f"{SCHEMA_VERSION}.{store.store_id}.{store.partition_count}.{store.name_key.hex()}"
