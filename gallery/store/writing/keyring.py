"""The keys of subjects, as writes need them: whether a subject exists, its own key, and keys that must be destroyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gallery.sealing.key_table import KEY_REF, KeyRef
from gallery.sealing.subject_keys import SubjectKeys
from gallery.store.backend import Backend
from gallery.store.records.heads import Head, key_missing
from gallery.store.rows import StoreIdentity, SubjectKey
from gallery.store.writing.requests import any_request
from gallery.store.writing.taken_key import TakenKey

KeysOf = Callable[[StoreIdentity], SubjectKeys]


class Keyring:
    """Finds and destroys keys.

    Args:
        backend: keeps the heads of the subjects, and the places of keys that must be destroyed.
        keys_of: the keys of the subjects of a store.
    """

    def __init__(self, backend: Backend, keys_of: KeysOf) -> None:
        self._backend, self._keys_of = backend, keys_of

    def of(self, identity: StoreIdentity) -> SubjectKeys:
        """The keys of the subjects of a store."""
        return self._keys_of(identity)

    async def exists(self, identity: StoreIdentity, key: SubjectKey, head: bytes) -> bool:
        """Whether a subject of this head exists: there is one, and its key was not destroyed.

        The key of an earlier head may have been destroyed because the subject got a new one; so the head is read again.
        """
        while head:
            (found,) = await self.of(identity).find(key.partition, [Head.unpack(head).key_ref])
            if found is not None:
                return True
            now = (await self._backend.known(key, any_request())).head
            if now == head:
                return False
            head = now
        return False

    async def own(self, identity: StoreIdentity, key: SubjectKey, head: Head) -> bytes | None:
        """The subject's key; None if it was just destroyed, so that the head must be read again.

        Raises:
            RecordUnreadable: the key table does not have it.
        """
        found = await self.of(identity).find_own(key.partition, head.key_ref)
        if found == b"":
            raise key_missing()
        return found

    async def of_head(
        self, identity: StoreIdentity, key: SubjectKey, head: Head | None, taken: TakenKey
    ) -> tuple[KeyRef, bytes] | None:
        """The place of a subject's key, and the key; the taken one if the subject is new. None and raises as `own`."""
        if head is None:
            return await taken.of(self.of(identity), key.partition)
        found = await self.own(identity, key, head)
        return None if found is None else (head.key_ref, found)

    async def destroy_keys(self, partitions: Sequence[int] = ()) -> None:
        """Destroy the keys of all that was erased in these partitions (all, if empty), also by another process.

        A place that cannot be read is left where it is.
        """
        waiting = await self._backend.key_slots(partitions)
        if not waiting:
            return
        keys = self.of(await self._backend.identity())
        for partition in sorted({partition for partition, _ in waiting}):
            slots = [slot for own, slot in waiting if own == partition and len(slot) == KEY_REF.size]
            await keys.destroy(partition, [KeyRef.unpack(slot) for slot in slots])
            await self._backend.forget_key_slots(partition, slots)
