"""Digests for `same_results.py`, and the canonical forms of JSON and drawings that are digested."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

OF_A_RUN = {"consistencyToken", "encounterId", "seconds", "date", "intervals", "title", "expected", "facts"}
"""Fields that differ from run to run, or are text for people."""


class Ledger:
    """Prints a line per kind of result, and a digest of all lines at the end."""

    def __init__(self) -> None:
        self._all = hashlib.sha256()

    def note(self, what: str, parts: Iterable[bytes]) -> None:
        """Print one line: the digest of all parts and their lengths, what they are, and their number."""
        digest, count = hashlib.sha256(), 0
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
            count += 1
        line = f"{digest.hexdigest()}  {what}: {count}"
        self._all.update(line.encode())
        print(line, flush=True)

    def close(self) -> None:
        """Print the last line."""
        print(f"{self._all.hexdigest()}  all")


def canonical(text: str) -> bytes:
    """JSON with sorted keys and exact floats, without OF_A_RUN and without empty, zero and unspecified values.

    A field that is omitted because it is zero is thus equal to an explicit zero.
    """
    return json.dumps(_kept(json.loads(text)), sort_keys=True).encode()


def _kept(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: _kept(each) for name, each in value.items() if name not in OF_A_RUN}
        return {name: each for name, each in kept.items() if each and not str(each).endswith("_UNSPECIFIED")}
    return [_kept(each) for each in value] if isinstance(value, list) else value


def figures(text: str) -> bytes:
    """The numbers of a JSON text in order, without its words and without the fields OF_A_RUN."""
    return json.dumps(list(_numbers(json.loads(text)))).encode()


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = [value[name] for name in value if name not in OF_A_RUN]
    if isinstance(value, list):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, int | float):
        yield value


def pixels(path: Path) -> bytes:
    """Shape and pixels of a drawing, independent of its file's compression."""
    drawing = np.asarray(Image.open(path))
    return repr(drawing.shape).encode() + drawing.tobytes()
