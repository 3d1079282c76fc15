"""The cache of models and demo assets: every file is verified when it is read.

All hashes are pinned in `models.toml`, so the cache need not be trusted: only pinned bytes are loaded.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from biometrics.errors import ModelCorrupt, ModelUnavailable
from infra.models.manifest import Item, manifest


def cache_dir() -> Path:
    """`BIOFUSION_CACHE_DIR`, else `biofusion` in the user's cache directory."""
    stated = os.environ.get("BIOFUSION_CACHE_DIR")
    if stated:
        return Path(stated).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "biofusion"


def load_bytes(name: str) -> bytes:
    """The verified bytes of a hardened model.

    Raises:
        ModelUnavailable: it is not in the cache.
        ModelCorrupt: the cached bytes are not those of the manifest.
    """
    return load(manifest().models[name])


def asset(name: str) -> bytes:
    """The verified bytes of a demo asset. Raises as `load_bytes`."""
    return load(manifest().assets[name])


def script(name: str) -> bytes:
    """The verified bytes of a script of the console. Raises as `load_bytes`."""
    return load(manifest().scripts[name])


def load(item: Item) -> bytes:
    """The verified bytes of any item. Raises as `load_bytes`."""
    path = cache_dir() / item.cached
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(f"{item.name} is not at {path}. Run `biofusion models`.", model=item.name) from error
    if digest(data) != item.sha256:
        raise ModelCorrupt(
            f"{path} is not the file that models.toml states: its bytes differ. Run `biofusion models` to replace it.",
            model=item.name,
        )
    return data


def store(item: Item, data: bytes) -> None:
    """Write a whole file under a temporary name, then rename it.

    Raises:
        ModelUnavailable: the cache cannot be written.
    """
    path = cache_dir() / item.cached
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".new-") as folder:
            whole = Path(folder) / path.name
            whole.write_bytes(data)
            whole.replace(path)
    except OSError as error:
        raise ModelUnavailable(
            f"{path} cannot be written: {error.strerror}. Set BIOFUSION_CACHE_DIR to a folder that can.",
            model=item.name,
        ) from error


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal digits, as in the manifest."""
    return hashlib.sha256(data).hexdigest()
