"""gallery.sealing.replaced_file: readers of a file that is replaced and overwritten meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pytest

from gallery.sealing.replaced_file import locked, read, replace


def put(path: Path, content: bytes) -> None:
    """Replace the file, as another process would."""
    with locked(path):
        replace(path, lambda file: file.write(content))


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_file_replaced_while_it_is_read_is_read_again(tmp_path: Path, *, is_refused: bool) -> None:
    """The zeros of the old file are never what a reader gets, whether it notices them or not."""
    path = tmp_path / "keys"
    seen: list[bytes] = []
    put(path, b"old")

    def work(file: BinaryIO) -> bytes:
        if not seen:
            put(path, b"new")
        seen.append(file.read())
        if is_refused and seen[-1] == bytes(3):
            raise ValueError
        return seen[-1]

    assert b"new" == read(path, work)
    assert [bytes(3), b"new"] == seen


def test_an_error_of_the_present_file_is_raised(tmp_path: Path) -> None:
    """A file that is damaged, or missing, is not read for ever."""
    path = tmp_path / "keys"

    def refuse(file: BinaryIO) -> None:
        raise ValueError(file.name)

    with pytest.raises(FileNotFoundError):
        read(path, refuse)
    put(path, b"old")
    with pytest.raises(ValueError, match="keys"):
        read(path, refuse)
