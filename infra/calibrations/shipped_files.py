"""The files of this folder, verified when they are read: `files.sha256` states the SHA-256 of each.

After a fit, write it anew in this folder: `sha256sum *.json > files.sha256`.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from biometrics.errors import ModelCorrupt

SUMS = "files.sha256"
"""A line `<SHA-256 in hexadecimal digits>  <file name>` for each file, as `sha256sum` writes it."""


def shipped(name: str, folder: Traversable | None = None) -> str:
    """The text of a file.

    Args:
        name: file name.
        folder: where it is; None: this package.

    Raises:
        ModelCorrupt: its bytes are not those that were shipped, or `files.sha256` is not.
    """
    folder = folder or files(__package__)
    data = folder.joinpath(name).read_bytes()
    stated = folder.joinpath(SUMS).read_bytes().splitlines()
    if f"{sha256(data).hexdigest()}  {name}".encode() not in stated:
        raise ModelCorrupt(
            f"{name} is not the file that {SUMS} states: the bytes of one of them differ. Install this program again.",
            model=name,
        )
    return data.decode()
