"""Models with flipped bits are refused by name; `python -m soak byte_flips` tries 1,000 of each file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from infra.models.manifest import manifest
from infra.models.model_cache import cache_dir, load_bytes
from infra.models.supply import ensure_all
from tests.support.supply.byte_flips import refusals

COUNT = 20


@pytest.mark.parametrize("name", sorted(manifest().models))
def test_flipped_bits_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A model with one flipped bit is refused by name, and the restored one is loaded."""
    ensure_all()
    whole, copy = cache_dir() / manifest().models[name].cached, tmp_path / manifest().models[name].cached
    copy.parent.mkdir()
    shutil.copy(whole, copy)
    monkeypatch.setenv("BIOFUSION_CACHE_DIR", str(tmp_path))
    assert COUNT == refusals(copy, lambda: load_bytes(name), COUNT)
    assert whole.read_bytes() == load_bytes(name)
