"""Puts a store in order after a restore, or after a failover that may have lost writes, and says what was lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from secrets import token_bytes

from biometrics.errors import ConfigurationInvalid, StoreSetBack
from gallery.operations.rows import Stored, stored
from gallery.progress import Progress, silent
from gallery.store.changes import Outcome, Request, Write
from gallery.store.keyed_names import SIZE
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import ChangeKind, ConsistencyToken
from gallery.subject import check_id


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A write that was acknowledged, as its caller kept it.

    Args:
        subject_id: the subject written.
        token: the consistency token of the answer.
    """

    subject_id: str
    token: ConsistencyToken


@dataclass(slots=True)
class Reconciled:
    """Result of a reconciliation.

    Args:
        removed: ids of erased subjects of which rows were left, now removed.
        moved: number of interrupted moves that were completed, or refused, now.
        destroyed: number of keys destroyed now that erasures had left.
        lost: acknowledged writes that the store does not have any more.
        epochs: number of partitions in which a new epoch was begun.
    """

    removed: list[str] = field(default_factory=list)
    moved: int = 0
    destroyed: int = 0
    lost: list[Acknowledged] = field(default_factory=list)
    epochs: int = 0


async def reconcile(
    store: PartitionedStore,
    acknowledged: Sequence[Acknowledged] = (),
    *,
    set_back: bool,
    progress: Progress = silent,
) -> Reconciled:
    """Put a store in order.

    1. Find the acknowledged writes that were lost.
    2. Complete the moves that were interrupted, and destroy the keys that interrupted erasures have left.
    3. Remove the rows of subjects whose keys are destroyed: a restored backup may have them.
    4. If the store was set back, begin a new epoch in every partition: indexes reload, and older tokens are refused.

    Args:
        store: the store.
        acknowledged: writes to look for.
        set_back: whether writes may have been lost.
        progress: called with the number of subjects looked at, and of all.

    Raises:
        StoreUnavailable: the store or the key table does not answer; call it again.
    """
    result = Reconciled(lost=[each for each in acknowledged if await _is_lost(store, each)])
    result.moved, result.destroyed = len(await store.backend.leaving()), len(await store.backend.key_slots())
    await store.finish()
    total, done = await store.count(), 0
    async for page in stored(store, ()):
        for each in page:
            if each.is_erased and await _removed(store, each):
                result.removed.append(each.subject_id)
        done += len(page)
        progress(done, max(total, done))
    if set_back:
        partitions = range(await store.partition_count())
        await store.backend.renew_epochs(await store.backend.newest(partitions))
        result.epochs = len(partitions)
    return result


def acknowledged_from(lines: Iterable[str | bytes]) -> list[Acknowledged]:
    """Read writes from lines of JSON, each with `subject_id` and `consistency_token`.

    Raises:
        ConfigurationInvalid: a line is something else; the message names it.
    """
    found = []
    for number, line in enumerate(lines, 1):
        try:
            fields = json.loads(line)
            token = fields.get("consistency_token") or fields["consistencyToken"]
            subject_id = fields.get("subject_id") or fields["subjectId"]
            found.append(Acknowledged(check_id(subject_id, "subject_id"), ConsistencyToken(str(token))))
        except Exception as error:
            raise ConfigurationInvalid(
                f"Line {number} is no acknowledged write. Each line is a JSON object with subject_id and "
                "consistency_token, as `biofusion enroll --json` prints them, on one line."
            ) from error
    return found


async def _is_lost(store: PartitionedStore, write: Acknowledged) -> bool:
    try:
        await store.check(write.token)
    except StoreSetBack:
        return True
    return False


async def _removed(store: PartitionedStore, each: Stored) -> bool:
    """Remove the rows of an erased subject; False if it has just been written."""
    assert each.rows is not None
    assert each.head is not None
    write = Write(
        key=each.rows.key,
        subject_id=each.subject_id,
        request=Request(token_bytes(SIZE), token_bytes(SIZE)),
        expected=each.rows.head,
        head=b"",
        kind=ChangeKind.DELETE,
        left=each.head.galleries,
    )
    return (await store.backend.write(write)).outcome is Outcome.WRITTEN
