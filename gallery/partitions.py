"""Partitions: every subject belongs to one of them, by a hash of its id.

The partition is the unit of writes, of the change feed, of counts, of data keys, of snapshots and of shards. The number
of partitions is fixed when a store is made. The hash is BLAKE2b (RFC 7693) of the id, so it is the same everywhere.
"""

from __future__ import annotations

from hashlib import blake2b

from biometrics.errors import ConfigurationInvalid

DEFAULT_COUNT = 64
LARGEST_COUNT = 4096


def check_count(count: int) -> int:
    """Return the number of partitions if a store can have it.

    Raises:
        ConfigurationInvalid: it is no power of two from 1 to 4096.
    """
    if not 1 <= count <= LARGEST_COUNT or count & (count - 1):
        raise ConfigurationInvalid(
            f"A store cannot have {count} partitions. Use a power of two from 1 to {LARGEST_COUNT}."
        )
    return count


def partition_of(subject_id: str, count: int) -> int:
    """The partition of a subject, 0 to `count` − 1, in a store of `count` partitions, a power of two."""
    digest = blake2b(subject_id.encode(), digest_size=4, person=b"partition").digest()
    return int.from_bytes(digest, "big") & (count - 1)
