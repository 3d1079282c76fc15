"""Outcomes of requests, kept so that one that is sent again is answered as it was."""

from __future__ import annotations

import time
from typing import Any

from adapters.keeping.files import opened
from adapters.keeping.sealing import Seal

KEPT_S = 7 * 86_400.0
"""Seconds for which an outcome is known. It is overwritten at the next request after that, or the next start."""
SETTING = "BIOFUSION_MOSIP_ABIS_DATABASE"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS outcomes (
  name TEXT PRIMARY KEY, content BLOB NOT NULL, made REAL NOT NULL, answer BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS old_outcomes ON outcomes (made);
"""
_WHAT = "answer"


class Outcomes:
    """Keeps them durably: what a method has done is on the disk when it returns.

    Args:
        path: of the file; "" keeps everything in memory.
        seal: of the answers.
        kept_s: seconds for which one is known.

    Raises:
        ConfigurationInvalid: the file cannot be used, or another process has it.
    """

    def __init__(self, path: str, seal: Seal, kept_s: float = KEPT_S) -> None:
        self._seal, self._kept_s, self._rows = seal, kept_s, opened(path, _SCHEMA, SETTING)
        self._forget()

    def find(self, name: str) -> tuple[bytes, dict[str, Any]] | None:
        """The content of a request and its answer; None if it has none yet, or one that is too old.

        Raises:
            ConfigurationInvalid: it was sealed with another key.
        """
        self._forget()
        found = self._rows.execute("SELECT content, answer FROM outcomes WHERE name = ?", (name,)).fetchone()
        return None if found is None else (found[0], self._seal.opened(found[1], name, _WHAT))

    def keep(self, name: str, content: bytes, answer: dict[str, Any]) -> None:
        """Keep an answer."""
        row = (name, content, time.time(), self._seal.closed(answer, name, _WHAT))
        self._rows.execute("INSERT INTO outcomes VALUES (?, ?, ?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        self._rows.close()

    def _forget(self) -> None:
        self._rows.execute("DELETE FROM outcomes WHERE made < ?", (time.time() - self._kept_s,))
