"""Extracted templates on disk, appended one by one, so that an interrupted run can be resumed.

The file is a sequence of msgpack maps. It holds biometric data: it is created readable by its owner only.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import msgpack  # type: ignore[import-untyped]  # no type hints of its own

from biometrics.errors import ConfigurationInvalid


@dataclass(frozen=True, slots=True)
class Sample:
    """The result of extracting one image: a template, or the reason why there is none.

    Args:
        template: packed features, empty after a failure to acquire.
        quality: 0–100; 0 after a failure.
        failure: reason of the failure to acquire, empty when there is a template.
        seconds: time that decoding and extraction took.
    """

    template: bytes = field(repr=False)
    quality: float
    failure: str
    seconds: float


@contextmanager
def sole_use(path: Path) -> Iterator[None]:
    """Lock the cache, and so its folder, against other runs; the lock ends with the process at the latest.

    Raises:
        ConfigurationInvalid: another run holds the lock, or the file cannot be opened.
    """
    with os.fdopen(_open(path), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigurationInvalid(
                f"Another run writes into {path.parent}. Wait until it has ended, or choose another --out."
            ) from error
        yield


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigurationInvalid(f"{path} cannot be written. Choose another --out.") from error


class TemplateCache:
    """Samples by key; a half-written last entry, left by an interruption, is cut off on opening.

    Raises:
        ConfigurationInvalid: the file cannot be opened, or is no template cache.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(_open(path), "r+b")
        self._samples: dict[str, Sample] = {}
        try:
            self._file.truncate(self._load())
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self._file.close()
            raise ConfigurationInvalid(f"{path} is no template cache. Delete it, or choose another --out.") from error
        self._file.seek(0, os.SEEK_END)

    def _load(self) -> int:
        """Read every whole entry; return where the last one ends."""
        end = 0
        unpacker = msgpack.Unpacker(self._file)
        for entry in unpacker:
            key = entry.pop("key")
            self._samples[key] = Sample(**entry)
            end = unpacker.tell()
        return end

    def get(self, key: str) -> Sample | None:
        """The sample stored under the key, if any."""
        return self._samples.get(key)

    def items(self) -> Iterable[tuple[str, Sample]]:
        """Every key and its sample, oldest first."""
        return self._samples.items()

    def put(self, key: str, sample: Sample) -> None:
        """Append a sample; it has been handed to the operating system when this returns."""
        self._samples[key] = sample
        self._file.write(msgpack.packb({"key": key, **asdict(sample)}))
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
