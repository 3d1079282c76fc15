"""Chains of an audit log, written without a process that serves, and tampered with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.chain_folder import SEGMENT_BYTES, segment_path
from audit.heads import EVERY, Head
from audit.lines import HEAD, OPEN, body, chained, kind_and_number, line_of
from audit.signing import SigningKey, make
from audit.tail import Tail

TIME = "2026-01-02T03:04:05.678Z"


@dataclass(frozen=True)
class Keys:
    """A signing key in a folder."""

    private: Path
    public: Path

    @classmethod
    def make(cls, folder: Path, name: str = "signing.pem") -> Keys:
        """Make one."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder / name, make(folder / name))

    @property
    def key(self) -> SigningKey:
        """The private key."""
        return SigningKey.load(self.private)


def write_chain(
    folder: Path,
    keys: Keys,
    count: int,
    instance: str = "one",
    segment_bytes: int = SEGMENT_BYTES,
    group: int = 100,
    **fields: Any,
) -> Head:
    """Append `count` records to an instance's chain, in groups, with heads as a process writes them; the last head."""
    tail, key, unsigned = Tail(folder / instance, instance, segment_bytes), keys.key, 0
    draft = tail.draft()
    draft.add(OPEN, body({"time": TIME}))
    tail.commit(draft)
    for begin in range(0, count, group):
        draft = tail.draft()
        for number in range(begin, min(begin + group, count)):
            draft.add("CALL", body({"time": TIME, "id": f"id-{number}", **fields}))
            unsigned += 1
        if unsigned >= EVERY or begin + group >= count:
            end, unsigned = tail.end, 0
            closed = begin + group >= count
            head = Head.signed(key, end.chain, instance, draft.n, draft.digest, TIME, closed=closed)
            draft.add(HEAD, body(head.fields))
        tail.commit(draft)
    tail.close()
    return head


def lines(folder: Path, segment: int = 0) -> list[bytes]:
    """The lines of a segment."""
    return segment_path(folder, segment).read_bytes().splitlines(keepends=True)


def put(folder: Path, changed: list[bytes], segment: int = 0) -> None:
    """Replace them."""
    segment_path(folder, segment).write_bytes(b"".join(changed))


def rechained(changed: list[bytes], begin: int) -> list[bytes]:
    """The lines with new numbers and hashes from the line `begin` on, so that each follows from the one before."""
    done = changed[:begin]
    for place, line in enumerate(changed[begin:], start=begin):
        kind, number = kind_and_number(line[65:-1]) or ("", 0)
        record = line[65:-1].replace(b'"n":%d,' % number, b'"n":%d,' % place, 1)
        assert kind
        done.append(line_of(chained(done[-1][:64], record), record))
    return done
