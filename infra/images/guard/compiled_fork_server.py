"""The fork server of compiled decoders: its workers have the machine code of all kernels loaded.

Compiling takes seconds and a hundred MiB, which all workers would keep. So a child compiles what numba's cache lacks
and ends; then this process loads it from there. Workers never compile: no caller's CPU time pays for it.
"""

from __future__ import annotations

import os

from infra.images.guard import fork_server
from infra.images.guard.caps import confine


def load_kernels() -> None:
    """Load the machine code of all decoders, compiled by a child process unless it is in the cache."""
    child = os.fork()
    if not child:
        try:
            confine()
            _exercise()
        finally:
            os._exit(0)
    os.waitpid(child, 0)  # if it failed, this process compiles
    _exercise()


def _exercise() -> None:
    from infra.images.jpeg import warm_up as jpeg  # noqa: PLC0415  # the child loads numba, then this process
    from infra.images.wsq import warm_up as wsq  # noqa: PLC0415  # the same

    wsq.exercise()
    jpeg.exercise()


if __name__ == "__main__":
    fork_server.main(load_kernels)
