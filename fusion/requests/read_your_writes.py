"""Read your own writes: a call with a consistency token waits until the store has the write that returned it."""

from __future__ import annotations

from biometrics.errors import IndexBehind
from fusion.requests.budget import step_s
from gallery.store.port import SubjectStore
from gallery.store.tokens import partitions_of
from gallery.store.values import ConsistencyToken
from infra.deadlines import Deadline

SEEN_WITHIN_S = 5.0
"""Longest time, in seconds, that a call waits for a write."""


async def wait_until_seen(store: SubjectStore, token: ConsistencyToken, deadline: Deadline) -> None:
    """Return when the store has the write that returned this token; at once for `START`.

    Waits for at most 5 s and for at most its share of the deadline (`step_s`), and looks at the token's partitions
    only. Example: a write is change 57 of its partition's feed, and the replica that is read has got to change 55:

        it gets to 57 within the time         return, and the read sees the write
        it does not                           IndexBehind: try again
        57 was lost by restoring a backup     StoreSetBack

    Raises:
        IndexBehind: the store does not have the write in that time.
        StoreSetBack: the write is no longer in the store's history.
        FieldInvalid: the token was not made by this store.
    """
    if not token:
        return
    within = Deadline.after(min(SEEN_WITHIN_S, step_s(deadline)))
    partitions = partitions_of(token)
    position = await store.position(partitions)
    while not store.reached(position, token):
        if within.has_passed:
            await store.check(token)
            raise IndexBehind("The store that answers does not have this write yet. Try again soon.")
        store.hurry()
        await store.changes(position, 1, within.left_s)
        position = await store.position(partitions)
    await store.check(token)
