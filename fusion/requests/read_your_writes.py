"""Read your own writes: a call that names a write waits until the store that answers has it."""

from __future__ import annotations

from biometrics.errors import IndexBehind
from fusion.requests.budget import step_s
from gallery.store.port import SubjectStore
from gallery.store.values import ConsistencyToken
from infra.deadlines import Deadline

SEEN_WITHIN_S = 5.0
"""How long a call waits for a write, at the most."""


async def wait_until_seen(store: SubjectStore, token: ConsistencyToken, deadline: Deadline) -> None:
    """Return when the store has the write that returned this token; at once for `START`.

    Raises:
        IndexBehind: not within 5 s, or not early enough before the deadline to say so.
        StoreSetBack: the write is not in the store's history: it was lost.
        FieldInvalid: the token is not one of this store.
    """
    if not token:
        return
    within = Deadline.after(min(SEEN_WITHIN_S, step_s(deadline)))
    position = await store.position()
    while not store.reached(position, token):
        if within.has_passed:
            await store.check(token)
            raise IndexBehind("The store that answers does not have this write yet. Try again soon.")
        await store.changes(position, 1, within.left_s)
        position = await store.position()
    await store.check(token)
