"""Files of keys that are replaced as a whole, so that after a crash the path names the old content or the new one.

The new content is written to `<path>.part` and renamed. The old file is kept as `<path>.old` until its bytes are
overwritten with zeros. Whoever locks the file next completes what a crash interrupted: a copy of keys that is left
beside the file would outlive their destruction.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

T = TypeVar("T")
PIECE = 1 << 20
"""Bytes overwritten at a time."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of the file, `<path>.lock`; the folder is made if it does not exist.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(_beside(path, "lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _complete(path)
        yield
    finally:
        os.close(lock)


def replace(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Put a new file in place, readable by its owner only; on the disk when this returns. Call it with the lock held.

    Args:
        path: the file; it need not exist.
        write: writes the content.

    Raises:
        OSError: the folder cannot be written. The path names the old file or the new one.
    """
    part, old = _beside(path, "part"), _beside(path, "old")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            write(file)
            sync(file)
        if path.exists():
            os.link(path, old)
        part.replace(path)
        _sync_folder(path)
    finally:
        _complete(path)


def read(path: Path, work: Callable[[BinaryIO], T]) -> T:
    """What `work` reads of the file; it reads again if the file was replaced meanwhile, as the old one is overwritten.

    Raises:
        OSError: the file cannot be read; FileNotFoundError, if there is none.
    """
    while True:
        with path.open("rb") as file:
            try:
                result = work(file)
            except Exception:
                if _is_current(file, path):
                    raise
                continue
            if _is_current(file, path):
                return result


def sync(file: BinaryIO) -> None:
    """Write what is buffered to the disk."""
    file.flush()
    os.fsync(file.fileno())


def _is_current(file: BinaryIO, path: Path) -> bool:
    """Whether the path still names the file that is open."""
    return os.path.samestat(os.fstat(file.fileno()), path.stat())


def _complete(path: Path) -> None:
    """Overwrite and remove what an interrupted replacement left beside the file."""
    for left in (_beside(path, "part"), _beside(path, "old")):
        if left.exists():
            if not (path.exists() and left.samefile(path)):  # a link to the file itself: it was not replaced yet
                _overwrite(left)
            left.unlink()


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        size = os.fstat(file.fileno()).st_size
        for start in range(0, size, PIECE):
            file.write(bytes(min(PIECE, size - start)))
        sync(file)


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _beside(path: Path, kind: str) -> Path:
    return path.with_name(f"{path.name}.{kind}")
