"""Key names of a Redis store, and the identity of a store."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import Self

from redis.exceptions import ResponseError

from biometrics.errors import ConfigurationInvalid
from gallery.store.keyed_names import new_key, request_name, subject_name

SCHEMA_VERSION = 2
"""Schema version. Version 1 kept ids in the feed and in the receipts."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one namespace. The braces are a hash tag: a cluster keeps all keys on one shard.

    - store: `<schema version>.<store id>.<key of the names, hexadecimal>`
    - subject:<name>: the record (`gallery/store/record.py`), by the subject's keyed name, hexadecimal
    - subjects: sorted set of all ids, all with score 0, so that it is in order of id
    - gallery:<name>: sorted set of the ids in one gallery, likewise
    - galleries: set of all galleries that ever existed
    - model:<id>: text of a fusion model
    - models: sorted set of the ids of the fusion models, likewise
    - request:<name>: receipt: 16 bytes hash of the request, 8 characters mark, and the feed's entry id; expires
    - feed: stream with the fields `k` (kind), `n` (keyed name of the subject) and `m` (mark)
    - erasing: mark of the newest change that erased data which may still be in the append-only file
    """

    namespace: str

    def __post_init__(self) -> None:
        if not self.namespace or {"{", "}"} & set(self.namespace):
            raise ConfigurationInvalid("The Redis namespace must not be empty or contain braces.")

    def __call__(self, kind: str, name: str = "") -> str:
        """The key of this kind and name."""
        return f"{{{self.namespace}}}:{kind}:{name}" if name else f"{{{self.namespace}}}:{kind}"

    def ids(self, gallery: str) -> str:
        """Key of the sorted set of the gallery's subjects, or of all subjects if it is ""."""
        return self("gallery", gallery) if gallery else self("subjects")

    def named(self, name: bytes) -> str:
        """Key of the record of the subject with this name."""
        return self("subject", name.hex())

    def request(self, request_id: str) -> str:
        """Key of the receipt of a request."""
        return self("request", request_name(request_id).hex())


@dataclass(frozen=True, slots=True)
class Identity:
    """Identity of a store: the content of its `store` key.

    Args:
        version: schema version.
        store_id: 8 hexadecimal digits, random.
        name_key: key of the names of subjects.
    """

    version: int
    store_id: str
    name_key: bytes

    @classmethod
    def new(cls) -> Self:
        """The identity of a new store."""
        return cls(SCHEMA_VERSION, token_hex(4), new_key())

    @classmethod
    def read(cls, value: bytes | str | None) -> Self:
        """Parse the key's value; in version 1 it has no key of names."""
        version, store_id, *rest = raw(value).decode().split(".")
        return cls(int(version), store_id, bytes.fromhex(rest[0]) if rest else b"")

    @property
    def value(self) -> str:
        """The value of the `store` key."""
        return f"{self.version}.{self.store_id}.{self.name_key.hex()}"

    def name(self, subject_id: str) -> bytes:
        """The subject's name in the feed."""
        return subject_name(self.name_key, subject_id)


def raw(value: bytes | str | None) -> bytes:
    """Check that a reply is bytes, as the client does not decode replies, and return it."""
    if not isinstance(value, bytes):
        raise ResponseError("a key of the namespace is missing, or of another type")
    return value
