"""Keyed hashes that stand for ids of people: HMAC-SHA-256 (RFC 2104), shortened to 128 bits.

The key file has a line `ID KEY` for each period, the present one last; a hash names its key's id. Whoever has neither
the key nor the id learns nothing from a hash. Where the line of a period is deleted, its hashes can be linked to nobody
any more, not even by guessing ids (docs/decisions/0057).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from audit.signing import create
from biometrics.errors import ConfigurationInvalid

DIGITS = 32
"""Hexadecimal digits of a hash, after its key's id and a colon."""

_LINE = re.compile(r"([0-9a-f]{8}) ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class HashKey:
    """The key of one period.

    Args:
        key_id: 8 hexadecimal digits, random.
        key: 32 bytes, random.
    """

    key_id: str
    key: bytes

    def hash(self, what: str, value: str) -> str:
        """Stands for a value; `what` says of which kind, so that equal ids of two kinds have different hashes."""
        text = f"{what}\0{value}".encode()
        return f"{self.key_id}:{hmac.digest(self.key, text, 'sha256').hex()[:DIGITS]}"


@dataclass(frozen=True, slots=True)
class HashKeys:
    """The keys of all periods, the present one last; at least one."""

    keys: Sequence[HashKey]

    @classmethod
    def load(cls, path: Path) -> HashKeys:
        """Read a key file.

        Raises:
            ConfigurationInvalid: it cannot be read, or has another form.
        """
        try:
            found = [_LINE.fullmatch(line) for line in path.read_text("utf-8", errors="replace").splitlines()]
        except OSError as error:
            raise ConfigurationInvalid(f"Cannot read the key file {path}: {error.strerror}.") from error
        keys = [HashKey(each[1], bytes.fromhex(each[2])) for each in found if each]
        if not keys or len(keys) != len(found):
            made = "`biofusion audit keygen` makes one."
            raise ConfigurationInvalid(f"{path} is no file of audit keys: a line `ID KEY` for each period; {made}")
        return cls(keys)

    @property
    def present(self) -> HashKey:
        """The key of the present period."""
        return self.keys[-1]

    def every(self, what: str, value: str) -> frozenset[str]:
        """The hashes that stand for a value, of all periods."""
        return frozenset(each.hash(what, value) for each in self.keys)


def add_key(path: Path) -> str:
    """Begin a period: append a key to the file, which is made with mode 0600 if it is not there. Returns the key's id.

    Raises:
        ConfigurationInvalid: the file cannot be written, or is another one.
    """
    key_id, line = token_hex(4), f"{token_hex(32)}\n"
    if not path.exists():
        create(path, f"{key_id} {line}".encode(), 0o600)
        return key_id
    HashKeys.load(path)
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{key_id} {line}")
    except OSError as error:
        raise ConfigurationInvalid(f"Cannot write the key file {path}: {error.strerror}.") from error
    return key_id
