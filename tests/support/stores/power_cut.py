"""Models power cuts: of the files that a process writes, only what it synced survives (power_cut.c)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")


class PowerCut:
    """A folder that a process writes to, and beside it what a power cut would leave of it.

    Args:
        folder: a new folder, in which `files` and `kept` are made.
    """

    def __init__(self, folder: Path) -> None:
        self.files, self.kept = folder / "files", folder / "kept"
        self._library = folder / "power_cut.so"
        for each in (self.files, self.kept):
            each.mkdir(parents=True)
        compiler = shutil.which("cc")
        if compiler is None:
            raise FileNotFoundError("There is no C compiler.")
        command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(self._library), str(SOURCE), "-ldl", "-lpthread"]
        subprocess.run(command, check=True)

    @property
    def environment(self) -> dict[str, str]:
        """Environment for the process that writes to `files`."""
        watched = {"POWER_CUT_FOLDER": str(self.files.resolve()), "POWER_CUT_KEPT": str(self.kept.resolve())}
        return {**os.environ, **watched, "LD_PRELOAD": str(self._library)}

    def cut(self) -> None:
        """After the process was killed: `files` becomes what was kept."""
        shutil.rmtree(self.files)
        shutil.copytree(self.kept, self.files)


def has_compiler() -> bool:
    """Whether a C compiler is there."""
    return shutil.which("cc") is not None
