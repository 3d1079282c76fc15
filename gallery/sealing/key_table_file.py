"""The key table in a file, the default beside a SQLite store. Several processes may share it.

The file is `MAGIC`, the length of the header (4 bytes), the header padded to 1 MB, and the pages one after another: the
number of a page is its place. Pages are appended and synced; a key is destroyed by overwriting its 32 bytes, which lie in
one sector. A new header, and a rotation, write a new file and rename it. Writers hold a lock on a second file.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from struct import Struct
from typing import BinaryIO, TypeVar

from biometrics.errors import StoreUnavailable
from gallery.sealing.data_keys import DESTROYED
from gallery.sealing.key_table import HEAD, KEY_BYTES, PAGE_BYTES, KeyRef, Rewrap

MAGIC = b"BFKEYS1\n"
_LENGTH = Struct("<I")
FIRST_PAGE = 1 << 20
"""Where the pages begin. Every key begins at a multiple of 32 bytes, so none lies in two sectors."""
PROGRESS_PAGES = 1024
T = TypeVar("T")


class KeyTableFile:
    """KeyTable in one file, made at the first write.

    Args:
        path: the file; `<path>.lock` is made beside it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    async def header(self) -> bytes:
        """See KeyTable."""
        return await self._call(self._header)

    async def put_header(self, new: bytes, expected: bytes) -> bool:
        """See KeyTable."""

        def put() -> bool:
            with self._locked():
                if self._header() != expected:
                    return False
                self._replace(new, lambda page: page, lambda done, pages: None)
                return True

        return await self._call(put)

    async def add_pages(self, pages: Sequence[bytes]) -> list[int]:
        """See KeyTable."""

        def add() -> list[int]:
            with self._locked(), self._path.open("r+b") as file:
                first = _page_count(file)
                file.seek(FIRST_PAGE + first * PAGE_BYTES)
                file.write(b"".join(pages))
                _sync(file)
                return list(range(first, first + len(pages)))

        return await self._call(add)

    async def pages(self, partition: int, numbers: Sequence[int]) -> Mapping[int, bytes]:
        """See KeyTable."""

        def read() -> dict[int, bytes]:
            while self._path.exists():
                with self._path.open("rb") as file:
                    found = {number: os.pread(file.fileno(), PAGE_BYTES, _place(number)) for number in numbers}
                    if os.path.samestat(os.fstat(file.fileno()), self._path.stat()):  # else it was replaced meanwhile
                        return {number: page for number, page in found.items() if len(page) == PAGE_BYTES}
            return {}

        return await self._call(read)

    async def destroy(self, partition: int, refs: Sequence[KeyRef]) -> None:
        """See KeyTable."""

        def overwrite() -> None:
            with self._locked(), self._path.open("r+b", buffering=0) as file:
                count = _page_count(file)
                for ref in refs:
                    if ref.page < count:
                        place = _place(ref.page) + HEAD.size + KEY_BYTES * ref.slot
                        os.pwrite(file.fileno(), DESTROYED, place)
                os.fsync(file.fileno())

        await self._call(overwrite)

    async def rewrap(self, change: Rewrap, progress: Callable[[int, int], None]) -> None:
        """See KeyTable."""

        def rewrite() -> None:
            with self._locked():
                self._replace(self._header(), lambda page: change(page) or page, progress)

        await self._call(rewrite)

    async def close(self) -> None:
        """See KeyTable."""

    async def _call(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            raise StoreUnavailable(
                f"The key table {self._path.name} cannot be used now ({type(error).__name__}: {error.strerror})."
            ) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._path.with_name(self._path.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _header(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                start = file.read(len(MAGIC) + _LENGTH.size)
                if not start.startswith(MAGIC) or len(start) < len(MAGIC) + _LENGTH.size:
                    raise StoreUnavailable(f"{self._path.name} is no key table. Restore the key table.")
                return file.read(_LENGTH.unpack_from(start, len(MAGIC))[0])
        except FileNotFoundError:
            return b""

    def _replace(self, header: bytes, change: Callable[[bytes], bytes], progress: Callable[[int, int], None]) -> None:
        """Write a new file with this header and all pages changed, put it in place, and overwrite the old one."""
        part = self._path.with_name(self._path.name + ".part")
        with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as new:
            new.write((MAGIC + _LENGTH.pack(len(header)) + header).ljust(FIRST_PAGE, b"\0"))
            if self._path.exists():
                with self._path.open("rb") as old:
                    _copy(old, new, change, progress)
            _sync(new)
        old_file = self._path.open("r+b") if self._path.exists() else None
        os.replace(part, self._path)
        _sync_folder(self._path.parent)
        if old_file is not None:
            with old_file:
                _overwrite(old_file)


def _copy(old: BinaryIO, new: BinaryIO, change: Callable[[bytes], bytes], progress: Callable[[int, int], None]) -> None:
    count = _page_count(old)
    old.seek(FIRST_PAGE)
    for number in range(count):
        new.write(change(old.read(PAGE_BYTES)))
        if (number + 1) % PROGRESS_PAGES == 0 or number + 1 == count:
            progress(number + 1, count)


def _overwrite(file: BinaryIO) -> None:
    size = os.fstat(file.fileno()).st_size
    file.writelines(bytes(min(FIRST_PAGE, size - start)) for start in range(0, size, FIRST_PAGE))
    _sync(file)


def _page_count(file: BinaryIO) -> int:
    return max(0, os.fstat(file.fileno()).st_size - FIRST_PAGE) // PAGE_BYTES


def _place(number: int) -> int:
    return FIRST_PAGE + number * PAGE_BYTES


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
