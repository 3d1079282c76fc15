"""The key table in a file, the default beside a SQLite store. Several processes may share it.

The file is `MAGIC`, length (4 bytes) and hash (16 bytes) of the header, the header padded to 4 MB, and the pages one
after another: the number of a page is its place. Pages are appended and synced; a key is destroyed by overwriting its
32 bytes, which lie in one sector. A new header, and a rotation, replace the file (replaced_file.py). Writers hold its
lock.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from typing import BinaryIO, TypeVar

from biometrics.errors import StoreUnavailable
from gallery.progress import Progress, silent
from gallery.sealing import replaced_file
from gallery.sealing.data_keys import DESTROYED
from gallery.sealing.key_table import HEAD, KEY_BYTES, PAGE_BYTES, KeyRef, PageHead, Rewrap
from gallery.sealing.replaced_file import locked, replace, sync

MAGIC = b"BFKEYS1\n"
START = Struct("<8sI16s")
FIRST_PAGE = 1 << 22
"""Where the pages begin. Every key begins at a multiple of 32 bytes, so none lies in two sectors."""
PROGRESS_PAGES = 1024
READERS = 2
T = TypeVar("T")


class KeyTableFile:
    """KeyTable in one file, made at the first write.

    Args:
        path: the file; `<path>.lock` is made beside it.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._closed = path, False
        self._reading = ThreadPoolExecutor(READERS, thread_name_prefix="key-reader")
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="key-writer")  # a rotation must not hold up readers

    async def header(self) -> bytes:
        """See KeyTable."""
        return await self._call(self._reading, self._header)

    async def put_header(self, new: bytes, expected: bytes) -> bool:
        """See KeyTable."""

        def put() -> bool:
            with locked(self._path):
                if self._header() != expected:
                    return False
                self._replace(new, lambda page: page, silent)
                return True

        return await self._call(self._writing, put)

    async def add_pages(self, pages: Sequence[bytes]) -> list[int]:
        """See KeyTable."""

        def add() -> list[int]:
            with locked(self._path), self._opened("r+b") as file:
                first = _page_count(file)
                file.seek(_place(first))
                file.write(b"".join(pages))
                sync(file)
                return list(range(first, first + len(pages)))

        return await self._call(self._writing, add)

    async def pages(self, partition: int, numbers: Sequence[int]) -> Mapping[int, bytes]:
        """See KeyTable."""

        def found(file: BinaryIO) -> dict[int, bytes]:
            self._require(file)
            pages = {number: _page(file, number) for number in numbers}
            return {number: page for number, page in pages.items() if _is_of(page, partition)}

        def read() -> dict[int, bytes]:
            try:
                return replaced_file.read(self._path, found)
            except FileNotFoundError:
                return {}

        return await self._call(self._reading, read)

    async def destroy(self, partition: int, refs: Sequence[KeyRef]) -> None:
        """See KeyTable."""

        def overwrite() -> None:
            with locked(self._path), self._opened("r+b") as file:
                for ref in refs:
                    if _is_of(_page(file, ref.page), partition):
                        place = _place(ref.page) + HEAD.size + KEY_BYTES * ref.slot
                        os.pwrite(file.fileno(), DESTROYED, place)
                os.fsync(file.fileno())

        await self._call(self._writing, overwrite)

    async def rewrap(self, change: Rewrap, progress: Progress) -> None:
        """See KeyTable. Keys are added and destroyed after it only."""

        def rewrite() -> None:
            with locked(self._path):
                self._replace(self._header(), lambda page: change(page) or page, progress)

        await self._call(self._writing, rewrite)

    async def close(self) -> None:
        """See KeyTable."""
        self._closed = True
        for threads in (self._reading, self._writing):
            await asyncio.to_thread(threads.shutdown)

    async def _call(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        if self._closed:
            raise StoreUnavailable("The key table is closed.")
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        except OSError as error:
            raise StoreUnavailable(
                f"The key table {self._path.name} cannot be used now ({type(error).__name__}: {error.strerror})."
            ) from error

    @contextmanager
    def _opened(self, mode: str) -> Iterator[BinaryIO]:
        """The file, if it is a key table. The lock must be held, as it may be replaced otherwise."""
        with self._path.open(mode) as file:
            self._require(file)  # type: ignore[arg-type]  # binary, as the modes are
            yield file  # type: ignore[misc]

    def _require(self, file: BinaryIO) -> None:
        """Return if the file is a key table."""
        if not file.read(len(MAGIC)).startswith(MAGIC) or os.fstat(file.fileno()).st_size < FIRST_PAGE:
            raise self._damaged("no key table, or cut short")
        file.seek(0)

    def _header(self) -> bytes:
        def read(file: BinaryIO) -> bytes:
            self._require(file)
            _, length, digest = START.unpack(file.read(START.size))
            header = file.read(min(length, FIRST_PAGE))
            if digest != _digest(header):
                raise self._damaged("damaged")
            return header

        try:
            return replaced_file.read(self._path, read)
        except FileNotFoundError:
            return b""

    def _damaged(self, how: str) -> StoreUnavailable:
        return StoreUnavailable(f"{self._path.name} is {how}. Restore the key table from a copy.")

    def _replace(self, header: bytes, change: Callable[[bytes], bytes], progress: Progress) -> None:
        """Put a new file with this header and all pages changed in place."""
        start = START.pack(MAGIC, len(header), _digest(header)) + header
        if len(start) > FIRST_PAGE:
            raise StoreUnavailable(
                f"The header of the key table has {len(start)} bytes, and {FIRST_PAGE} is the limit."
            )

        def write(new: BinaryIO) -> None:
            new.write(start.ljust(FIRST_PAGE, b"\0"))
            if self._path.exists():
                with self._opened("rb") as old:
                    _copy(old, new, change, progress)

        replace(self._path, write)


def _copy(old: BinaryIO, new: BinaryIO, change: Callable[[bytes], bytes], progress: Progress) -> None:
    count = _page_count(old)
    old.seek(FIRST_PAGE)
    for number in range(count):
        new.write(change(old.read(PAGE_BYTES)))
        if (number + 1) % PROGRESS_PAGES == 0 or number + 1 == count:
            progress(number + 1, count)


def _digest(header: bytes) -> bytes:
    return blake2b(header, digest_size=16).digest()


def _page_count(file: BinaryIO) -> int:
    return max(0, os.fstat(file.fileno()).st_size - FIRST_PAGE) // PAGE_BYTES


def _page(file: BinaryIO, number: int) -> bytes:
    return os.pread(file.fileno(), PAGE_BYTES, _place(number))


def _is_of(page: bytes, partition: int) -> bool:
    """Whether these bytes are a page of the partition; an older copy of the table may have another one in its place."""
    head = PageHead.of(page)
    return head is not None and head.partition == partition


def _place(number: int) -> int:
    return FIRST_PAGE + number * PAGE_BYTES
