from __future__ import annotations

import logging
from pathlib import Path
from shutil import copyfile

import pytest

from biometrics.errors import ConfigurationInvalid
from infra import file_watch
from infra.identity.tls_files import Pem, TlsFiles
from tests.support.tls import Authority


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PEM files of an authority and two certificates."""
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority.make(folder, "authority")
    authority.sign("one", "DNS:localhost")
    authority.sign("two", "DNS:localhost")
    return folder


@pytest.fixture
def used(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the first certificate in use, whose files are looked at every time."""
    monkeypatch.setattr(file_watch, "LOOK_S", 0.0)
    copyfile(made / "authority.pem", tmp_path / "authority.pem")
    put(made, "one", tmp_path)
    return tmp_path


def put(made: Path, name: str, used: Path, endings: tuple[str, ...] = ("pem", "key")) -> None:
    """Replace files that are in use."""
    for ending in endings:
        copyfile(made / f"{name}.{ending}", used / f"own.{ending}")


def files(used: Path) -> TlsFiles:
    """The files in use."""
    return TlsFiles(str(used / "own.pem"), str(used / "own.key"), str(used / "authority.pem"))


def test_changed_files_are_read_again(made: Path, used: Path) -> None:
    """And the same object is given as long as nothing changes."""
    watched = files(used)
    assert watched.current() is watched.current()
    put(made, "two", used)
    names = ("two.pem", "two.key", "authority.pem")
    assert Pem(*((made / name).read_bytes() for name in names)) == watched.current()


def test_half_of_a_pair_leaves_the_last_good_one(made: Path, used: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged once, and the pair is used when it is complete."""
    caplog.set_level(logging.INFO)
    watched = files(used)
    first = watched.current()
    put(made, "two", used, ("pem",))
    assert [first] * 3 == [watched.current() for _ in range(3)]
    (used / "own.key").unlink()
    assert first is watched.current()
    put(made, "two", used, ("key",))
    assert (made / "two.key").read_bytes() == watched.current().key
    assert ["WARNING", "WARNING", "INFO"] == [each.levelname for each in caplog.records]


@pytest.mark.parametrize("name", ["own.pem", "own.key", "authority.pem"])
@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_files_that_cannot_be_used_are_refused_at_start(name: str, content: bytes | None, used: Path) -> None:
    """The error names the file and not its content."""
    (used / name).unlink() if content is None else (used / name).write_bytes(content)
    with pytest.raises(ConfigurationInvalid, match=name):
        files(used)
