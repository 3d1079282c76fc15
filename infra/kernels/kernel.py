"""Compiles numeric kernels with numba, and chooses where the machine code is cached.

numba compiles at the first call and caches the machine code in `NUMBA_CACHE_DIR` or the project's cache folder. It
checks only the file of the outermost kernel, and would run stale code after a change in another file whose kernels or
constants it uses. So the name of each module's folder contains a digest of its source and of all modules of the
project that it imports, directly or through others (sources.py). An image brings its kernels compiled (built.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from infra.kernels.built import link
from infra.kernels.sources import sources
from infra.models.model_cache import cache_dir

Function = TypeVar("Function", bound=Callable[..., Any])

KERNELS: list[Any] = []
"""Every kernel of the modules imported so far, in numba's form: `signatures` are the types that it is compiled for."""


def kernel(function: Function) -> Function:
    """Compile a function with numba; it runs single-threaded and without the interpreter lock.

    If the cache folder cannot be written, every process compiles anew.
    """
    folder = _folder(Path(function.__code__.co_filename))
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]  # numba makes it when loaded
    compiled = numba.njit(cache=_writable(folder), nogil=True)(function)
    KERNELS.append(compiled)
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
def _folder(module: Path) -> Path:
    digest = sha256(Path(__file__).read_bytes())
    for path in sources(module, left_out=Path(__file__)):
        digest.update(path.read_bytes())
    return _cache() / f"{module.parent.name}-{module.stem}-{digest.hexdigest()[:16]}"


@cache
def _cache() -> Path:
    stated = os.environ.get("NUMBA_CACHE_DIR")
    if not stated:
        return cache_dir() / "kernels"
    link(Path(stated))
    return Path(stated)
