"""The port to the place where snapshot files are kept: a local directory, or an object store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Part(Protocol):
    """A file that is being written, and cannot be opened yet. Every method may raise SnapshotsUnavailable."""

    def write(self, data: bytes) -> None:
        """Append bytes."""

    def publish(self) -> None:
        """Make the file appear under its name, complete and on the disk when this returns."""

    def discard(self) -> None:
        """Remove what was written; not after `publish`."""


class OpenFile(Protocol):
    """A file that is read from its beginning to its end."""

    @property
    def size(self) -> int:
        """Bytes of the file."""

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer, and return the number of bytes read; fewer than it holds only at the end of the file.

        Raises:
            SnapshotsUnavailable: the file cannot be read.
        """

    def close(self) -> None:
        """Release the file."""


class SnapshotFolder(Protocol):
    """Files by name. The methods are called off the event loop, from any thread, and by several processes.

    Every method raises SnapshotsUnavailable if the folder cannot be used.
    """

    def names(self, prefix: str) -> Sequence[str]:
        """Names of the complete files that begin so, sorted."""

    def begin(self, name: str) -> Part:
        """Begin a new file of this name."""

    def open(self, name: str) -> OpenFile:
        """Open a complete file.

        Raises:
            SnapshotUnusable: MISSING.
        """

    def delete(self, name: str) -> None:
        """Remove a complete file, if it is there."""

    def discard_parts(self, prefix: str) -> None:
        """Remove all files of these names that were begun and not published, also those of other processes."""
