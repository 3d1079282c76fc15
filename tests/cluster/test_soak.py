"""The campaign of killed shards, in a short form."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ray", reason="Ray is not installed")

from soak.ray_shards import searched_while_killed


async def test_no_answer_is_wrong_while_processes_are_killed(ray_cluster: Any, url: str) -> None:
    """Every answer is that of one index, or names what was not searched and is right about the rest."""
    wrong = (await searched_while_killed(url, 300, 6.0, 2.0))[0]
    assert wrong.is_reached, wrong
