"""All servers of a store, by partition."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from math import inf
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import AskError

from biometrics.errors import StoreUnavailable, StoreUnsafe
from gallery.store.redis.connections.access import Access, Demands
from gallery.store.redis.connections.address import Address, Kind
from gallery.store.redis.connections.commands import Command, with_text
from gallery.store.redis.connections.discovery import discover
from gallery.store.redis.connections.node import CALL_TIMEOUT_S, Endpoint, Node, translated
from gallery.store.redis.connections.plain import plain
from gallery.store.redis.connections.refusals import AGAIN, ELSEWHERE, accepted
from gallery.store.redis.connections.slot_map import SlotMap

REDIRECTIONS = 8
"""How often a command is sent because its slot is elsewhere or on its way; 0.02 s apart from the third time on."""

Routed = tuple[int, Command]
"""A partition and a command whose keys are all in its slot."""


class Nodes:
    """Sends commands to the server that has their partition. One class for one server, Sentinels and a cluster.

    The cluster client of redis-py is not used: WAIT counts the writes of its own connection only, so both must take the
    same one; every connection must be checked; and a node that hangs must hold up no call of another one.

    Args:
        url: as `Address.parse` reads it.
        tag: partition → its hash tag.
        access: who connects.
        demands: what the servers must do to keep writes.
        left_s: returns the seconds left until the deadline of the current call.

    Raises:
        ConfigurationInvalid: the URL cannot be read.
    """

    def __init__(
        self,
        url: str,
        tag: Callable[[int], str],
        access: Access,
        demands: Demands,
        left_s: Callable[[], float] = lambda: inf,
    ) -> None:
        self._address, self._tag = Address.parse(url), tag
        self._access, self._demands, self._left_s = access, demands, left_s
        self._map = SlotMap(self._address, access)
        self._nodes: dict[Endpoint, Node] = {}

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the servers may lose acknowledged writes."""
        return tuple(dict.fromkeys(doubt for node in self._nodes.values() for doubt in node.doubts))

    @property
    def is_cluster(self) -> bool:
        """Whether a command can have keys of one partition only."""
        return self._address.kind is Kind.CLUSTER

    @property
    def generations(self) -> dict[Endpoint, int]:
        """The newest generation of connections of each server that was reached (`Node`)."""
        return {endpoint: node.generation for endpoint, node in self._nodes.items() if node.generation}

    @asynccontextmanager
    async def within(self) -> AsyncIterator[None]:
        """Context of work that may take as long as one call.

        Raises:
            StoreUnavailable: it took longer.
        """
        with translated():
            async with asyncio.timeout(min(CALL_TIMEOUT_S, self._left_s())):
                yield

    async def node(self, partition: int) -> Node:
        """The server that has a partition.

        Raises:
            StoreUnavailable: none has it, or it is not known which.
        """
        endpoint = await self._map.find(self._tag(partition), list(self._nodes))
        for gone in self._nodes.keys() - self._map.endpoints:
            await self._nodes.pop(gone).close()
        return self._node(endpoint)

    async def run(self, routed: Sequence[Routed]) -> list[Any]:
        """The answers to commands, in order; one round trip per server, all servers at once.

        Raises:
            StoreUnavailable: a server does not answer, or refuses a command.
            ConfigurationInvalid: a server cannot be used.
        """
        answers: list[Any] = [None] * len(routed)
        left: Iterable[int] = range(len(routed))
        for attempt in range(REDIRECTIONS):
            groups: dict[Node, list[int]] = defaultdict(list)
            for place in left:
                groups[await self.node(routed[place][0])].append(place)
            found = await asyncio.gather(
                *(self._run(node, places, routed) for node, places in groups.items()), return_exceptions=True
            )
            for places, each in zip(groups.values(), found, strict=True):
                if isinstance(each, BaseException):
                    raise each
                for place, answer in zip(places, each, strict=True):
                    answers[place] = answer
            left = [place for place in left if isinstance(answers[place], AGAIN)]
            if not left:
                return [self._accepted(answer) for answer in answers]
            await self._redirected(attempt)
        return [accepted(answer) for answer in answers]

    async def read(self, partition: int, command: Command) -> Any:
        """The answer to one command, which shares its round trip with those of other callers. Raises as `run`."""
        return await self._one(partition, command, is_write=False)

    async def write(self, partition: int, command: Command) -> Any:
        """Likewise for a write; confirmed when this returns, as the demands say."""
        return await self._one(partition, command, is_write=True)

    def plain(self, endpoint: Endpoint) -> Redis:
        """An unchecked client of one server, whose answers are as it sends them; the caller closes it."""
        return plain(endpoint, self._address, self._access)

    async def close_idle(self) -> None:
        """Use new connections from now on."""
        for node in self._nodes.values():
            await node.close_idle()

    async def close(self) -> None:
        """Close all connections."""
        for node in self._nodes.values():
            await node.close()

    async def _one(self, partition: int, command: Command, *, is_write: bool) -> Any:
        answer: Any = None
        for attempt in range(REDIRECTIONS):
            node = await self.node(partition)
            try:
                return await (node.write(command) if is_write else node.read(command))
            except StoreUnavailable as error:
                answer = error.__cause__
                if not isinstance(answer, AGAIN):
                    self._map.failed()
                    self._accepted(answer if isinstance(answer, ELSEWHERE) else None)
                    raise
            except StoreUnsafe:
                self._map.failed()
                raise
            if isinstance(answer, AskError):
                answer = await self._asking(answer, command, is_write=is_write)
            if not isinstance(answer, AGAIN):
                return self._accepted(answer)
            await self._redirected(attempt)
        return accepted(answer)

    async def _run(self, node: Node, places: Sequence[int], routed: Sequence[Routed]) -> list[Any]:
        try:
            answers = list(await node.run([routed[place][1] for place in places]))
        except (StoreUnavailable, StoreUnsafe):
            self._map.failed()
            raise
        for number, answer in enumerate(answers):
            if isinstance(answer, AskError):
                answers[number] = await self._asking(answer, routed[places[number]][1])
        return answers

    async def _asking(self, error: AskError, command: Command, *, is_write: bool = False) -> Any:
        """Send a command to the node to which its slot is on its way."""
        target = self._node((error.host, int(error.port)))
        _, answer = await target.run([("ASKING",), with_text(command)], is_write=is_write)
        return answer

    def _accepted(self, answer: Any) -> Any:
        if isinstance(answer, ELSEWHERE):
            self._map.failed()
        return accepted(answer)

    async def _redirected(self, attempt: int) -> None:
        self._map.moved()
        if attempt:
            await asyncio.sleep(0.02)

    async def _is_current(self, endpoint: Endpoint) -> bool:
        """Whether the Sentinels still name this server; a node of a cluster finds out itself that it was replaced."""
        if self.is_cluster:
            return True
        return endpoint in [each.endpoint for each in await discover(self._address, self._access, ())]

    def _node(self, endpoint: Endpoint) -> Node:
        if endpoint not in self._nodes:
            database, tls = self._address.database, self._address.tls
            is_current = None if self._address.kind is Kind.SERVER else self._is_current
            self._nodes[endpoint] = Node(
                endpoint, database, self._access, self._demands, self._left_s, is_current, tls=tls
            )
        return self._nodes[endpoint]
