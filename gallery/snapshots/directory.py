"""Snapshots in a local directory. A file is written beside its place, forced to the disk, and then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from biometrics.errors import SnapshotsUnavailable
from gallery.snapshots.fault import Fault, unusable

PART = ".part"


@contextmanager
def named() -> Iterator[None]:
    """What is done within, or by the function that this decorates: an OSError becomes SnapshotsUnavailable."""
    try:
        yield
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise SnapshotsUnavailable(
            f"The folder of the snapshots cannot be used: {why}. See to its disk and its permissions."
        ) from error


class DirectoryFile:
    """An open file.

    Args:
        path: of the file.
    """

    @named()
    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb", buffering=0)
        except FileNotFoundError as error:
            raise unusable(Fault.MISSING, path.name) from error
        self.size = os.fstat(self._file.fileno()).st_size

    @named()
    def readinto(self, buffer: memoryview) -> int:
        """See OpenFile."""
        done = self._file.readinto(buffer)
        while 0 < done < len(buffer) and (read := self._file.readinto(buffer[done:])):
            done += read
        return done

    def close(self) -> None:
        """See OpenFile."""
        self._file.close()


class DirectoryPart:
    """A file that is being written.

    Args:
        path: the place that it will have.
    """

    @named()
    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(path.name + PART)
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(self._part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        self._file: BinaryIO = os.fdopen(opened, "wb", buffering=0)

    @named()
    def write(self, data: bytes) -> None:
        """See Part."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    @named()
    def publish(self) -> None:
        """See Part."""
        with self._file:
            os.fsync(self._file.fileno())
        self._part.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @named()
    def discard(self) -> None:
        """See Part."""
        self._file.close()
        self._part.unlink(missing_ok=True)


class Directory:
    """SnapshotFolder in a local directory, which is made when the first file is written.

    Args:
        path: of the directory; only files whose names the caller gives are read or removed in it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @named()
    def names(self, prefix: str) -> Sequence[str]:
        """See SnapshotFolder."""
        return [each for each in self._all(prefix) if not each.endswith(PART)]

    def begin(self, name: str) -> DirectoryPart:
        """See SnapshotFolder."""
        return DirectoryPart(self._path / name)

    def open(self, name: str) -> DirectoryFile:
        """See SnapshotFolder."""
        return DirectoryFile(self._path / name)

    @named()
    def delete(self, name: str) -> None:
        """See SnapshotFolder."""
        (self._path / name).unlink(missing_ok=True)

    @named()
    def discard_parts(self, prefix: str) -> None:
        """See SnapshotFolder."""
        for name in self._all(prefix):
            if name.endswith(PART):
                (self._path / name).unlink(missing_ok=True)

    def _all(self, prefix: str) -> Sequence[str]:
        with suppress(FileNotFoundError), os.scandir(self._path) as entries:
            return sorted(each.name for each in entries if each.name.startswith(prefix))
        return []
