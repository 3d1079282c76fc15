"""Maps packages to the extras of pyproject.toml that install them, to report a missing one in one sentence."""

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
"""Import name → extra. `pi_heif` is not listed: without it only HEIC files are refused."""


def advice(error: BaseException) -> str | None:
    """What to install after a failed import.

    Args:
        error: the exception raised.

    Returns:
        One sentence with a command; None if no package of an extra is missing.
    """
    name = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    return missing(name, EXTRA_OF[name]) if name in EXTRA_OF else None


def missing(package: str, extra: str) -> str:
    """The sentence for a package that is not installed."""
    return f"{package} is not installed. Install what this needs: pip install 'biofusion[{extra}]'."


def tell_plainly() -> None:
    """Make the program report a missing extra without a traceback from now on, and exit with 1.

    This does not affect libraries: imports still raise ModuleNotFoundError.
    """
    sys.excepthook = _told


def _told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    told = advice(error)
    if told is None:
        sys.__excepthook__(kind, error, trace)
    else:
        sys.stderr.write(told + "\n")
