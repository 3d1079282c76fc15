"""Other people's matchers, pinned, in an environment of their own under the cache folder; nothing enters the project.

It is made at the first use. Where no registry answers, a benchmark says so and measures nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.harness import Unavailable
from infra.models.supply import cache_dir

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
"""What the matcher needs; open-iris itself asks for much more, which only its other parts use."""


def measured(script: str, *arguments: str) -> dict[str, float]:
    """What a script of this folder prints as JSON when it runs there.

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
