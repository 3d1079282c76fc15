"""The fusion service, as an adapter calls it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from biofusion.fusion.v1 import subjects_pb2

from adapters.wire.fusion import Fusion
from infra.settings import Settings

STORE, OTHER = "redis.5f0c1d2e", "redis.00000001"
EARLY, LATE, ELSEWHERE = "1-1c9f00a2-9b3e07aa-5-0", "1-1c9f00a2-1c44d0f3-6-0", "2-1c9f00a2-00c0ffee-3-0"


class Answering:
    """A method that answers with these tokens, one after the other."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = [*tokens]

    async def __call__(self, _request: Any, **_more: Any) -> Any:
        """Answer a call."""
        return subjects_pb2.DeleteSubjectResponse(consistency_token=self._tokens.pop(0))


@pytest.mark.parametrize(
    ("tokens", "written"),
    [
        ([f"{STORE}.{EARLY}", f"{STORE}.{LATE}"], f"{STORE}.{LATE}"),
        ([f"{STORE}.{LATE}", f"{STORE}.{EARLY}"], f"{STORE}.{LATE}"),
        ([f"{STORE}.{LATE}", f"{STORE}.{ELSEWHERE}"], f"{STORE}.{LATE}~{ELSEWHERE}"),
        ([f"{STORE}.{LATE}", ""], f"{STORE}.{LATE}"),
        ([f"{STORE}.{LATE}", f"{OTHER}.{EARLY}"], f"{OTHER}.{EARLY}"),
    ],
)
async def test_all_writes_are_seen(tokens: Sequence[str], written: str) -> None:
    """Its token stands for all writes, also if an earlier one is answered later, or they are of several partitions."""
    fusion, method = Fusion(Settings()), Answering(*tokens)
    for _ in tokens:
        await fusion.ask(method, subjects_pb2.DeleteSubjectRequest())
    await fusion.close()
    assert written == fusion.written
