"""The end of a chain, to which groups of records are appended: each group with one write that waits for the disk."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from audit.chain_folder import SEGMENT_BYTES, segment_path
from audit.lines import SEGMENT, body, chained, line_of, numbered
from audit.recovery import End, recovered
from biometrics.errors import ConfigurationInvalid

_SYNCED = getattr(os, "O_DSYNC", 0)
"""Opened with this, a write returns when its bytes are on disk: one system call where write and sync are two."""


@dataclass(slots=True)
class Draft:
    """Records that are to be appended together.

    Args:
        n: number of the next record.
        digest: hash of the last one.
        segment: number of the file that they go to.
        lines: their lines.
    """

    n: int
    digest: bytes
    segment: int
    lines: list[bytes] = field(default_factory=list)

    def add(self, kind: str, of: bytes) -> None:
        """Add a record with this body."""
        record = numbered(kind, self.n, of)
        self.digest = chained(self.digest, record)
        self.lines.append(line_of(self.digest, record))
        self.n += 1


class Tail:
    """The open end of one writer's chain. For one thread.

    A group that cannot be written is cut off again, so that the file ends with the last group that could.

    Args:
        folder: of the chain; made if it is not there.
        instance: name of the writer.
        segment_bytes: length from which on a file is followed by another.

    Raises:
        ConfigurationInvalid: the folder cannot be used, another process writes to it, or the chain in it is damaged.
    """

    def __init__(self, folder: Path, instance: str, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._folder, self._segment_bytes = folder, segment_bytes
        self._lock = _locked(folder)
        self._file = -1
        try:
            self.end: End = recovered(folder, instance)
            if self.end.segment >= 0:
                self._file = os.open(segment_path(folder, self.end.segment), os.O_WRONLY | os.O_APPEND | _SYNCED)
        except OSError as error:
            self.close()
            raise ConfigurationInvalid(f"The audit log in {folder} cannot be opened: {error.strerror}.") from error
        except ConfigurationInvalid:
            self.close()
            raise
        self._is_torn = False

    def draft(self) -> Draft:
        """Begin a group; the first of a file begins with the record that says which file it is."""
        end = self.end
        draft = Draft(end.n, end.digest, end.segment)
        if end.segment < 0 or end.size >= self._segment_bytes:
            draft.segment += 1
            facts = {"chain": end.chain, "instance": end.instance, "segment": draft.segment}
            draft.add(SEGMENT, body({**facts, "previous": end.digest.decode()}))
        return draft

    def commit(self, draft: Draft) -> None:
        """Append a group; when this returns, it is on disk.

        Raises:
            OSError: it cannot be written, and is not there.
        """
        written = b"".join(draft.lines)
        if draft.segment == self.end.segment:
            self._append(written)
            size = self.end.size + len(written)
        else:
            self._begin(draft.segment, written)
            size = len(written)
        self.end = End(self.end.chain, self.end.instance, draft.n, draft.digest, draft.segment, size)

    def close(self) -> None:
        """Let another process write here."""
        for each in (self._file, self._lock):
            if each >= 0:
                os.close(each)
        self._file = self._lock = -1

    def _append(self, written: bytes) -> None:
        if self._is_torn:
            self._cut()
        self._is_torn = True
        try:
            _write(self._file, written)
        except OSError:
            with suppress(OSError):  # else it is cut before the next group
                self._cut()
            raise
        self._is_torn = False

    def _cut(self) -> None:
        os.ftruncate(self._file, self.end.size)
        os.fsync(self._file)
        self._is_torn = False

    def _begin(self, segment: int, written: bytes) -> None:
        path = segment_path(self._folder, segment)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC | _SYNCED, 0o640)
        try:
            _write(file, written)
            sync_folder(self._folder)
        except OSError:
            os.close(file)
            with suppress(OSError):  # else it is written over
                path.unlink()
            raise
        if self._file >= 0:
            os.close(self._file)
        self._file, self._is_torn = file, False


def sync_folder(folder: Path) -> None:
    """Wait until the names of a folder's files are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(file: int, written: bytes) -> None:
    left = memoryview(written)
    while left:
        left = left[os.write(file, left) :]
    if not _SYNCED:
        os.fsync(file)


def _locked(folder: Path) -> int:
    lock = -1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o640)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise ConfigurationInvalid(
            f"Another process writes the audit log in {folder}. Give each process a name of its own."
        ) from None
    except OSError as error:
        if lock >= 0:
            os.close(lock)
        raise ConfigurationInvalid(f"The audit folder {folder} cannot be used: {error.strerror}.") from error
    return lock
