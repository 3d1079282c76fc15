"""`biofusion serve` in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

MARK = "Listening on "


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that runs.

    Args:
        address: at which it listens.
        pid: its process.
    """

    address: str
    pid: int


@contextmanager
def serving(store_url: str, **settings: str) -> Iterator[Serving]:
    """Run `biofusion serve`. It logs only warnings and errors.

    Args:
        store_url: URL of its store.
        settings: further settings, named without the prefix BIOFUSION_.
    """
    given = {"STORE_URL": store_url, "PORT": "0", "LOG_LEVEL": "WARNING"} | {k.upper(): v for k, v in settings.items()}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BIOFUSION_SOAK_")}
    environment |= {f"BIOFUSION_{name}": value for name, value in given.items()}
    command = [sys.executable, "-m", "cli", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            first = process.stdout.readline()
            if not first.startswith(MARK):
                raise RuntimeError("The server did not start.")
            yield Serving(first.removeprefix(MARK).split()[0].rstrip("."), process.pid)
        finally:
            process.terminate()
