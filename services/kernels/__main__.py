"""`python -m services.kernels MODALITY`: compiles every kernel of a service into `NUMBA_CACHE_DIR`.

Images run it while they are built. Two runs give equal files.

Afterwards the service compiles none, whatever it is asked: a kernel that its start does not reach is an error here.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from infra.images.jpeg import warm_up as jpeg
from infra.images.wsq import warm_up as wsq
from infra.kernels.built import forget_addresses
from infra.kernels.kernel import KERNELS
from infra.settings import Settings
from infra.workers import Workers


def main(modality: str) -> None:
    """Start the service without serving, as its process does, and exercise the decoders; print what was compiled."""
    wsq.exercise()  # first: the service starts processes that would compile these meanwhile
    jpeg.exercise()
    service = import_module(f"services.{modality}.__main__")
    with TemporaryDirectory() as folder:
        settings = Settings(store_url=f"sqlite:///{Path(folder) / 'store.db'}")
        store = open_store(settings.store, StoreOptions.of(settings))
        service.assemble(store, Workers(1, 1), settings)
    unreached = [each.py_func for each in KERNELS if not each.signatures]
    if unreached:
        sys.exit(f"No start reaches these kernels, so requests would wait for the compiler: {unreached}.")
    forget_addresses(Path(os.environ["NUMBA_CACHE_DIR"]))
    sys.stdout.write(f"{len(KERNELS)} kernels of {modality} are compiled\n")


if __name__ == "__main__":
    main(sys.argv[1])
