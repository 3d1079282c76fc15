"""Signed heads: how far a chain reached at a time, and the hash that stands for all of it.

A head that is kept elsewhere, as a file or a line of a process's log, shows later whether the chain still has all that
it had. It is a record of its chain and the same JSON object everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from audit.lines import HEAD
from audit.signing import PublicKeys, SigningKey, is_signed

EVERY = 1000
"""A head is written after at most this many records and those of one more group (`writer.GROUP`)."""

EVERY_S = 30.0
"""Seconds after a record by which a head is written."""

_WRITTEN = re.compile(r'\{"kind":"HEAD",.*\}')


@dataclass(frozen=True, slots=True)
class Head:
    """The state of a chain before record `n`.

    Args:
        chain: id of the chain.
        instance: name of its writer.
        n: number of records that it had.
        hash: of the last of them, 64 hexadecimal digits.
        time: when it was signed, RFC 3339.
        closed: whether its process then ended in order.
        key: fingerprint of the public key.
        signature: of `text`, 128 hexadecimal digits.
    """

    chain: str
    instance: str
    n: int
    hash: str
    time: str
    closed: bool
    key: str
    signature: str

    @classmethod
    def signed(
        cls, key: SigningKey, chain: str, instance: str, n: int, digest: bytes, time: str, *, closed: bool
    ) -> Self:
        """Sign a head."""
        unsigned = cls(chain, instance, n, digest.decode(), time, closed, key.fingerprint, "")
        return cls(chain, instance, n, unsigned.hash, time, closed, key.fingerprint, key.sign(unsigned.text))

    @property
    def text(self) -> bytes:
        """What is signed."""
        facts = (
            "biofusion audit head 1",
            self.chain,
            self.instance,
            str(self.n),
            self.hash,
            self.time,
            str(self.closed),
        )
        return "\n".join(facts).encode()

    @property
    def fields(self) -> dict[str, Any]:
        """All but kind and number, as they stand in a record."""
        return {
            "chain": self.chain,
            "instance": self.instance,
            "hash": self.hash,
            "time": self.time,
            "closed": self.closed,
            "key": self.key,
            "signature": self.signature,
        }

    @property
    def json(self) -> str:
        """The JSON object, on one line."""
        return json.dumps({"kind": HEAD, "n": self.n, **self.fields}, separators=(",", ":"))

    @classmethod
    def of(cls, record: dict[str, Any] | None) -> Self | None:
        """The head that a record is; None if it is none."""
        try:
            values = {each: (record or {})[each] for each in cls.__dataclass_fields__}
        except KeyError:
            return None
        kinds = {"n": int, "closed": bool}
        is_head = all(type(value) is kinds.get(each, str) for each, value in values.items())
        return cls(**values) if is_head else None

    def is_by(self, keys: PublicKeys) -> bool:
        """Whether it is signed by one of the keys."""
        return self.key in keys and is_signed(keys[self.key], self.text, self.signature)


def heads_in(lines: Iterable[str]) -> list[Head]:
    """The heads in a text: a file of heads, or a process's log that has them among other lines."""
    found = (_WRITTEN.search(line) for line in lines)
    heads = []
    for each in found:
        try:
            head = Head.of(json.loads(each[0])) if each else None
        except (ValueError, RecursionError):
            continue
        if head:
            heads.append(head)
    return heads
