"""Fixtures of the snapshots' tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from gallery.snapshots.directory import Directory
from tests.support.fakes.snapshot_gallery import SnapshotGallery


@pytest.fixture
async def gallery(tmp_path: Path) -> SnapshotGallery:
    """A store with 20 subjects in 2 partitions, and an empty folder."""
    made = SnapshotGallery(Directory(tmp_path))
    await made.enroll(20)
    return made
