"""Unchecked clients of single servers, for a few commands each: Sentinels, nodes of a cluster, replicas."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from gallery.store.redis.connections.access import Access
from gallery.store.redis.connections.address import Address
from gallery.store.redis.connections.node import Endpoint


def plain(endpoint: Endpoint, address: Address, access: Access, *, database: int = 0, with_user: bool = True) -> Redis:
    """A client whose answers are as the server sends them; the caller closes it.

    Args:
        endpoint: host and port.
        address: says whether to use TLS.
        access: who connects.
        database: number of the database.
        with_user: whether user and password are sent.

    Raises:
        ConfigurationInvalid: a file of `access` cannot be read.
    """
    host, port = endpoint
    options: dict[str, Any] = access.options(tls=address.tls)
    if not with_user:
        options = {name: value for name, value in options.items() if name != "credential_provider"}
    client: Redis = Redis(host=host, port=port, db=database, ssl=address.tls, socket_timeout=None, **options)
    client.response_callbacks.clear()
    return client


async def ask(client: Redis, *command: str) -> Any:
    """The answer to one command.

    Raises:
        RedisError, OSError: the server refuses it, or does not answer.
    """
    return await client.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py has no hint here
