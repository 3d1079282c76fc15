"""`biofusion gallery …` on stores in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.gallery.command import COMMANDS
from gallery.subject import Subject
from tests.support.builders import encounter, reference
from tests.support.stores.old_stores import make_store_of_version_1
from tests.unit.cli.gallery.commands import PEOPLE, fields, run


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
