"""Finds which server has which slots: the primary that Sentinels name, or the primaries of a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, ClusterDownError, NoPermissionError, RedisError, ResponseError

from biometrics.errors import ConfigurationInvalid, StoreUnavailable
from gallery.store.redis.connections.access import Access
from gallery.store.redis.connections.address import Address, Kind
from gallery.store.redis.connections.node import Endpoint
from gallery.store.redis.connections.plain import ask, plain

ASK_S = 2.0
"""Seconds that a Sentinel or a node of a cluster has to answer; then the next one is asked."""
LAST_SLOT = 16383


@dataclass(frozen=True, slots=True)
class Range:
    """Slots from `first` to `last` are on the server `endpoint`."""

    first: int
    last: int
    endpoint: Endpoint


async def discover(address: Address, access: Access, known: Sequence[Endpoint]) -> list[Range]:
    """Ask who has which slots.

    Args:
        address: of the store.
        access: who asks. A Sentinel without users is asked without a user.
        known: nodes of the cluster that were found before; asked after those of the address.

    Raises:
        StoreUnavailable: nobody that can be asked knows.
        ConfigurationInvalid: the servers are not of the kind that the URL says.
    """
    if address.kind is Kind.SERVER:
        return [Range(0, LAST_SLOT, address.hosts[0])]
    reasons = []
    for endpoint in dict.fromkeys((*address.hosts, *known)):
        try:
            async with asyncio.timeout(ASK_S):
                if address.kind is Kind.CLUSTER:
                    return await _slots(endpoint, address, access)
                return [Range(0, LAST_SLOT, await _primary(endpoint, address, access))]
        except (RedisError, OSError) as error:
            reasons.append(type(error).__name__)
    whom = "node of the Redis cluster" if address.kind is Kind.CLUSTER else "Sentinel"
    raise StoreUnavailable(f"No {whom} says where the store is ({', '.join(dict.fromkeys(reasons))}).")


async def _slots(endpoint: Endpoint, address: Address, access: Access) -> list[Range]:
    try:
        answer = await _asked(plain(endpoint, address, access), "CLUSTER", "SLOTS")
    except (AuthenticationError, ClusterDownError, NoPermissionError):
        raise
    except ResponseError as error:
        raise ConfigurationInvalid(
            "The server that the store URL names is no node of a Redis cluster. Write redis://HOST:PORT/DATABASE."
        ) from error
    return [Range(int(first), int(last), _endpoint(primary, endpoint)) for first, last, primary, *_ in answer]


async def _primary(endpoint: Endpoint, address: Address, access: Access) -> Endpoint:
    command = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", address.primary)
    try:
        answer = await _asked(plain(endpoint, address, access), *command)
    except AuthenticationError:
        answer = await _asked(plain(endpoint, address, access, with_user=False), *command)
    if not answer:
        raise ConfigurationInvalid(
            f"The Sentinels know no primary of the name {address.primary!r}. Check the store URL."
        )
    return _endpoint(answer, endpoint)


async def _asked(client: Redis, *command: str) -> Any:
    try:
        return await ask(client, *command)
    finally:
        await client.aclose()


def _endpoint(answer: Sequence[Any], asked: Endpoint) -> Endpoint:
    """Host and port as a server states them; without a host it means its own."""
    host, port = answer[0], int(answer[1])
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    return name if name not in ("", "?") else asked[0], port
