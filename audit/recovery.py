"""Where a chain ends when a process opens it again, after an end in order or a crash.

A group of records is acknowledged when its write has returned. So what a crash leaves of the last group, a line that is
not whole, was never acknowledged: it is cut off, and the record OPEN of the next process says how much. Lines that are
whole stay. A chain whose lines are whole and do not follow from each other was not left so by a crash: it is refused.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from audit.chain_folder import segments
from audit.lines import GENESIS, HASH, SEGMENT, chained, is_whole, kind_and_number, parsed
from biometrics.errors import ConfigurationInvalid


@dataclass(frozen=True, slots=True)
class End:
    """Where a chain ends.

    Args:
        chain: its id, random, 32 hexadecimal digits.
        instance: name of its writer.
        n: number of the next record.
        digest: hash of the last record.
        segment: number of its last file; -1 if there is none yet.
        size: length of that file in bytes.
        cut: bytes that were cut off as a crash had left them.
    """

    chain: str
    instance: str
    n: int
    digest: bytes
    segment: int
    size: int
    cut: int = 0


def recovered(folder: Path, instance: str) -> End:
    """The end of the chain in a folder, without what a crash has left behind it; that of a new chain if there is none.

    Raises:
        ConfigurationInvalid: the chain is damaged, or of another instance.
        OSError: a file cannot be read or cut.
    """
    cut = 0
    for number, path in reversed(segments(folder)):
        content = path.read_bytes()
        size = content.rfind(b"\n") + 1
        cut += len(content) - size
        if not size:
            path.unlink()  # a crash came before its first group was written
            continue
        if size < len(content):
            _cut(path, size)
        return _end(folder, instance, number, content[:size], cut)
    return End(token_hex(16), instance, 0, GENESIS, -1, 0, cut)


def _end(folder: Path, instance: str, number: int, content: bytes, cut: int) -> End:
    """The end of a segment whose lines follow from each other."""
    lines = content.splitlines(keepends=True)
    first = parsed(lines[0][HASH + 1 :]) or {}
    digest = str(first.get("previous")).encode()
    for line in lines:
        record = line[HASH + 1 : -1]
        if not is_whole(line) or chained(digest, record) != line[:HASH]:
            raise _damaged(folder)
        digest = line[:HASH]
    last = kind_and_number(record)
    chain, name = first.get("chain"), first.get("instance")
    if first.get("kind") != SEGMENT or last is None or not isinstance(chain, str):
        raise _damaged(folder)
    if name != instance:
        raise ConfigurationInvalid(
            f"The audit log in {folder} is of instance {str(name)[:130]!r}. Move it to the folder of its name, or away."
        )
    return End(chain, instance, last[1] + 1, digest, number, len(content), cut)


def _cut(path: Path, size: int) -> None:
    with path.open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())


def _damaged(folder: Path) -> ConfigurationInvalid:
    return ConfigurationInvalid(
        f"The audit log in {folder} is damaged, so nothing can be appended. `biofusion audit verify` says where. Keep "
        "it, and begin another under a new BIOFUSION_AUDIT_INSTANCE."
    )
