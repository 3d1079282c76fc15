"""Bits flipped in every model and calibration file: each flip is refused by name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.calibrations.shipped_files import shipped
from infra.models.manifest import Item, manifest
from infra.models.model_cache import cache_dir, load
from soak.figures import Figure
from tests.support.supply.byte_flips import refusals

FLIPS = int(os.environ.get("SOAK_FLIPS", "1000"))
"""Number of flips in each file; one is a bit of a byte, the first and the last byte among them."""


def campaign() -> list[Figure]:
    """Flip bits of copies; takes two minutes, nearly all of them for the largest model."""
    with TemporaryDirectory() as folder:
        return [*_calibrations(Path(folder)), *_models(Path(folder))]


def _calibrations(folder: Path) -> Iterator[Figure]:
    shutil.copytree(Path(str(files("infra.calibrations"))), folder, dirs_exist_ok=True)
    for path in sorted(folder.glob("*.json")):
        yield _figure(path, refusals(path, partial(shipped, path.name, folder), FLIPS))


def _models(folder: Path) -> Iterator[Figure]:
    originals = cache_dir()
    os.environ["BIOFUSION_CACHE_DIR"] = str(folder)
    try:
        for item in manifest().models.values():
            yield _model(item, originals / item.cached)
    finally:
        os.environ["BIOFUSION_CACHE_DIR"] = str(originals)


def _model(item: Item, original: Path) -> Figure:
    copy = cache_dir() / item.cached
    copy.parent.mkdir(exist_ok=True)
    shutil.copy(original, copy)
    return _figure(copy, refusals(copy, partial(load, item), FLIPS))


def _figure(path: Path, refused: int) -> Figure:
    what = f"{FLIPS:,} flips in {path.name}, {path.stat().st_size:,} bytes"
    return Figure(what, "all refused", f"{refused:,} refused", refused == FLIPS)
