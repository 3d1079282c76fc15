"""All subjects of a store as rows, with heads and keys, a page at a time; what the operations on a whole store read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from biometrics.template import Modality
from gallery.store.records import columns
from gallery.store.records.columns import Secret
from gallery.store.records.heads import Head
from gallery.store.rows import SubjectRows
from gallery.store.subject_store import PartitionedStore

PAGE = 256
MODALITIES = tuple(Modality)


@dataclass(frozen=True, slots=True)
class Stored:
    """One subject as it is stored.

    Args:
        subject_id: its id, as it is listed.
        rows: its rows; None if it is listed and has none.
        head: its head; None if it cannot be read.
        secret: its key (gallery/store/records/columns.py).
    """

    subject_id: str
    rows: SubjectRows | None
    head: Head | None = field(repr=False)
    secret: Secret = field(repr=False)

    @property
    def is_erased(self) -> bool:
        """Whether its key was destroyed, so that these rows are leftovers, e.g. of a restored backup."""
        return self.rows is not None and self.secret is None


async def stored(store: PartitionedStore, modalities: Sequence[Modality] = MODALITIES) -> AsyncIterator[list[Stored]]:
    """All subjects in order of id, with their references of these modalities.

    Raises:
        StoreUnavailable: the store or the key table does not answer.
    """
    identity, after = await store.backend.identity(), ""
    while ids := await store.backend.ids(after, PAGE, ""):
        after = ids[-1]
        found = await store.backend.read([identity.key(each) for each in ids], modalities, encounters=True)
        rows = [each for each in found if each is not None]
        heads, secrets = await columns.secrets_of(rows, store.keys_of(identity))
        facts = {each.key: (head, secret) for each, head, secret in zip(rows, heads, secrets, strict=True)}
        yield [
            Stored(subject_id, each, *(facts[each.key] if each else (None, b"")))
            for subject_id, each in zip(ids, found, strict=True)
        ]
