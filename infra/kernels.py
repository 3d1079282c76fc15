"""How numeric kernels are compiled, and where the compiled code is kept.

numba compiles at the first call and keeps the machine code in `NUMBA_CACHE_DIR` or the project's cache
folder. By itself it looks only at the file of the outermost kernel, and would run old code after a
change in another file; so the folder's name carries a digest of all sources of the kernel's package.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from infra.models.supply import cache_dir

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile a function with numba; it runs single-threaded and without the interpreter lock.

    If the cache folder cannot be written, every process compiles anew.
    """
    folder = _folder(Path(function.__code__.co_filename).parent)
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]  # numba makes it when loaded
    compiled = numba.njit(cache=_writable(folder), nogil=True)(function)
    return cast("Function", compiled)


@cache
def _writable(folder: Path) -> bool:
    """Whether the folder can be used; if not, numba would cache beside the sources, where code goes stale."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


@cache
def _folder(package: Path) -> Path:
    sources = b"".join(path.read_bytes() for path in sorted(package.glob("*.py")))
    base = Path(os.environ.get("NUMBA_CACHE_DIR") or cache_dir() / "kernels")
    return base / f"{package.name}-{sha256(sources).hexdigest()[:16]}"
