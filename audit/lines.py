"""A line of a chain: a hash, a space, and a record, whose first two fields are its kind and its number.

    4f0c…e1 {"kind":"CALL","n":17,"time":"2026-01-02T03:04:05.678Z",…}

The hash is the SHA-256, in hexadecimal digits, of the hash of the line before and the record's bytes. So it stands for
all records up to its own, and none of them can be changed, taken out or moved without changing all hashes after it.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import Any

GENESIS = b"0" * 64
"""What stands in for the hash before the first record of a chain."""

HASH = 64
"""Characters of a hash."""

SEGMENT, OPEN, HEAD = "SEGMENT", "OPEN", "HEAD"
"""Kinds of records that the log itself makes: at the begin of a file, at the start of a process, and signatures."""

_NUMBERED = re.compile(rb'\{"kind":"([A-Z]+)","n":(\d+),')


def body(record: dict[str, Any]) -> bytes:
    """A record without kind and number, which are put before it when it is written; ASCII on one line.

    Raises:
        TypeError, ValueError: a value is no JSON.
    """
    return json.dumps(record, separators=(",", ":"), allow_nan=False).encode()


def numbered(kind: str, number: int, of: bytes) -> bytes:
    """A record with its kind and number; `of` is its body, of at least one field."""
    return b'{"kind":"%s","n":%d,' % (kind.encode(), number) + of[1:]


def chained(previous: bytes, record: bytes) -> bytes:
    """Hash of a record after the line with the hash `previous`; 64 hexadecimal digits."""
    return sha256(previous + record).hexdigest().encode()


def line_of(digest: bytes, record: bytes) -> bytes:
    """The line of a record."""
    return b"%s %s\n" % (digest, record)


def is_whole(line: bytes) -> bool:
    """Whether a line has the form of one, whatever it says."""
    return len(line) > HASH + 2 and line[HASH : HASH + 2] == b" {" and line[-2:] == b"}\n"


def kind_and_number(record: bytes) -> tuple[str, int] | None:
    """Kind and number of a record; None if they are not where they are written."""
    found = _NUMBERED.match(record)
    return (found[1].decode(), int(found[2])) if found else None


def parsed(record: bytes) -> dict[str, Any] | None:
    """The record as an object; None if it is none."""
    try:
        value = json.loads(record)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
