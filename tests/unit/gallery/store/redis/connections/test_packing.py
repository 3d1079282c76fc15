"""gallery.store.redis.connections.packing: commands are written as redis-py writes them."""

from __future__ import annotations

import pytest
from redis.asyncio.connection import Connection

import gallery.store.redis.connections.packing
from gallery.store.redis.connections.packing import PackingConnection

COMMANDS = [
    ("GET", "ü"),
    ("EVALSHA", "a" * 40, 2, "{a}:b", "{a}:c", b"\x00\xff", 17, ""),
    ("CLIENT SETINFO", "LIB-NAME", "x"),
    ("SET", "a", b"x" * 100_000),
]


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda value: value[0])
def test_the_bytes_are_the_same(
    monkeypatch: pytest.MonkeyPatch, command: tuple[bytes | str | int, ...], *, is_there: bool
) -> None:
    """With hiredis and without, text, bytes and whole numbers are written as redis-py writes them."""
    if not is_there:
        monkeypatch.setattr(gallery.store.redis.connections.packing, "PACKS", None)
    wanted = b"".join(Connection().pack_command(*command))
    assert wanted == b"".join(PackingConnection().pack_command(*command))
