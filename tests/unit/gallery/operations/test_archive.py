"""Archives: sealed, continued after an interruption, refused if damaged."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import msgpack
import pytest

from biometrics.errors import ConfigurationInvalid, KeyWrong, StoreUnavailable
from gallery.operations.archive import ArchiveSource, export
from gallery.operations.moving import Moved, move
from gallery.operations.source import SourcePage, StoreSource
from gallery.sealing.key_file import KeyFile, make
from gallery.store.subject_store import PartitionedStore
from tests.unit.gallery.operations.conftest import NewStore


@pytest.fixture
def key(tmp_path: Path) -> KeyFile:
    """The key that seals the archive."""
    make(tmp_path / "transport.key")
    return KeyFile(tmp_path / "transport.key", may_make=False)


async def read(path: Path, key: KeyFile, target: PartitionedStore) -> Moved:
    """Import an archive."""
    return await move(ArchiveSource(path, key), target)


async def test_an_archive_brings_everything_to_another_store(
    people: PartitionedStore, new_store: NewStore, key: KeyFile, tmp_path: Path
) -> None:
    """A store made from an archive has every subject, model and alias, as they were; the file is its owner's alone."""
    path, target = tmp_path / "people.archive", new_store(partition_count=1)
    assert 300 == await export(StoreSource(people), path, key)
    assert Moved(moved=300, models=1, aliases=1) == await read(path, key, target)
    assert (await people.list(1000)).subjects == (await target.list(1000)).subjects
    assert "text" == await target.model("fusion-1")
    assert {"production": "watch"} == await target.aliases()
    assert 0o600 == path.stat().st_mode & 0o777


class Interrupted(StoreSource):
    """A source that fails after its first page."""

    async def pages(self) -> AsyncIterator[SourcePage]:
        """See Source."""
        async for page in super().pages():
            yield page
            raise StoreUnavailable("The source has gone.")


@pytest.mark.parametrize("cut", [0, 1, 1000])
async def test_an_interrupted_export_is_continued(
    people: PartitionedStore, new_store: NewStore, key: KeyFile, tmp_path: Path, cut: int
) -> None:
    """An archive that ends anywhere is refused by import, and continued by the next export without a gap."""
    path = tmp_path / "people.archive"
    with pytest.raises(StoreUnavailable):
        await export(Interrupted(people), path, key)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - cut)
    with pytest.raises(ConfigurationInvalid, match="not completed"):
        await read(path, key, new_store())
    assert 300 == await export(StoreSource(people), path, key)
    target = new_store()
    assert 300 == (await read(path, key, target)).moved
    assert (await people.list(1000)).subjects == (await target.list(1000)).subjects
    with pytest.raises(ConfigurationInvalid, match="complete"):
        await export(StoreSource(people), path, key)


async def test_a_changed_archive_is_refused(
    people: PartitionedStore, new_store: NewStore, key: KeyFile, tmp_path: Path
) -> None:
    """A flipped bit anywhere, a missing end or an addition is refused, whatever was read before."""
    path = tmp_path / "people.archive"
    await export(StoreSource(people), path, key)
    whole, rng = path.read_bytes(), random.Random(2)
    flips = [rng.randrange(len(whole)) for _ in range(60)]
    changed = [whole[:place] + bytes([whole[place] ^ (1 << rng.randrange(8))]) + whole[place + 1 :] for place in flips]
    for content in [*changed, whole[:-1], whole + b"x", b"", whole[:9]]:
        path.write_bytes(content)
        with pytest.raises((ConfigurationInvalid, KeyWrong), match=r"archive|key"):
            await read(path, key, new_store())


async def test_an_archive_of_another_key_is_refused(
    people: PartitionedStore, new_store: NewStore, key: KeyFile, tmp_path: Path
) -> None:
    """With another key file nothing is read."""
    path = tmp_path / "people.archive"
    await export(StoreSource(people), path, key)
    make(tmp_path / "other.key")
    with pytest.raises(KeyWrong):
        await read(path, KeyFile(tmp_path / "other.key", may_make=False), new_store())


async def test_no_template_is_in_clear(people: PartitionedStore, key: KeyFile, tmp_path: Path) -> None:
    """The bytes of no template and of no id are in the file."""
    path = tmp_path / "people.archive"
    await export(StoreSource(people), path, key)
    content = path.read_bytes()
    for subject in (await people.list(1000)).subjects:
        named = msgpack.packb(subject.subject_id)  # with its length, as four letters alone are met by chance
        assert named not in content
        for encounter in subject.encounters:
            assert not [each for each in encounter.references if each.template.data in content]
