"""Whether what a feed reader took over is still in the history of the store."""

from __future__ import annotations

from biometrics.errors import FieldInvalid, StoreSetBack, StoreUnavailable
from gallery.store.port import SubjectStore
from gallery.store.values import START, ConsistencyToken


async def check(store: SubjectStore, token: ConsistencyToken) -> None:
    """Return if the position is in the store's history; `START` is in every one.

    Raises:
        StoreSetBack, FieldInvalid, StoreUnavailable: as `SubjectStore.check`.
    """
    if token != START:
        await store.check(token)


async def missing(store: SubjectStore, taken: ConsistencyToken, token: ConsistencyToken) -> Exception | None:
    """Why `taken` is not in the store's history; None if it is.

    Args:
        store: that is asked.
        taken: the newest change that was taken over.
        token: that a search waited for; `START`: a store that cannot be asked is taken to be what it was.

    Raises:
        StoreSetBack: the token's write was lost.
        StoreUnavailable: there is a token, and the store does not answer.
    """
    try:
        await store.check(*{taken, token})
    except StoreUnavailable:
        if token != START:
            raise
    except (StoreSetBack, FieldInvalid) as error:
        await check(store, token)
        return error
    return None
