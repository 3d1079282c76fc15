"""Which extra of pyproject.toml brings which package, so that a missing one is told in one sentence."""

from __future__ import annotations

import sys
from types import TracebackType

EXTRA_OF = {
    "click": "cli",
    "rich": "cli",
    "PIL": "matching",
    "cv2": "matching",
    "llvmlite": "matching",
    "numba": "matching",
    "onnxruntime": "matching",
    "onnx": "models",
    "matplotlib": "evaluation",
    "scipy": "evaluation",
    "torch": "training",
}
"""Name that is imported → extra. `pi_heif` is not here: without it HEIC files are refused, and nothing else."""


def advice(error: BaseException) -> str | None:
    """What to install where an import has failed.

    Args:
        error: what was raised.

    Returns:
        One sentence and a command; None where no package of an extra is missing.
    """
    name = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    return missing(name, EXTRA_OF[name]) if name in EXTRA_OF else None


def missing(package: str, extra: str) -> str:
    """What to say where a package of an extra is not installed."""
    return f"{package} is not installed. Install what this needs: pip install 'biofusion[{extra}]'."


def tell_plainly() -> None:
    """From now on a program that ends because an extra is missing says so without a traceback, and exits with 1.

    Imported as a library, the same modules raise ModuleNotFoundError as ever.
    """
    sys.excepthook = _told


def _told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    told = advice(error)
    if told is None:
        sys.__excepthook__(kind, error, trace)
    else:
        sys.stderr.write(told + "\n")
