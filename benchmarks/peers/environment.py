"""A virtual environment in the cache folder with pinned matchers of other projects, which this project never imports.

It is made at the first use. If no package registry answers, the benchmark reports that and measures nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.harness import Unavailable
from infra.models.model_cache import cache_dir

PACKAGES = (
    "open-iris==1.11.0",
    "faiss-cpu==1.15.1",
    "pydantic==1.10.26",
    "numpy==1.26.4",
    "opencv-python-headless==5.0.0.93",
    "pyyaml==6.0.3",
    "packaging==26.3",
    "typing-extensions==4.16.0",
)
"""Packages that the matcher needs; open-iris declares many more, which only its other parts use."""


def measured(script: str, *arguments: str) -> dict[str, float]:
    """Run a script of this folder in the environment; returns the figures that it prints as JSON.

    Raises:
        Unavailable: the packages cannot be installed.
    """
    command = [str(_python()), str(Path(__file__).with_name(f"{script}.py")), *arguments]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600).stdout
    found: dict[str, float] = json.loads(printed)
    return found


def _python() -> Path:
    """The interpreter of the environment, made at the first use."""
    folder = cache_dir() / "other-matchers"
    python, done = folder / "bin" / "python", folder / "complete"
    if not done.exists() or done.read_text() != "\n".join(PACKAGES):
        venv.create(folder, clear=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "-qq", "--no-deps", *PACKAGES]
        try:
            subprocess.run(install, check=True, timeout=600, stdout=sys.stderr)
        except (subprocess.SubprocessError, OSError) as error:
            raise Unavailable("open-iris and faiss cannot be installed: no package registry answers.") from error
        done.write_text("\n".join(PACKAGES))
    return python
