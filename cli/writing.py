"""What all commands that write have in common: the request id, and what is said of the result."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

import click
from google.protobuf.message import Message

from cli.output.output import print_json

F = TypeVar("F", bound=Callable[..., Any])


class Written(Protocol):
    """Response of a write."""

    consistency_token: str
    replayed: bool


def request_id_option(command: F) -> F:
    """Add `--request-id`; the command gets it as `request_id`, a new one if it is not stated."""

    @click.option("--request-id", default="", help="UUID version 4; the same one again repeats the request safely.")
    @wraps(command)
    def with_id(*args: Any, request_id: str, **others: Any) -> Any:
        return command(*args, request_id=request_id or str(uuid.uuid4()), **others)

    return cast("F", with_id)


def tell(response: Written, done: str, *, as_json: bool) -> None:
    """Print the response, or say what was done, with the token of the write.

    Args:
        response: of a write.
        done: a sentence without its full stop.
        as_json: print JSON.
    """
    if as_json:
        print_json(cast("Message", response))
    else:
        before = " by this request before" if response.replayed else ""
        click.echo(f"{done}{before}.\nToken {response.consistency_token}")
