"""gallery.sealing.key_file: what one key wrapped is unwrapped by it only, and no key is lost."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from biometrics.errors import KeyUnavailable, KeyWrong
from gallery.sealing.key_file import KeyFile

DATA_KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the key file is."""
    return tmp_path / "keys" / "store.key"


def names(path: Path) -> list[str]:
    """Files beside the key file."""
    return [each.name for each in path.parent.glob("*")]


def ids(path: Path) -> set[str]:
    """Ids of the keys in the file."""
    return set(json.loads(path.read_text())["keys"])


async def test_a_data_key_is_unwrapped_with_its_context_only(path: Path) -> None:
    """Another object on the file unwraps it; another context, key or byte is refused."""
    key_id, wrapped = await KeyFile(path, may_make=True).wrap(DATA_KEY, "a")
    other = KeyFile(path, may_make=False)
    assert (DATA_KEY, key_id) == (await other.unwrap(key_id, wrapped, "a"), await other.current())
    assert DATA_KEY not in wrapped
    changed = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    for attempt in ((key_id, wrapped, "b"), (key_id, changed, "a"), (key_id, b"", "a"), ("k9", wrapped, "a")):
        with pytest.raises(KeyWrong):
            await other.unwrap(*attempt)


async def test_the_key_of_another_file_is_refused(tmp_path: Path) -> None:
    """Two new files have different keys under the same id."""
    one, two = (KeyFile(tmp_path / name, may_make=True) for name in ("one", "two"))
    key_id, wrapped = await one.wrap(DATA_KEY, "a")
    assert key_id == await two.current()
    with pytest.raises(KeyWrong, match="not the one"):
        await two.unwrap(key_id, wrapped, "a")


async def test_the_file_is_its_owners_only(path: Path) -> None:
    """Key file and lock are readable by their owner only, after it was made and after it was changed."""
    keys = KeyFile(path, may_make=True)
    await keys.current()
    await keys.renew()
    assert {0o600} == {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert {"store.key", "store.key.lock"} == {each.name for each in path.parent.iterdir()}


async def test_a_missing_file_is_not_made_unless_it_may_be(path: Path) -> None:
    """The error says how to name or make one."""
    with pytest.raises(KeyWrong, match="new-key"):
        await KeyFile(path, may_make=False).current()
    assert [] == names(path)


async def test_a_file_that_goes_missing_is_not_made_again(path: Path) -> None:
    """A file that was moved away while it was in use is reported as missing, and no other key takes its place."""
    file = KeyFile(path, may_make=True)
    key_id, wrapped = await file.wrap(DATA_KEY, "a")
    moved = path.with_name("moved")
    os.rename(path, moved)  # noqa: PTH104
    with pytest.raises(KeyWrong, match="is missing"):
        await file.current()
    assert path.name not in names(path)
    os.rename(moved, path)  # noqa: PTH104
    assert DATA_KEY == await file.unwrap(key_id, wrapped, "a")


async def test_processes_that_start_together_make_one_key(path: Path) -> None:
    """Of eight objects that find no file all use the same key."""
    files = [KeyFile(path, may_make=True) for _ in range(8)]
    wrapped = await asyncio.gather(*(each.wrap(DATA_KEY, "a") for each in files))
    for each in wrapped:
        assert DATA_KEY == await files[0].unwrap(*each, "a")


async def test_a_renewed_key_leaves_the_old_one_usable_until_it_is_destroyed(path: Path) -> None:
    """New data keys are wrapped under the new key by every object on the file; the old key is gone after `destroy`."""
    keys, other = KeyFile(path, may_make=True), KeyFile(path, may_make=False)
    old_id, old = await keys.wrap(DATA_KEY, "a")
    assert old_id == await other.current()
    new_id = await keys.renew()
    assert new_id == await other.current() != old_id
    assert DATA_KEY == await other.unwrap(old_id, old, "a")
    with pytest.raises(KeyWrong, match="in use"):
        await keys.destroy(new_id)
    await keys.destroy(old_id)
    await keys.destroy(old_id)
    for each in (keys, other):
        with pytest.raises(KeyWrong, match=old_id):
            await each.unwrap(old_id, old, "a")


async def test_no_key_is_lost_when_several_are_made_at_once(path: Path) -> None:
    """Eight objects that renew at the same time leave all of their keys in the file."""
    files = [KeyFile(path, may_make=True) for _ in range(8)]
    made = await asyncio.gather(*(each.renew() for each in files))
    assert {"k1", *made} == ids(path)


async def test_a_prepared_key_is_taken_by_the_next_renewal(path: Path) -> None:
    """It is not used before, it is made once, and a copy of the file from before the renewal opens what it wraps."""
    keys = KeyFile(path, may_make=True)
    old_id = await keys.current()
    prepared = await keys.prepare()
    assert (prepared, old_id) == (await keys.prepare(), await keys.current())
    copy = Path(shutil.copy(path, path.with_name("copy")))
    assert prepared == await keys.renew()
    assert DATA_KEY == await KeyFile(copy, may_make=False).unwrap(*await keys.wrap(DATA_KEY, "a"), "a")
    assert prepared != await keys.renew()


async def test_a_destroyed_key_is_overwritten(path: Path) -> None:
    """The file that held it is overwritten before it goes, so a link to it shows zeros."""
    keys = KeyFile(path, may_make=True)
    old_id = await keys.current()
    await keys.renew()
    link = path.with_name("link")
    os.link(path, link)
    await keys.destroy(old_id)
    assert not any(link.read_bytes())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"[]",
        b'{"format": 2, "current": "k1", "keys": {"k1": "' + b"A" * 43 + b'="}}',
        b'{"format": 1, "current": "k2", "keys": {"k1": "' + b"A" * 43 + b'="}}',
        b'{"format": 1, "current": "k1", "keys": {"k1": "AAAA"}}',
        b'{"format": 1, "current": "k1", "keys": {"k1": "' + b"?" * 44 + b'"}}',
        b'{"format": 1, "current": "k1", "keys": {"k1": 5}}',
        b'{"format": 1, "current": ["k1"], "keys": {}}',
        b"\xff\xfe\x00",
    ],
)
async def test_a_file_that_is_none_is_refused_and_stays(tmp_path: Path, content: bytes) -> None:
    """Damaged, foreign and newer files are an error that holds no key, and no key is made in their place."""
    path = tmp_path / "store.key"
    path.write_bytes(content)
    keys = KeyFile(path, may_make=True)
    for call in (keys.current(), keys.renew(), keys.wrap(DATA_KEY, "a"), keys.destroy("k1")):
        with pytest.raises(KeyWrong, match="damaged") as caught:
            await call
        assert "AAAA" not in str(caught.value)
    assert content == path.read_bytes()


async def test_a_path_that_cannot_be_read_is_unavailable(tmp_path: Path) -> None:
    """A folder in the place of the file is an error that names it."""
    (tmp_path / "store.key").mkdir()
    with pytest.raises(KeyUnavailable, match=r"store\.key"):
        await KeyFile(tmp_path / "store.key", may_make=False).current()
