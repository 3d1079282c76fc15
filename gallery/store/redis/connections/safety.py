"""Checks that a Redis server is configured to keep acknowledged writes; done first on every new connection."""

from __future__ import annotations

from typing import Any

from redis.exceptions import NoPermissionError, ResponseError

from biometrics.errors import ConfigurationInvalid, StoreUnavailable, StoreUnsafe
from gallery.store.redis.connections.access import Demands

OLDEST_VERSION = 7
"""Oldest major version of Redis that can be used."""

SETTING = "BIOFUSION_ALLOW_UNSAFE_STORE=true"

CONFIGURATION = ("appendfsync", "no-appendfsync-on-rewrite", "min-replicas-to-write")

LOADING = ("ACL", "DRYRUN", "default", "HSET", "key", "field", "value")
"""Asks whether the user `default` has the rights by which a server loads transactions of its append-only file. It says
nothing about who may log in as that user."""
DROPS = (
    "it leaves out transactions when it loads its file (write `user default off resetpass ~* &* +@all`, so that nobody "
    "can log in as this user, and it keeps its rights)"
)

REPLICA = "it is a replica (name the primary in the store URL)"
_HIDDEN = (
    "it does not say how it syncs (allow CONFIG GET to the user; if the provider forbids it and states that each write "
    "is on disk before it is acknowledged, say so by BIOFUSION_REDIS_SYNC_IS_MANAGED=true)"
)


async def doubts_of(connection: Any, demands: Demands) -> tuple[str, ...]:
    """The settings by which the server may lose acknowledged writes, each in words that say what to set instead.

    Args:
        connection: a connection of redis-py, connected and authenticated.
        demands: what the server must do.

    Raises:
        ConfigurationInvalid: the server is older than version 7.
        StoreUnavailable: it has started and is still loading its data: until then it says that it keeps no file.
    """
    facts = facts_of(await _ask(connection, "INFO", "everything"))
    if facts.get("loading", "0") != "0":
        raise StoreUnavailable("The Redis server is loading its data. Try again soon.")
    version = facts.get("redis_version", "unknown")
    if "." in version and int(version.split(".", 1)[0]) < OLDEST_VERSION:
        raise ConfigurationInvalid(
            f"The Redis server has version {version}, and {OLDEST_VERSION} or newer is needed.", server_version=version
        )
    doubts = _doubts(facts, await _configuration(connection), demands)
    return (*doubts, *([] if await _loads_everything(connection) else [DROPS]))


def require_safe(doubts: tuple[str, ...]) -> None:
    """Return if there are no doubts.

    Raises:
        StoreUnsafe: there are doubts; the message lists them.
    """
    if doubts:
        raise StoreUnsafe(
            f"The Redis server may lose enrolments it has acknowledged: {'; '.join(doubts)}. "
            f"Change these settings, or accept the loss with {SETTING}."
        )


def _doubts(facts: dict[str, str], configuration: dict[str, str] | None, demands: Demands) -> list[str]:
    found = []
    if facts.get("role", "master") != "master":
        found.append(REPLICA)
    if configuration is not None or not demands.sync_is_managed:
        found += _unsynced(facts, configuration)
    policy = facts.get("maxmemory_policy", "unknown")
    if policy != "noeviction":
        found.append(f"it evicts keys when memory is short (set maxmemory-policy noeviction, not {policy})")
    least = int((configuration or {}).get("min-replicas-to-write", 0))
    if least < demands.min_replicas:
        found.append(f"it writes with {least} replicas (set min-replicas-to-write {demands.min_replicas} or more)")
    return found


def _unsynced(facts: dict[str, str], configuration: dict[str, str] | None) -> list[str]:
    """Why an acknowledged write may not be on the server's disk; at most one reason."""
    if facts.get("aof_enabled") != "1":
        return ["it keeps no append-only file (set appendonly yes)"]
    if configuration is None:
        return [_HIDDEN]
    if configuration.get("appendfsync") != "always":
        return [f"it does not sync each write (set appendfsync always, not {configuration.get('appendfsync')})"]
    if configuration.get("no-appendfsync-on-rewrite") != "no":
        return ["it does not sync while it rewrites its file (set no-appendfsync-on-rewrite no)"]
    return []


async def _configuration(connection: Any) -> dict[str, str] | None:
    try:
        pairs = await _ask(connection, "CONFIG", "GET", *CONFIGURATION)
    except (NoPermissionError, ResponseError):
        return None
    flat = [part for pair in pairs.items() for part in pair] if isinstance(pairs, dict) else list(pairs)
    texts = [part.decode() for part in flat]
    return dict(zip(texts[::2], texts[1::2], strict=True))


async def _loads_everything(connection: Any) -> bool:
    """Whether the server loads its append-only file as a user that may write; also if it does not say so."""
    try:
        answer = await _ask(connection, *LOADING)
    except (NoPermissionError, ResponseError):
        return True
    return answer in (b"OK", "OK")


async def _ask(connection: Any, *command: str) -> Any:
    await connection.send_command(*command)
    return await connection.read_response()


def facts_of(info: Any) -> dict[str, str]:
    """The answer to INFO: name → value."""
    text = info.decode() if isinstance(info, bytes) else str(info)
    lines = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name: value.strip() for name, _, value in lines}
