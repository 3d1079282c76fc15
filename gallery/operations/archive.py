"""Archives: all subjects of a store in one sealed file, written and read as a stream."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any, BinaryIO

import msgpack  # type: ignore[import-untyped]  # no type hints of its own

from biometrics.errors import ConfigurationInvalid
from gallery.operations import frames
from gallery.operations.earlier_sqlite import page_of
from gallery.operations.frames import Header
from gallery.operations.record import pack
from gallery.operations.source import Source, SourcePage
from gallery.progress import Progress, silent
from gallery.sealing.key_encryption import KeyEncryption

FORMAT = 1
KEY_BYTES = 32


async def export(source: Source, path: Path, encryption: KeyEncryption, progress: Progress = silent) -> int:
    """Write an archive; one that was interrupted is continued after the last subject that is in it.

    Args:
        source: subjects in order of id.
        path: the file; made readable by its owner only.
        encryption: wraps the archive's key.
        progress: called with the number of subjects done, and of all.

    Returns:
        The number of subjects in the archive.

    Raises:
        ConfigurationInvalid: the file is complete already, or no archive.
        KeyWrong: its key was wrapped by another key.
        RecordUnreadable, StoreUnavailable: the source cannot be read.
    """
    total = await source.count()
    header, number, done, after, end = await _begun(path, encryption, total)
    with path.open("r+b") as file:
        file.truncate(end)
        file.seek(end)
        async for page in source.pages():
            records = [(each.subject_id, pack(each)) for each in page.subjects if each.subject_id > after]
            if page.unreadable:
                raise ConfigurationInvalid(
                    f"{len(page.unreadable)} subjects cannot be read: biofusion gallery verify names them."
                )
            if records:
                await _append(file, header, number, {"subjects": records})
                number, done = number + 1, done + len(records)
            progress(done, max(total, done))
        models = [pair async for pair in source.models()]
        aliases = dict(await source.aliases())
        await _append(file, header, number, {"models": models, "aliases": aliases, "count": done}, is_last=True)
    return done


class ArchiveSource:
    """Source of the subjects of an archive.

    Args:
        path: the file.
        encryption: unwraps the archive's key.
    """

    def __init__(self, path: Path, encryption: KeyEncryption) -> None:
        self._path, self._encryption = path, encryption
        self._models: list[tuple[str, str]] = []
        self._aliases: dict[str, str] = {}

    async def count(self) -> int:
        """See Source. The number when the archive was begun."""
        with _opened(self._path) as file:
            return int(frames.read_header(file)[1].get("total", 0))

    async def pages(self) -> AsyncIterator[SourcePage]:
        """See Source.

        Raises:
            ConfigurationInvalid: the archive is damaged, or was not completed.
            KeyWrong: its key was wrapped by another key.
        """
        done = 0
        with _opened(self._path) as file:
            header = await _header(file, self._encryption)
            for content, is_last, _ in frames.frames(file, header):
                fields = msgpack.unpackb(content)
                if is_last:
                    self._models = [(str(model_id), str(text)) for model_id, text in fields["models"]]
                    self._aliases = {str(alias): str(name) for alias, name in fields.get("aliases", {}).items()}
                    if fields["count"] != done:
                        raise frames.damaged("it lacks subjects")
                    return
                done += len(fields["subjects"])
                yield await asyncio.to_thread(page_of, [(each, record) for each, record in fields["subjects"]])
        raise ConfigurationInvalid("The archive was not completed. Run the export again: it is continued.")

    async def models(self) -> AsyncIterator[tuple[str, str]]:
        """See Source; after `pages`."""
        for pair in self._models:
            yield pair

    async def aliases(self) -> Mapping[str, str]:
        """See Source; after `pages`."""
        return self._aliases

    async def close(self) -> None:
        """See Source."""


async def _begun(path: Path, encryption: KeyEncryption, total: int) -> tuple[Header, int, int, str, int]:
    """Header, next frame, subjects and last id of the file, and where it goes on; the file is made if there is none."""
    if not frames.size(path):
        key, archive_id = token_bytes(KEY_BYTES), token_hex(8)
        key_id, wrapped = await encryption.wrap(key, _context(archive_id))
        time = datetime.now(UTC).isoformat(timespec="seconds")
        fields = {"format": FORMAT, "id": archive_id, "time": time, "total": total, "key": [key_id, wrapped]}
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
            frames.begin(file, fields)
    number, done, after = 0, 0, ""
    with path.open("rb") as file:
        header = await _header(file, encryption)
        end = file.tell()
        for content, is_last, place in frames.frames(file, header):
            if is_last:
                raise ConfigurationInvalid(f"The archive {path.name} is complete. Name another file.")
            subjects = msgpack.unpackb(content)["subjects"]
            number, done, after, end = number + 1, done + len(subjects), subjects[-1][0], place
    return header, number, done, after, end


async def _header(file: BinaryIO, encryption: KeyEncryption) -> Header:
    packed, fields = frames.read_header(file)
    if fields.get("format") != FORMAT:
        raise ConfigurationInvalid(
            f"The archive has format {fields.get('format')}, and this program reads {FORMAT}. Use the newer program."
        )
    try:
        (key_id, wrapped), archive_id = fields["key"], fields["id"]
        wrapped = bytes(wrapped)
    except (KeyError, ValueError, TypeError) as error:
        raise frames.damaged("its header") from error
    return Header(packed, await encryption.unwrap(str(key_id), wrapped, _context(str(archive_id))))


async def _append(
    file: BinaryIO, header: Header, number: int, fields: dict[str, Any], *, is_last: bool = False
) -> None:
    content: bytes = msgpack.packb(fields)
    await asyncio.to_thread(frames.append, file, header, number, content, is_last=is_last)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise ConfigurationInvalid(f"The archive {path.name} cannot be read ({error.strerror}).") from error


def _context(archive_id: str) -> str:
    return f"biofusion/archive/{archive_id}"
