"""gallery.store.redis.connections.confirmation: how many replicas have a write."""

from __future__ import annotations

import pytest
from redis.exceptions import ResponseError

from gallery.store.redis.connections.access import Demands
from gallery.store.redis.connections.confirmation import confirmation, unconfirmed

IN_MEMORY = Demands(replicas=2, confirm_s=0.25)
ON_DISK = Demands(replicas=2, replicas_on_disk=True, confirm_s=0.0001)


def test_the_command_waits_for_memory_or_for_disks() -> None:
    """WAIT or WAITAOF, with the number of replicas and at least 1 ms."""
    assert ("WAIT", 2, 250) == confirmation(IN_MEMORY)
    assert ("WAITAOF", 0, 2, 1) == confirmation(ON_DISK)


@pytest.mark.parametrize(("demands", "answer"), [(IN_MEMORY, 2), (IN_MEMORY, 3), (ON_DISK, [1, 2])])
def test_enough_replicas_confirm(demands: Demands, answer: object) -> None:
    """As many as demanded, or more, are enough."""
    assert unconfirmed(answer, demands) is None


@pytest.mark.parametrize(
    ("demands", "answer", "said"),
    [
        (IN_MEMORY, 1, "1 replicas of Redis confirmed the write, and 2 must"),
        (ON_DISK, [1, 0], "0 replicas of Redis confirmed the write, and 2 must"),
        (IN_MEMORY, ResponseError("no"), r"cannot tell whether replicas have the write \(no\)"),
    ],
)
def test_too_few_replicas_are_an_error_that_says_what_to_do(demands: Demands, answer: object, said: str) -> None:
    """The error says how many confirmed, and that the write is to be repeated."""
    error = unconfirmed(answer, demands)
    assert error is not None
    with pytest.raises(type(error), match=f"{said}.*It may be kept or not: repeat it with the same request id"):
        raise error
