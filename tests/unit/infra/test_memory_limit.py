from __future__ import annotations

from pathlib import Path

import pytest

from infra.memory_limit import index_memory, memory_limit
from infra.settings import Settings


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("memory.max", "2147483648\n", 1 << 31),
        ("memory.max", "max\n", 0),
        ("memory/memory.limit_in_bytes", "1073741824\n", 1 << 30),
        ("memory/memory.limit_in_bytes", "9223372036854771712\n", 0),
    ],
)
def test_the_limit_is_that_of_the_control_group(tmp_path: Path, name: str, text: str, expected: int) -> None:
    """Of either version; none is 0."""
    assert 0 == memory_limit(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    assert expected == memory_limit(tmp_path)


def test_an_index_may_fill_its_share_of_the_limit_unless_bytes_are_stated(tmp_path: Path) -> None:
    """Without a limit, or without either setting, it may fill any number of bytes."""
    assert 0 == index_memory(Settings(index_memory_share=0.5), tmp_path)
    (tmp_path / "memory.max").write_text("4096")
    shares = [index_memory(Settings(index_memory_share=share), tmp_path) for share in (0.0, 0.5)]
    assert [0, 2048, 3 << 20] == [*shares, index_memory(Settings(index_memory_mb=3, index_memory_share=0.5), tmp_path)]
