"""Commands of Redis, sent together in one round trip; Lua scripts are sent by their hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha1
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

Part = bytes | str | int
Command = tuple[Part, ...]
"""A command's name and its arguments."""


@dataclass(frozen=True)
class Script:
    """A Lua script, carried out at one moment.

    Args:
        text: its text.
    """

    text: str

    def __post_init__(self) -> None:
        _texts[self.sha] = self.text

    @cached_property
    def sha(self) -> str:
        """The name by which a server that has seen the script knows it."""
        return sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[str], args: Sequence[Part] = ()) -> Command:
        """The command that runs the script; all keys must be of one partition."""
        return ("EVALSHA", self.sha, len(keys), *keys, *args)


_texts: dict[str, str] = {}


async def send(client: Redis, commands: Sequence[Command]) -> list[Any]:
    """Send commands in one round trip, and return their answers in order; an error that answers one is returned too."""
    async with client.pipeline(transaction=False) as pipe:
        for command in commands:
            pipe.execute_command(*command)
        answers = list(await pipe.execute(raise_on_error=False))
    unknown = [place for place, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
    if unknown:
        again = await send(client, [with_text(commands[place]) for place in unknown])
        for place, answer in zip(unknown, again, strict=True):
            answers[place] = answer
    return answers


def with_text(command: Command) -> Command:
    """The command with a script's text in the place of its hash; any other command as it is."""
    if command[0] != "EVALSHA":
        return command
    _, sha, *rest = command
    return ("EVAL", _texts[str(sha)], *rest)
