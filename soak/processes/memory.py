"""Searching the writable memory of a process for bytes that must not be there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

CHUNK = 1024 * 1024
LONGEST = 64


def found_in_memory(pid: int, marks: Mapping[str, bytes]) -> Counter[str]:
    """Count each kind of mark in the process's memory while it continues to run.

    Needs the right to trace the process: Linux, the same user.

    Args:
        pid: id of the process.
        marks: by kind, bytes that occur only in the data looked for, at most 64 of them.
    """
    found: Counter[str] = Counter()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for first, last in _writable(pid):
            for start in range(first, last, CHUNK):
                found += found_in(_read(memory, start, min(CHUNK + LONGEST - 1, last - start)), marks)
    return found


def found_in(content: bytes, marks: Mapping[str, bytes]) -> Counter[str]:
    """Count each kind of mark in `content`."""
    return +Counter({kind: content.count(mark) for kind, mark in marks.items()})


def _writable(pid: int) -> list[tuple[int, int]]:
    lines = [line.split() for line in Path(f"/proc/{pid}/maps").read_text().splitlines()]
    areas = [line[0].split("-") for line in lines if line[1].startswith("rw")]
    return [(int(first, 16), int(last, 16)) for first, last in areas]


def _read(memory: BinaryIO, start: int, size: int) -> bytes:
    try:
        memory.seek(start)
        return memory.read(size)
    except OSError:
        return b""  # unmapped since
