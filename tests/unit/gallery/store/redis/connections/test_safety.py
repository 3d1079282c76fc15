"""gallery.store.redis.connections.safety: what a server says of itself."""

from __future__ import annotations

import pytest
from redis.exceptions import NoPermissionError

from biometrics.errors import ConfigurationInvalid, StoreUnavailable, StoreUnsafe
from gallery.store.redis.connections.access import Demands
from gallery.store.redis.connections.safety import doubts_of, facts_of, require_safe

SAFE = {"redis_version": "7.2.0", "role": "master", "aof_enabled": "1", "maxmemory_policy": "noeviction"}
SYNCED = {"appendfsync": "always", "no-appendfsync-on-rewrite": "no", "min-replicas-to-write": "2"}


class Answers:
    """A connection to a server with these facts and this configuration, which lets its user `default` write or not."""

    def __init__(self, facts: dict[str, str], configuration: dict[str, str], default: object = b"OK") -> None:
        self._answers: list[object] = [
            "\r\n".join(["# Server", *(f"{name}:{value}" for name, value in facts.items())]).encode(),
            [part.encode() for pair in configuration.items() for part in pair],
            default,
        ]

    async def send_command(self, *command: str) -> None:
        """Take a command."""

    async def read_response(self) -> object:
        """Answer it."""
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.parametrize(
    ("facts", "configuration", "demands", "named"),
    [
        ({}, {}, Demands(), ""),
        ({}, {}, Demands(min_replicas=2), ""),
        ({}, {}, Demands(min_replicas=3), "min-replicas-to-write 3"),
        ({"role": "slave"}, {}, Demands(), "replica"),
        ({"aof_enabled": "0"}, {}, Demands(), "appendonly yes"),
        ({"aof_enabled": "0"}, {}, Demands(sync_is_managed=True), "appendonly yes"),
        ({}, {"appendfsync": "everysec"}, Demands(), "not everysec"),
        ({}, {"no-appendfsync-on-rewrite": "yes"}, Demands(), "no-appendfsync-on-rewrite no"),
        ({"maxmemory_policy": "allkeys-lfu"}, {}, Demands(sync_is_managed=True), "not allkeys-lfu"),
    ],
)
async def test_a_doubt_names_what_to_set(
    facts: dict[str, str], configuration: dict[str, str], demands: Demands, named: str
) -> None:
    """A safe server raises no doubt; each setting that loses writes raises one that names it."""
    doubts = await doubts_of(Answers(SAFE | facts, SYNCED | configuration), demands)
    assert [named] * bool(named) == [named for doubt in doubts if named in doubt]
    assert bool(named) == bool(doubts)


async def test_a_server_that_is_loading_is_unavailable_and_not_unsafe() -> None:
    """Until it has loaded its data a server says that it keeps no file; that is no reason to stop for good."""
    with pytest.raises(StoreUnavailable, match="loading"):
        await doubts_of(Answers(SAFE | {"loading": "1", "aof_enabled": "0"}, SYNCED), Demands())


@pytest.mark.parametrize(
    ("answer", "named"),
    [(b"OK", ""), (b"User default has no permissions", "user default off"), (NoPermissionError("No."), "")],
)
async def test_a_server_that_would_not_load_transactions_is_unsafe(answer: object, named: str) -> None:
    """The doubt says how to write the user `default`; there is none if the server does not tell."""
    doubts = await doubts_of(Answers(SAFE, SYNCED, answer), Demands())
    assert bool(named) == bool(doubts)
    assert all(named in doubt for doubt in doubts)


async def test_an_old_server_is_refused() -> None:
    """The message has its version."""
    with pytest.raises(ConfigurationInvalid, match=r"version 6\.2\.1"):
        await doubts_of(Answers(SAFE | {"redis_version": "6.2.1"}, SYNCED), Demands())


def test_doubts_are_listed_in_one_error() -> None:
    """The error has all doubts; without any there is none."""
    require_safe(())
    with pytest.raises(StoreUnsafe, match="one; two"):
        require_safe(("one", "two"))


def test_facts_are_read_from_lines() -> None:
    """Headings and empty lines are left out, and a value may contain colons."""
    assert {"a": "1", "b": "x:y"} == facts_of(b"# Section\r\na:1\r\n\r\nb:x:y\r\n")
