"""Shows that a subject is erased: what of it is left in a store, and whether an older copy can still be opened."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.errors import ConfigurationInvalid
from gallery.operations.rows import MODALITIES
from gallery.sealing.subject_keys import SubjectKeys
from gallery.store.changes import Held
from gallery.store.records.columns import secrets_of
from gallery.store.rows import SubjectKey
from gallery.store.subject_store import PartitionedStore
from gallery.store.tokens import NO_MARK, FeedPosition
from gallery.store.values import ChangeKind

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Args:
        what: in words.
        is_erased: whether nothing of the subject is there, or can be opened.
    """

    what: str
    is_erased: bool


async def erased(store: PartitionedStore, subject_id: str, copy: PartitionedStore | None = None) -> list[Finding]:
    """Look for a subject everywhere.

    Args:
        store: the store.
        subject_id: whose erasure is shown.
        copy: an older copy of the store, e.g. a backup; its templates are tried with the present key table.

    Raises:
        ConfigurationInvalid: the copy is of another store.
        StoreUnavailable: a store or the key table does not answer.
    """
    identity = await store.backend.identity()
    if copy is not None and (await copy.backend.identity()).store_id != identity.store_id:
        raise ConfigurationInvalid("The copy is of another store, so it shows nothing. Name a copy of this one.")
    key = identity.key(subject_id)
    (rows,) = await store.backend.read([key], MODALITIES, encounters=True)
    waiting = await store.backend.key_slots([key.partition])
    snapshots = [each for m in MODALITIES for each in await store.backend.snapshots(m, [key.partition])]
    findings = [
        Finding("records and templates", rows is None),
        Finding("list of subjects", not await _is_listed(store, subject_id)),
        Finding(f"keys of erased subjects that are not destroyed yet: {len(waiting)}", not waiting),
        await _in_feed(store, key),
    ]
    for each in snapshots:
        later = await store.backend.entries(each.position, BATCH)
        deleted = any(entry.name == key.name and entry.kind is ChangeKind.DELETE for entry in later.entries)
        findings.append(Finding(f"snapshot {each.name}", later.held is Held.HELD and not deleted))
    if copy is not None:
        findings.append(await _in_copy(copy, key, store.keys_of(identity)))
    return findings


async def _is_listed(store: PartitionedStore, subject_id: str) -> bool:
    """Whether the id is among those listed: the list is read from just before it."""
    before = subject_id[:-1] + chr(ord(subject_id[-1]) - 1) + "\x7f"
    return subject_id in await store.backend.ids(before, BATCH, "")


async def _in_feed(store: PartitionedStore, key: SubjectKey) -> Finding:
    (newest,) = await store.backend.newest([key.partition])
    position = FeedPosition(key.partition, newest.epoch, NO_MARK, (0, 0))
    last: ChangeKind | None = None
    while (part := await store.backend.entries(position, BATCH)).entries:
        last = next((each.kind for each in reversed(part.entries) if each.name == key.name), last)
        position = part.entries[-1].position
    if last is None:
        return Finding("change feed: it holds no change of this subject any more", is_erased=True)
    return Finding(f"change feed: the newest change of this subject is {last}", last is ChangeKind.DELETE)


async def _in_copy(copy: PartitionedStore, key: SubjectKey, keys: SubjectKeys) -> Finding:
    (rows,) = await copy.backend.read([key], MODALITIES, encounters=True)
    if rows is None:
        return Finding("copy: it does not hold the subject", is_erased=True)
    _, (secret,) = await secrets_of([rows], keys)
    what = "the key is destroyed, so that its templates cannot be opened" if secret is None else "they can be opened"
    return Finding(f"copy: it holds the subject's sealed templates; {what}", secret is None)
