"""How far a feed reader has come, and whether the changes that it has applied are still in the store's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from biometrics.errors import FieldInvalid, IndexBehind, StoreSetBack, StoreUnavailable
from gallery.store.port import SubjectStore
from gallery.store.tokens import Positions, parse
from gallery.store.values import START, Change, ConsistencyToken


def reached(applied: Positions, token: ConsistencyToken, partitions: Sequence[int]) -> bool:
    """Whether a token's positions are at or before those applied; only those of some partitions count, if any is named.

    Raises:
        FieldInvalid: the token was not made by the store of the positions applied.
    """
    wanted = parse(token, applied.adapter)
    held = partitions or wanted.of
    own = {partition: position for partition, position in wanted.of.items() if partition in held}
    return applied.reached(replace(wanted, of=own))


def advanced(applied: Positions, changes: Sequence[Change]) -> Positions:
    """The positions after changes that follow them."""
    return applied.advanced(
        position for change in changes for position in parse(change.token, applied.adapter).of.values()
    )


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


def rebuilt() -> IndexBehind:
    """The error of a search during which the copy was replaced."""
    return IndexBehind("The index was reloaded during the search, or is about to be. Try again in a moment.")
