from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.data.file_faults import why

DAMAGED = "its compressed data are damaged, or end too early"


def _parsed(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text("utf-8").splitlines(), strict=True))


def _unpacked(path: Path) -> bytes:
    with gzip.open(path) as file:
        return file.read()


@pytest.mark.parametrize(
    ("content", "read", "said"),
    [
        (None, _parsed, "no such file or directory"),
        (b"\xff\xfe", _parsed, "it is no UTF-8 text"),
        (b'"a', _parsed, "unexpected end of data"),
        (b"a,b\n", _unpacked, DAMAGED),
        (gzip.compress(b"a,b\n" * 99, mtime=0)[:-9], _unpacked, DAMAGED),
        (gzip.compress(b"a,b\n" * 99, mtime=0)[:12] + b"\xff" * 9, _unpacked, DAMAGED),
    ],
)
def test_why(tmp_path: Path, content: bytes | None, read: Callable[[Path], object], said: str) -> None:
    """What is missing, no text or damaged is said in plain words, without the names of exceptions."""
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    with pytest.raises(Exception) as caught:  # noqa: PT011  # of several kinds
        read(tmp_path / "file")
    assert said == why(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """A folder in place of a file is called one."""
    with pytest.raises(OSError, match="directory") as caught:
        tmp_path.read_bytes()
    assert "is a directory" == why(caught.value)
