"""Machine code of kernels that was compiled earlier, and that cannot be written: an image's file system is read-only.

numba uses no cache that it cannot write to. So the files are linked into the cache that it uses: nothing is copied, and
a kernel that was not compiled earlier is compiled and kept beside the links.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from infra.models.model_cache import cache_dir

FOLDER = "built-kernels"

_ADDRESS = re.compile(rb"(?<= at 0x)[0-9a-f]+(?=>)")
"""Where a function was in memory, in what numba keeps beside the code: `<function screen at 0x7f1a2b3c4d5e>`."""


def built() -> Path:
    """The folder of such files; it need not exist."""
    return cache_dir() / FOLDER


def link(cache: Path) -> None:
    """Link every file of `built()` into a cache folder, unless a file of that name is there or it cannot be written."""
    for file in filter(Path.is_file, built().rglob("*")):
        place = cache / file.relative_to(built())
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(file)


def forget_addresses(cache: Path) -> None:
    """Make equal what differs between two compilations of the same kernels: addresses in descriptions become zeros."""
    for file in cache.rglob("*.nbc"):
        file.write_bytes(_ADDRESS.sub(lambda found: b"0" * len(found[0]), file.read_bytes()))
