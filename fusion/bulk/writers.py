"""What an export writes of a subject: a port, and the sealed package."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex
from typing import Protocol

from formats.contents import RecordFormat
from fusion.packages import seal_subject
from gallery.subject import Subject

SUFFIX = ".biofusion"


class SubjectWriter(Protocol):
    """Writes the record of a subject in a format."""

    async def files(self, subject: Subject, record_format: RecordFormat) -> list[tuple[str, bytes]]:
        """Names, without a folder, and contents of its files.

        Raises:
            PreconditionFailed: NOTHING_TO_EXPORT, the subject has no template that the format can hold.
            FieldInvalid: this format is not written.
        """


def package(subject: Subject, recipient: str) -> tuple[str, bytes]:
    """Name and content of the file of a sealed package. CPU-bound."""
    return f"{subject.subject_id}{SUFFIX}", seal_subject(subject, recipient)


def write_file(path: Path, data: bytes) -> None:
    """Write a file that is there completely or not at all, also after a loss of power; readable by the owner only.

    Raises:
        OSError: it cannot be written.
    """
    temporary = path.with_name(f".{token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
