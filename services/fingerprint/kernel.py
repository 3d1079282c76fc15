"""How the numeric kernels of this folder are compiled, and where the compiled code is kept.

numba compiles at the first call (10–20 s for all of them) and keeps the machine code on disk. By itself it
looks only at the file of the outermost kernel, and would run old code after a change in another
file; so the folder's name here carries a digest of all sources of this package.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from infra.models import cache_dir

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.int64]
Motion = tuple[float, float, float, float]

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile with numba; runs without the interpreter lock, single-threaded.

    Where no folder can be written, every process compiles anew.
    """
    try:
        compiled = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba finds no place for its cache
        compiled = numba.njit(nogil=True)(function)
    return cast("Function", compiled)


def _digest() -> str:
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


setattr(numba.config, "CACHE_DIR", str(cache_dir() / "kernels" / _digest()))  # noqa: B010 - numba makes it when loaded
