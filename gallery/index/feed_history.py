"""Checks whether the changes that a feed reader has applied are still in the store's history."""

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
    """The error if `taken` is not in the store's history; None if it is.

    Args:
        store: the store.
        taken: the newest change that was applied.
        token: the token that a search waited for; with `START`, a store that does not answer is no error.

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
