"""`biofusion gallery …`: keys that are renewed and destroyed, erasures that are shown, writes that were lost."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from tests.unit.cli.gallery.commands import PEOPLE, fields, run


def test_keys_are_renewed_and_destroyed(people: Path) -> None:
    """After a rotation everybody can be read, but not with an old key table; without keys everybody is erased."""
    for name in ("store.db.key", "store.db.keys"):
        shutil.copy(people / name, people / f"old-{name}")
    run("rotate-keys")
    assert PEOPLE == fields("verify")["subjectCount"]
    for name in ("store.db.keys", "store.db.key"):
        shutil.copy(people / name, people / f"new-{name}")
    shutil.copy(people / "old-store.db.keys", people / "store.db.keys")
    assert "key" in run("verify", exit_code=3).output
    shutil.copy(people / "new-store.db.keys", people / "store.db.keys")
    store_id = fields("stats")["storeId"]
    run("destroy-keys", "--all", "--store-id", "ffffffff", exit_code=3)
    before = [each["epoch"] for each in fields("partitions")["partitions"]]
    run("destroy-keys", "--all", "--store-id", store_id)
    assert not {*before} & {each["epoch"] for each in fields("partitions")["partitions"]}
    assert PEOPLE == len(fields("verify", exit_code=4)["erasedWithRows"])


def test_a_copy_of_the_key_file_is_good_for_a_rotation_that_was_prepared(
    people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy with the next key opens everything after the rotation, and one without it opens nothing.

    A rotation by such a copy uses the next key too, and removes the one that was destroyed elsewhere.
    """
    key = people / "store.db.key"
    run("new-key", people / "none.key", "--next", exit_code=3)
    for name in ("without", "with"):
        shutil.copy(key, people / name)
        run("new-key", key, "--next")
    run("rotate-keys")
    monkeypatch.setenv("BIOFUSION_KEY_FILE", str(people / "without"))
    assert "key" in run("verify", exit_code=3).output
    monkeypatch.setenv("BIOFUSION_KEY_FILE", str(people / "with"))
    assert PEOPLE == fields("verify")["subjectCount"]
    run("rotate-keys")
    assert set(json.loads(key.read_text())["keys"]) == set(json.loads((people / "with").read_text())["keys"])
    assert PEOPLE == fields("verify")["subjectCount"]


def test_an_erasure_is_shown(people: Path) -> None:
    """`verify --erased` exits with 4 while the subject is there, and with 0 after it was erased, also for a copy.

    The copy needs no keys of its own, and another store is no copy.
    """
    run("verify", "--erased", "s07", exit_code=4)
    shutil.copy(people / "store.db", people / "copy.db")  # without its keys

    async def erase() -> None:
        store = open_store(f"sqlite:///{people / 'store.db'}", StoreOptions())
        await store.delete("s07", "r", "d")
        await store.close()

    asyncio.run(erase())
    found = fields("verify", "--erased", "s07", "--copy", f"sqlite:///{people / 'copy.db'}")["findings"]
    assert all(each["isErased"] for each in found)
    other = f"sqlite:///{people / 'other.db'}"
    asyncio.run(open_store(other).ping())
    assert "another store" in run("verify", "--erased", "s07", "--copy", other, exit_code=3).output


def test_what_cannot_be_shown_to_be_erased_is_no_success(people: Path) -> None:
    """An id that nobody can have, a copy without an id, and a copy that is missing or of another store are refused."""
    other = f"sqlite:///{people / 'other.db'}"
    run("migrate", "--from", f"sqlite:///{people / 'store.db'}", "--store", other)
    for words in (["--erased", ""], ["--erased", "a b"], ["--copy", other], ["--erased", "s01", "--copy", other]):
        run("verify", *words, exit_code=3)
    assert "no store file" in run("verify", "--erased", "s01", "--copy", "sqlite:///none.db", exit_code=3).output


def test_lost_writes_are_listed(people: Path) -> None:
    """Reconciling with a token of another life of the store lists its subject, and exits with 4."""
    row = fields("partitions")["partitions"][0]
    token = f"sqlite.{fields('stats')['storeId']}.0-{row['epoch']}-0000aaaa-999-0"
    (people / "written.json").write_text(json.dumps({"subject_id": "gone", "consistency_token": token}))
    found = fields("reconcile", "--set-back", "--acknowledged", people / "written.json", exit_code=4)
    assert (["gone"], [], 64) == (found["lost"], found["removed"], found["newEpochCount"])
