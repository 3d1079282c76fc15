"""What is sealed with a case: pictures and templates, under a key of the case's own that is destroyed early.

The key is one of the store's key table, as those of subjects are: it is destroyed by overwriting its 32 bytes
(gallery/sealing/key_table.py), and nothing that holds the ciphertext, no backup either, can be opened from then on.
A part is AES-256-GCM (NIST SP 800-38D) with a random nonce of 12 bytes before the ciphertext; case, place, number of
the part and expiry are associated data.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biometrics.errors import DocumentChanged, RecordUnreadable
from gallery.sealing.key_table import KeyRef
from gallery.sealing.subject_keys import SubjectKeys
from gallery.store.documents.rules import MAX_PAGE
from gallery.store.subject_store import PartitionedStore

SEALED = "review-sealed"
NONCE_BYTES = 12
PART_BYTES = 900 * 1024
"""Most bytes of a part, so that it fits into a document."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is bound to the ciphertexts of a case.

    Args:
        case_id: of the case.
        expire_time: when its key is destroyed, seconds since 1970.
    """

    case_id: str
    expire_time: float

    def of(self, place: str, number: int, *, is_last: bool) -> bytes:
        """The associated data of a part."""
        return f"{self.case_id}\n{place}\n{number}\n{is_last}\n{int(1000 * self.expire_time)}".encode()


class Vault:
    """Seals, opens, and destroys.

    Args:
        store: has the documents and the key table.
    """

    def __init__(self, store: PartitionedStore) -> None:
        self._store, self._documents = store, store.backend.documents

    async def new_key(self, case_id: str) -> str:
        """Take a key for a case, and return where it is.

        Raises:
            StoreUnavailable, KeyUnavailable: the store or the key service does not answer.
        """
        partition, keys = await self._keys(case_id)
        ref, _ = await keys.take(partition)
        return ref.packed.hex()

    async def seal(self, label: Label, key: str, contents: Mapping[str, bytes]) -> None:
        """Seal contents, by place, unless they are sealed already.

        The case that has the key must have been written: so nothing is sealed whose key nobody would destroy.

        Raises:
            StoreUnavailable, KeyUnavailable: the store or the key service does not answer.
        """
        found = await self._find(label.case_id, key)
        if not found:
            return
        for place, content in contents.items():
            await self._put_parts(AESGCM(found), label, place, content)

    async def open(self, label: Label, key: str, place: str) -> bytes | None:
        """What is sealed in a place; None if there is nothing, or the key is destroyed.

        Raises:
            RecordUnreadable: it was changed.
            StoreUnavailable, KeyUnavailable: the store or the key service does not answer.
        """
        found = await self._find(label.case_id, key)
        parts = await self._documents.list(SEALED, "", MAX_PAGE, f"{label.case_id}/{place}/")
        if not found or not parts:
            return None
        box, last = AESGCM(found), len(parts) - 1
        return b"".join(
            _opened(box, each.body, label.of(place, number, is_last=number == last))
            for number, each in enumerate(parts)
        )

    async def destroy(self, case_id: str, key: str) -> None:
        """Destroy the key, then remove what it sealed. Idempotent.

        Raises:
            StoreUnavailable, KeyUnavailable: the store or the key service does not answer.
        """
        await self.destroy_key(case_id, key)
        while parts := await self._documents.list(SEALED, "", 20, f"{case_id}/"):
            for each in parts:
                with suppress(DocumentChanged):  # another process has removed it
                    await self._documents.delete(SEALED, each.key, each.version)

    async def destroy_key(self, case_id: str, key: str) -> None:
        """Destroy a key. Idempotent. Raises as `destroy`."""
        partition, keys = await self._keys(case_id)
        await keys.destroy(partition, [KeyRef.unpack(bytes.fromhex(key))])

    async def _keys(self, case_id: str) -> tuple[int, SubjectKeys]:
        """The partition of a case's key, and the keys."""
        identity = await self._store.backend.identity()
        number = int.from_bytes(blake2b(case_id.encode(), digest_size=8, person=b"review case").digest(), "big")
        return number % identity.partition_count, self._store.keys_of(identity)

    async def _find(self, case_id: str, key: str) -> bytes | None:
        """The key in a place; None or b"" if it is destroyed."""
        partition, keys = await self._keys(case_id)
        return await keys.find_own(partition, KeyRef.unpack(bytes.fromhex(key))) if key else None

    async def _put_parts(self, box: AESGCM, label: Label, place: str, content: bytes) -> None:
        parts = [_sealed(box, part, label.of(place, number, is_last=last)) for number, part, last in _parts(content)]
        keys = [f"{label.case_id}/{place}/{number:04d}" for number in range(len(parts))]
        await asyncio.gather(*(self._put(key, part) for key, part in zip(keys, parts, strict=True)))

    async def _put(self, key: str, body: bytes) -> None:
        with suppress(DocumentChanged):  # sealed by an earlier try of the same request
            await self._documents.put(SEALED, key, body, 0)


def _parts(content: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Number and bytes of each part, and whether it is the last."""
    count = max(1, -(-len(content) // PART_BYTES))
    for number in range(count):
        yield number, content[number * PART_BYTES : (number + 1) * PART_BYTES], number == count - 1


def _sealed(box: AESGCM, content: bytes, label: bytes) -> bytes:
    nonce = token_bytes(NONCE_BYTES)
    return nonce + box.encrypt(nonce, content, label)


def _opened(box: AESGCM, sealed: bytes, label: bytes) -> bytes:
    try:
        return box.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], label)
    except InvalidTag as error:
        raise RecordUnreadable("What is sealed with a review case is damaged.") from error
