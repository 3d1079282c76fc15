"""The file of disagreements: JSON Lines, appended to, one decision each; no biometric data."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from fusion.shadow.decisions import Beside

MODE = 0o600


def line_of(beside: Beside) -> bytes:
    """One line: when, which call, and what each system decided."""
    facts = {
        "time": datetime.now(UTC).isoformat(),
        "request_id": beside.request_id,
        "system": beside.other.system,
        "operation": beside.operation,
        "gallery": beside.gallery,
        "other_outcome": beside.other.outcome,
        "own_outcome": beside.own.outcome,
        "other_subject_id": beside.other.subject_id,
        "own_subject_id": beside.own_subject_id,
        "llr": round(beside.own.llr, 6),
        "reasons": beside.own.reasons,
    }
    return json.dumps(facts, separators=(",", ":")).encode() + b"\n"


def append(path: Path, lines: Sequence[bytes]) -> None:
    """Append lines: all, or none if the disk is full. A line torn by the end of a process is ended before them.

    Raises:
        OSError: the file cannot be written.
    """
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, MODE)
    try:
        size = os.fstat(file).st_size
        is_torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        data = (b"\n" if is_torn else b"") + b"".join(lines)
        try:
            while data:
                data = data[os.write(file, data) :]
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, size)
            raise
    finally:
        os.close(file)
