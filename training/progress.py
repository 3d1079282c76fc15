"""Tells how far a training is, with the seconds since it began, and what it wrote."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path


def teller() -> Callable[[str], None]:
    """A function that prints a line after the seconds since now."""
    begin = time.monotonic()

    def tell(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - begin:6.0f} s  {line}\n")
        sys.stdout.flush()

    return tell


def described(path: Path) -> str:
    """A file's name, size and SHA-256, in one line."""
    data = path.read_bytes()
    return f"{path}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}"
