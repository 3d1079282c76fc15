"""`biofusion gallery …` on stores in files."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.gallery.command import COMMANDS
from cli.main import cli
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from gallery.subject import Subject
from tests.support.builders import encounter, enrolment, reference
from tests.support.stores.old_stores import make_store_of_version_1

PEOPLE = 70


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of 70 people, named by the settings; its folder."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("BIOFUSION_STORE_URL", url)

    async def fill() -> None:
        store = open_store(url, StoreOptions())
        await asyncio.gather(*(store.enroll(enrolment(f"s{number:02}")) for number in range(PEOPLE)))
        await store.close()

    asyncio.run(fill())
    return tmp_path


def run(*words: object, exit_code: int = 0) -> Result:
    """Run a command of the group, which must exit with this code."""
    result = CliRunner().invoke(cli, ["gallery", *map(str, words)])
    assert exit_code == result.exit_code, result.output
    return result


def fields(*words: object, exit_code: int = 0) -> dict[str, Any]:
    """The JSON that a command prints."""
    found: dict[str, Any] = json.loads(run(*words, "--json", exit_code=exit_code).stdout)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    """Each command has help that begins with its name."""
    assert f"biofusion gallery {name}" in run(name, "--help").stdout.replace("cli gallery", "biofusion gallery")


def test_a_store_is_counted(people: Path) -> None:
    """Subjects, galleries, partitions, and the references of each model."""
    found = fields("stats", "--full")
    assert (70, {"default": 70}, 64) == (found["subjectCount"], found["galleries"], len(found["partitions"]))
    assert {"vector-1": 70} == found["references"]["FINGERPRINT"]["byModel"]
    assert "70 subjects in 64 partitions" in run("stats").stdout
    assert 64 == len(fields("partitions")["partitions"])


def test_an_archive_takes_people_to_another_store(people: Path) -> None:
    """Exported and imported people are all there; a second import finds them there."""
    archive, key, other = people / "people.archive", people / "transport.key", f"sqlite:///{people / 'other.db'}"
    run("new-key", key)
    run("new-key", key, exit_code=3)
    assert PEOPLE == fields("export", archive, "--key-file", key)["subjectCount"]
    assert PEOPLE == fields("import", archive, "--key-file", key, "--store", other)["moved"]
    assert PEOPLE == fields("import", archive, "--key-file", key, "--store", other)["present"]
    assert [] == fields("verify", "--store", other)["findings"]


def test_a_store_of_an_earlier_version_is_migrated(tmp_path: Path) -> None:
    """A store of schema version 1 is refused, and moved whole by migrate, which changes nothing in it."""
    old, new, count = tmp_path / "old.db", f"sqlite:///{tmp_path / 'new.db'}", 9
    make_store_of_version_1(
        old, [Subject(f"s{n}", ("default",), (encounter(reference([n, 0, 0, 0])),)) for n in range(9)]
    )
    before = old.read_bytes()
    assert "gallery migrate" in run("stats", "--store", f"sqlite:///{old}", exit_code=3).output
    found = fields("migrate", "--from", f"sqlite:///{old}", "--store", new)
    assert (count, [], []) == (found["moved"], found["different"], found["unreadable"])
    assert before == old.read_bytes()
    assert count == fields("migrate", "--from", f"sqlite:///{old}", "--store", new)["present"]


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


def test_no_store_is_made_where_none_is(people: Path) -> None:
    """A file that does not exist is refused, and not made, where a store or a source is needed."""
    missing = f"sqlite:///{people / 'missing.db'}"
    for words in (
        ("stats", "--store", missing),
        ("verify", "--erased", "s07", "--copy", missing),
        ("migrate", "--from", missing),
    ):
        assert "no store file missing.db" in run(*words, exit_code=3).output
    assert [] == list(people.glob("missing*"))


def test_a_store_gets_another_number_of_partitions(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is that of the new store, into which all people are moved."""
    monkeypatch.setenv("BIOFUSION_PARTITION_COUNT", "128")
    new = f"sqlite:///{people / 'new.db'}"
    assert PEOPLE == fields("migrate", "--from", f"sqlite:///{people / 'store.db'}", "--store", new)["moved"]
    assert 128 == len(fields("partitions", "--store", new)["partitions"])


def test_what_cannot_be_shown_to_be_erased_is_no_success(people: Path) -> None:
    """An id that nobody can have, a copy without an id, and a copy that is missing or of another store are refused."""
    other = f"sqlite:///{people / 'other.db'}"
    run("migrate", "--from", f"sqlite:///{people / 'store.db'}", "--store", other)
    for words in (["--erased", ""], ["--erased", "a b"], ["--copy", other], ["--erased", "s01", "--copy", other]):
        run("verify", *words, exit_code=3)
    assert "no store file" in run("verify", "--erased", "s01", "--copy", "sqlite:///none.db", exit_code=3).output


@pytest.mark.parametrize("words", [["stats"], ["verify"], ["snapshot", "--folder", "snapshots"], ["rotate-keys"]])
def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, words: list[str]) -> None:
    """A wrong name is an error, and makes no new store that would be found empty."""
    assert "no store file" in run(*words, "--store", f"sqlite:///{tmp_path / 'none.db'}", exit_code=3).output
    run(
        "migrate",
        "--from",
        f"sqlite:///{tmp_path / 'none.db'}",
        "--store",
        f"sqlite:///{tmp_path / 'new.db'}",
        exit_code=3,
    )
    assert not (tmp_path / "none.db").exists()


def test_values_that_fit_nothing_are_refused(people: Path) -> None:
    """A partition that the store does not have, and a file that is no text, are named."""
    assert "0 to 63" in run("snapshot", "--folder", people, "--partition", 64, exit_code=3).output
    (people / "written.json").write_bytes(b"\xff\xfe\n")
    assert "Line 1" in run("reconcile", "--acknowledged", people / "written.json", exit_code=3).output


def test_lost_writes_are_listed(people: Path) -> None:
    """Reconciling with a token of another life of the store lists its subject, and exits with 4."""
    row = fields("partitions")["partitions"][0]
    token = f"sqlite.{fields('stats')['storeId']}.0-{row['epoch']}-0000aaaa-999-0"
    (people / "written.json").write_text(json.dumps({"subject_id": "gone", "consistency_token": token}))
    found = fields("reconcile", "--set-back", "--acknowledged", people / "written.json", exit_code=4)
    assert (["gone"], [], 64) == (found["lost"], found["removed"], found["newEpochCount"])


def test_snapshots_are_made_and_dropped(people: Path) -> None:
    """A snapshot of each partition and modality is registered; rebuild removes all of them and begins new epochs."""
    run("snapshot", exit_code=3)
    folder = people / "snapshots"
    run("snapshot", "--folder", folder)
    before = fields("partitions")["partitions"]
    assert 64 == sum(each["fingerprint"] for each in before)
    run("rebuild", "--folder", folder)
    after = fields("partitions")["partitions"]
    assert 0 == sum(each["fingerprint"] + each["face"] + each["iris"] for each in after)
    assert not {each["epoch"] for each in before} & {each["epoch"] for each in after}
    assert not list(folder.rglob("*.snapshot"))
