from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audit.chain_folder import segment_path
from audit.lines import body
from audit.reading import records
from audit.signing import public_keys
from audit.verification import verify
from audit.writer import AuditLog
from biometrics.errors import AuditUnavailable, ConfigurationInvalid
from tests.support.audit.chains import Keys


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """A signing key."""
    return Keys.make(tmp_path_factory.mktemp("keys"))


@contextmanager
def opened(folder: Path, keys: Keys, instance: str = "one") -> Iterator[AuditLog]:
    """A log that is closed at the end."""
    log = AuditLog(folder, instance, keys.key, {"version": "1"})
    try:
        yield log
    finally:
        log.close()


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The disk takes no more than this of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def calls(folder: Path) -> list[str]:
    """The ids of the calls in the log, in its order."""
    return [each.fields["id"] for each in records(folder) if each.fields["kind"] == "CALL"]


async def append(log: AuditLog, *ids: str) -> None:
    """Append a record of each at once, and wait for all."""
    await asyncio.gather(*(log.append("CALL", body({"id": each})) for each in ids))


async def test_records_are_there_when_they_are_acknowledged(tmp_path: Path, keys: Keys) -> None:
    """What many callers append at once is in the file, in their order, before any of them is told; the log verifies."""
    ids = [f"{number}" for number in range(1500)]
    with opened(tmp_path, keys) as log:
        await append(log, *ids)
        assert ids == calls(tmp_path)
    found = verify(tmp_path, public_keys((keys.public,)))
    assert ((), True) == (found.faults, found.chains[0].head is not None and found.chains[0].head.closed)


async def test_a_chain_goes_on_after_an_end_and_after_a_crash(tmp_path: Path, keys: Keys) -> None:
    """The next process appends to it; what a crash left of a line is cut off, and its first record says how much."""
    with opened(tmp_path, keys) as log:
        await append(log, "a")
    with segment_path(tmp_path / "one", 0).open("ab") as file:
        file.write(b"half a line")
    with opened(tmp_path, keys) as log:
        await append(log, "b")
    starts = [each.fields["cut"] for each in records(tmp_path) if each.fields["kind"] == "OPEN"]
    assert ([0, 11], ["a", "b"]) == (starts, calls(tmp_path))
    assert () == verify(tmp_path, public_keys((keys.public,))).faults


async def test_a_full_disk_fails_the_append_and_leaves_the_chain_in_order(tmp_path: Path, keys: Keys) -> None:
    """Nothing of what failed is in the log; when there is room again, it is writable by itself and goes on."""
    with opened(tmp_path, keys) as log:
        await append(log, "a")
        with no_file_longer_than(segment_path(tmp_path / "one", 0).stat().st_size + 100):
            for _ in range(2):
                with pytest.raises(AuditUnavailable):
                    await log.append("CALL", body({"id": "x" * 300}))
            assert not log.is_writable()
        while not log.is_writable():  # noqa: ASYNC110 - its thread finds out by itself, and tells nobody
            await asyncio.sleep(0)
        await append(log, "b")
        assert ["a", "b"] == calls(tmp_path)
    assert () == verify(tmp_path, public_keys((keys.public,))).faults


def test_a_process_has_its_chain_alone(tmp_path: Path, keys: Keys) -> None:
    """A second one of the same name does not start; when the first has ended, it does."""
    with opened(tmp_path, keys), pytest.raises(ConfigurationInvalid, match="Another process"):
        AuditLog(tmp_path, "one", keys.key, {})
    with opened(tmp_path, keys):
        pass


@pytest.mark.parametrize("instance", ["", "../one", "a/b", ".", "x" * 129])
def test_names_that_are_no_folders_are_refused(tmp_path: Path, keys: Keys, instance: str) -> None:
    """A name becomes the name of a folder inside the audit folder, and nothing else."""
    with pytest.raises(ConfigurationInvalid):
        AuditLog(tmp_path, instance, keys.key, {})
    assert [] == list(tmp_path.iterdir())


def test_a_damaged_chain_is_not_continued(tmp_path: Path, keys: Keys) -> None:
    """A whole line that was changed is no work of a crash, and a chain of another name is not this one."""
    with opened(tmp_path, keys):
        pass
    path = segment_path(tmp_path / "one", 0)
    good = path.read_bytes()
    path.write_bytes(good.replace(b'"version":"1"', b'"version":"2"'))
    with pytest.raises(ConfigurationInvalid, match="damaged"):
        AuditLog(tmp_path, "one", keys.key, {})
    path.write_bytes(good)
    (tmp_path / "one").rename(tmp_path / "two")
    with pytest.raises(ConfigurationInvalid, match="of instance 'one'"):
        AuditLog(tmp_path, "two", keys.key, {})


def test_a_first_line_that_was_cut_off_begins_anew(tmp_path: Path, keys: Keys) -> None:
    """A crash may come before anything of a file is written; nothing in it was acknowledged."""
    (tmp_path / "one").mkdir()
    segment_path(tmp_path / "one", 0).write_bytes(b"0123")
    with opened(tmp_path, keys):
        pass
    assert [4] == [each.fields["cut"] for each in records(tmp_path) if each.fields["kind"] == "OPEN"]


async def test_long_logs_are_of_several_files(tmp_path: Path, keys: Keys) -> None:
    """A file that is long enough is followed by another, within one chain, also after a start."""
    for _ in range(2):
        log = AuditLog(tmp_path, "one", keys.key, {}, segment_bytes=500)
        for number in range(3):
            await append(log, f"{number}")
        log.close()
    assert ["0", "1", "2"] * 2 == calls(tmp_path)
    assert segment_path(tmp_path / "one", 3).exists()
    assert () == verify(tmp_path, public_keys((keys.public,))).faults


async def test_a_closed_log_takes_nothing(tmp_path: Path, keys: Keys) -> None:
    """What comes after the end fails, and closing twice does nothing."""
    with opened(tmp_path, keys) as log:
        log.close()
        with pytest.raises(AuditUnavailable):
            await append(log, "late")
