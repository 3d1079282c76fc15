"""Answers by which a server refuses a command."""

from __future__ import annotations

from typing import Any

from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError, RedisError, TryAgainError

from biometrics.errors import StoreUnavailable

AGAIN = (MovedError, AskError, TryAgainError)
"""The slot is elsewhere or on its way: the command is sent again."""
ELSEWHERE = (ClusterDownError, ReadOnlyError)
"""Another server may have taken over."""


def refusal(answer: RedisError) -> StoreUnavailable:
    """What callers are told of a refused command."""
    if isinstance(answer, ClusterDownError):
        return StoreUnavailable(
            "The Redis cluster is down: too few of its primaries reach each other, or this partition has no node."
        )
    if isinstance(answer, AGAIN):
        return StoreUnavailable(
            "The slot of this partition is being moved to another node of the Redis cluster. Try again."
        )
    return StoreUnavailable(f"Redis refuses a command ({type(answer).__name__}).")


def accepted(answer: Any) -> Any:
    """The answer, if it is no refusal.

    Raises:
        StoreUnavailable: it is one.
    """
    if isinstance(answer, RedisError):
        raise refusal(answer) from answer
    return answer
