"""Maps packages to the extras of pyproject.toml that install them, to report a missing one in one sentence."""

from __future__ import annotations

import sys
from types import TracebackType

EXTRA_OF = {
    "boto3": "aws",
    "botocore": "aws",
    "click": "cli",
    "rich": "cli",
    "PIL": "matching",
    "cv2": "matching",
    "jpeg_ls": "matching",
    "llvmlite": "matching",
    "numba": "matching",
    "onnxruntime": "matching",
    "onnx": "models",
    "matplotlib": "evaluation",
    "scipy": "evaluation",
    "ray": "cluster",
    "jinja2": "console",
    "python_multipart": "console",
    "starlette": "adapters",
    "uvicorn": "adapters",
    "opentelemetry": "telemetry",
    "prometheus_client": "telemetry",
    "torch": "training",
    "yaml": "dev",
}
"""Import name → extra. `pi_heif` is not listed: without it only HEIC files are refused."""

PACKAGE_OF = {
    "PIL": "Pillow",
    "cv2": "opencv-python-headless",
    "jpeg_ls": "pyjpegls",
    "jinja2": "Jinja2",
    "opentelemetry": "opentelemetry-sdk",
    "prometheus_client": "prometheus-client",
    "python_multipart": "python-multipart",
    "yaml": "PyYAML",
}
"""Import name → package, where they differ."""

COMMAND = "cli."
"""How the entry point begins by which an installed distribution is known to be this project."""


def advice(error: BaseException) -> str | None:
    """What to install after a failed import.

    Args:
        error: the exception raised.

    Returns:
        One sentence with a command; None if no package of an extra is missing.
    """
    name = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    return missing(name, EXTRA_OF[name]) if name in EXTRA_OF else None


def missing(module: str, extra: str) -> str:
    """The sentence for a module that cannot be imported because its package is not installed."""
    return f"{PACKAGE_OF.get(module, module)} is not installed. Install what this needs: {installation(extra)}."


def installation(extra: str) -> str:
    """The command that adds an extra of this project.

    Its name may be used only where pip finds this project installed: in the public registry another project has it.
    """
    version = _installed_version()
    if version:
        return f"pip install 'biofusion[{extra}]=={version}'"
    return f"pip install -e '.[{extra}]' in this project's checkout"


def _installed_version() -> str:
    """The version that is installed of this project, not of another of its name; "" if none is."""
    from importlib.metadata import PackageNotFoundError, distribution  # noqa: PLC0415  # commands start sooner without

    try:
        found = distribution("biofusion")
    except PackageNotFoundError:
        return ""
    return found.version if any(each.value.startswith(COMMAND) for each in found.entry_points) else ""


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
