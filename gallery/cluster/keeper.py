"""Keeps the shards: starts them, follows their states, moves them when machines come and go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

from ray.exceptions import ActorDiedError, RayError

from gallery.change_signal import ChangeSignal, wait_for_event
from gallery.cluster import placement
from gallery.cluster.messages import ShardSpec
from gallery.cluster.placement import Needs
from gallery.cluster.plan import next_move
from gallery.cluster.replicas import Replica, ShardReplicas

log = logging.getLogger(__name__)

STATUS_S = 0.2
"""Seconds between two questions for a replica's state."""
HANGING_S = 2.0
"""A replica that has not told its state for so many seconds is not asked for anything else until it does."""
NODES_S = 1.0
"""Seconds between two looks at the machines."""
LOAD_S = 3600.0
"""Longest time, in seconds, for a moved shard to load; then the move is given up."""


class Keeper:
    """The shards of one index. Used from one event loop, but for `lease`, which any thread may call.

    Args:
        needs: what each replica needs.
        changed: called when the state of a replica has changed.
    """

    def __init__(self, needs: Needs, changed: Callable[[], None]) -> None:
        self._needs, self._changed = needs, changed
        self._signal = ChangeSignal()
        self._lock = Lock()
        self._shards: Mapping[int, ShardReplicas] = {}
        self._specs: Sequence[ShardSpec] = ()
        self._leaving: frozenset[str] = frozenset()
        self._watchers: set[asyncio.Task[None]] = set()
        self._known: tuple[frozenset[str], frozenset[str]] | None = None
        self._moves_left = 0

    @property
    def shards(self) -> list[ShardReplicas]:
        """All shards, by number."""
        return list(self._shards.values())

    @property
    def is_ready(self) -> bool:
        """Whether every shard has a replica that is ready."""
        return self.is_placed and all(each.is_ready for each in self._shards.values())

    @property
    def is_placed(self) -> bool:
        """Whether all shards have been started, ready or not."""
        return 0 < len(self._specs) == len(self._shards)

    @contextmanager
    def lease(self) -> Iterator[list[ShardReplicas]]:
        """The shards for one search: none of them is ended before the search is done."""
        with self._lock:
            shards = list(self._shards.values())
            for each in shards:
                each.users += 1
        try:
            yield shards
        finally:
            with self._lock:
                for each in shards:
                    each.users -= 1

    async def place(self, specs: Sequence[ShardSpec]) -> None:
        """Start those shards that were not started."""
        self._specs = specs
        for number, spec in enumerate(specs):
            if number not in self._shards:
                self._put(await asyncio.to_thread(placement.started, number, spec, self._needs))

    def leave(self, nodes: Sequence[str]) -> None:
        """From now on no shard is placed on these machines; those that are there move away. Replaces earlier calls."""
        self._leaving = frozenset(nodes)

    async def run(self) -> None:
        """Move shards until cancelled."""
        while True:
            try:
                await self._tidy()
            except RayError as error:
                log.warning("The machines of the cluster are not known now: %s", type(error).__name__)
            await asyncio.sleep(NODES_S)

    async def close(self) -> None:
        """End all shards."""
        for task in self._watchers:
            task.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        shards, self._shards = self.shards, {}
        for each in shards:
            await asyncio.to_thread(placement.end, each)

    def is_whole(self) -> bool:
        """Whether all replicas of all shards are ready."""
        return self.is_placed and all(each.is_whole for each in self._shards.values())

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return when a condition holds; looked at after every change of a state, and at least every 0.2 s."""
        event = self._signal.next_event
        while not holds():
            await wait_for_event(event, STATUS_S)
            event = self._signal.next_event

    def _tell(self) -> None:
        self._changed()
        self._signal.notify()

    async def _tidy(self) -> None:
        """Make one move, if one is needed."""
        nodes, leaving = frozenset(await asyncio.to_thread(placement.nodes_up)), self._leaving
        if (nodes, leaving) != self._known:
            self._known, self._moves_left = (nodes, leaving), 2 * len(self._shards)
        dead = next((each.number for each in self.shards if each.has_died), None)
        if dead is None and self._moves_left:
            places = {each.number: await asyncio.to_thread(placement.places, each) for each in self.shards}
            settled = {number: held for number, held in places.items() if len(held) == self._needs.replicas}
            dead = next_move(settled, nodes, leaving)
            self._moves_left = 0 if dead is None and len(settled) == len(places) else self._moves_left
        if dead is not None:
            self._moves_left -= 1
            await self._move(dead)

    async def _move(self, number: int) -> None:
        """Start a shard anew; it takes over when all its replicas are ready, and then the old one is ended."""
        old = self._shards[number]
        new = await asyncio.to_thread(placement.started, number, self._specs[number], self._needs, self._leaving)
        watchers = [self._watch(each) for each in new.replicas]
        try:
            async with asyncio.timeout(LOAD_S):
                await self.until(lambda: new.is_whole or new.has_died)
            _require_alive(new)
        except BaseException:
            for task in watchers:
                task.cancel()
            await asyncio.to_thread(placement.end, new)
            raise
        with self._lock:
            self._shards = {**self._shards, number: new}
        self._tell()
        log.info("Shard %d has moved.", number)
        await self.until(lambda: not old.users)
        await asyncio.to_thread(placement.end, old)

    def _put(self, shard: ShardReplicas) -> None:
        with self._lock:
            self._shards = {**self._shards, shard.number: shard}
        for each in shard.replicas:
            self._watch(each)

    def _watch(self, replica: Replica) -> asyncio.Task[None]:
        task = asyncio.create_task(self._follow(replica), name="state of a replica")
        self._watchers.add(task)
        task.add_done_callback(self._watchers.discard)
        return task

    async def _follow(self, replica: Replica) -> None:
        """Ask for the replica's state again and again, until it is dead."""
        while not replica.is_dead:
            asked: asyncio.Future[Any] = asyncio.wrap_future(replica.actor.status.remote().future())
            try:
                done, _ = await asyncio.wait({asked}, timeout=HANGING_S)
                if not done:
                    replica.failed()
                    self._tell()
                replica.status = await asked
            except ActorDiedError as error:
                log.warning("A replica has ended, and is not restarted by itself: %s", error)
                replica.failed()
                replica.is_dead = True
            except RayError:
                replica.failed()
            finally:
                asked.cancel()
            self._tell()
            await asyncio.sleep(STATUS_S)


def _require_alive(shard: ShardReplicas) -> None:
    if shard.has_died:
        raise ChildProcessError("A replica cannot be started; the log says why.")
