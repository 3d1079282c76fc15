"""Confirmation of a write by replicas: WAIT, or WAITAOF for their disks."""

from __future__ import annotations

from typing import Any

from redis.exceptions import RedisError

from biometrics.errors import StoreUnavailable
from gallery.store.redis.connections.access import Demands
from gallery.store.redis.connections.commands import Command


def confirmation(demands: Demands) -> Command:
    """The command that waits until the replicas have what was written before over the same connection."""
    timeout_ms = max(1, round(demands.confirm_s * 1000))
    if demands.replicas_on_disk:
        return ("WAITAOF", 0, demands.replicas, timeout_ms)
    return ("WAIT", demands.replicas, timeout_ms)


def unconfirmed(answer: Any, demands: Demands) -> StoreUnavailable | None:
    """The error of a write that fewer replicas have than was demanded; None if it is confirmed.

    Args:
        answer: to `confirmation`.
        demands: how many are demanded.
    """
    if isinstance(answer, RedisError):
        return StoreUnavailable(f"Redis cannot tell whether replicas have the write ({answer}). {_REPEAT}")
    count = int(answer[1] if demands.replicas_on_disk else answer)
    if count >= demands.replicas:
        return None
    return StoreUnavailable(
        f"{count} replicas of Redis confirmed the write, and {demands.replicas} must. {_REPEAT}",
    )


_REPEAT = "It may be kept or not: repeat it with the same request id."
