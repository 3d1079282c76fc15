"""Reads records back. What is read is not verified: `verification.verify` does that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.chain_folder import chain_folders, segments
from audit.lines import HASH, OPEN, is_whole, kind_and_number, parsed


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was read.

    Args:
        instance: name of its chain's folder.
        raw: its bytes.
        opened: bytes of the record OPEN of the process that wrote it; empty if that is not there.
    """

    instance: str
    raw: bytes
    opened: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """It as an object; empty if it is none."""
        return parsed(self.raw) or {}

    @property
    def start(self) -> dict[str, Any]:
        """The record of the start of its process as an object; empty if it is none."""
        return parsed(self.opened) or {}


def records(
    folder: Path, instance: str = "", progress: Callable[[int], None] = lambda _records: None
) -> Iterator[Record]:
    """All records of all chains in an audit folder, or of one instance, in order of instance and number.

    Args:
        folder: the audit folder.
        instance: name of a chain's folder; "" for all.
        progress: told the number of records read so far, every 10,000.

    Raises:
        ConfigurationInvalid: the folder cannot be read.
        OSError: a file cannot be read.
    """
    count = 0
    for chain in chain_folders(folder):
        if instance not in ("", chain.name):
            continue
        opened = b""
        for _, path in segments(chain):
            with path.open("rb") as file:
                for line in file:
                    if not is_whole(line):
                        continue
                    raw = line[HASH + 1 : -1]
                    if raw.startswith(_OPEN):
                        opened = raw
                    yield Record(chain.name, raw, opened)
                    count += 1
                    if count % 10_000 == 0:
                        progress(count)


def is_of(record: Record, record_id: str) -> bool:
    """Whether this is a record's id, `INSTANCE/NUMBER`, or the request id of its call."""
    instance, slash, number = record_id.rpartition("/")
    if slash:
        found = kind_and_number(record.raw)
        return instance == record.instance and found is not None and number == str(found[1])
    return b'"id":"%s"' % record_id.encode() in record.raw


_OPEN = b'{"kind":"%s",' % OPEN.encode()
