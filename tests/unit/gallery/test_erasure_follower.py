from __future__ import annotations

import asyncio

from gallery.erasure_follower import scrubbed_after_erasures
from gallery.store.values import ConsistencyToken


class Store:
    """Has no changes; says when somebody waits for them, and when nobody does any more."""

    def __init__(self) -> None:
        self.waited_for, self.is_left = asyncio.Event(), False

    async def position(self) -> ConsistencyToken:
        """Of nothing."""
        return ConsistencyToken("")

    async def changes(self, *_asked: object) -> list[object]:
        """None, ever."""
        self.waited_for.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.is_left = True
        return []


async def test_erasures_are_followed_meanwhile() -> None:
    """Changes are waited for while the context lasts, and by nobody when it has ended."""
    store = Store()
    async with scrubbed_after_erasures(store):
        await asyncio.wait_for(store.waited_for.wait(), 60)
        assert not store.is_left
    assert store.is_left
