"""An adapter in a process of its own, which can be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import asdict, fields
from pathlib import Path

from infra.settings import Settings

END_S = 60.0


class AdapterProcess:
    """`biofusion COMMAND`.

    Args:
        command: its name, e.g. `osia`.
        settings: of the adapter; those that are not the default are its environment.
        log: file of what it says.
    """

    def __init__(self, command: str, settings: Settings, log: Path) -> None:
        default = asdict(Settings())
        changed = {each.name: getattr(settings, each.name) for each in fields(settings)}
        own = {f"BIOFUSION_{name.upper()}": str(value) for name, value in changed.items() if value != default[name]}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BIOFUSION_")}
        self._environment = {**inherited, **own, "PYTHONUNBUFFERED": "1"}
        self._command, self._log = command, log
        self._popen: subprocess.Popen[str] | None = None
        self.address = ""

    def start(self) -> None:
        """Start it; returns when it listens."""
        with self._log.open("ab") as log:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "cli", self._command],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self._environment,
            )
        assert self._popen.stdout is not None
        line = self._popen.stdout.readline()
        assert "Listening on" in line, self._log.read_text(encoding="utf-8")[-2000:]
        self.address = line.split()[2].removesuffix(".")

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self.end(signal.SIGKILL)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, and return when it has ended."""
        if self._popen is not None and self._popen.stdout is not None:
            self._popen.send_signal(number)
            self._popen.wait(END_S)
            self._popen.stdout.close()
        self._popen = None
