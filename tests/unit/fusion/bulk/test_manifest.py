from __future__ import annotations

from pathlib import Path

import pytest

from biometrics.errors import FieldInvalid
from fusion.bulk import manifest
from fusion.bulk.manifest import Span, rows_of, spans


def _written(folder: Path, data: bytes) -> Path:
    path = folder / "manifest.jsonl"
    path.write_bytes(data)
    return path


def _all_rows(path: Path) -> list[tuple[int, bytes]]:
    return [row for span in spans(path, None) for row in rows_of(path, span)]


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 1234])
def test_every_line_is_in_one_part(tmp_path: Path, count: int, end: bytes) -> None:
    """The parts have all lines once, in order, whether or not the last one is ended."""
    lines = [f'{{"row": {number}}}'.encode() for number in range(1, count + 1)]
    path = _written(tmp_path, b"\n".join(lines) + (end if lines else b""))

    assert list(enumerate(lines, 1)) == [(number, line.strip()) for number, line in _all_rows(path)]


def test_parts_go_on_after_any_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planning goes on after any part that is known, also where a line is longer than what is read at once."""
    monkeypatch.setattr(manifest, "READ_BYTES", 64)
    lines = [b"x" * (3 * number % 350) for number in range(250)]
    path = _written(tmp_path, b"\n".join(lines))
    planned = list(spans(path, None))

    assert [100, 100, 50] == [each.rows for each in planned]
    for number, each in enumerate(planned):
        assert planned[number + 1 :] == list(spans(path, Span.of(each.place)))


def test_empty_lines_count_as_lines_and_are_no_rows(tmp_path: Path) -> None:
    """The number of a row is that of its line."""
    path = _written(tmp_path, b"\n{}\n\r\n{}\n\n")

    assert [(2, b"{}\n"), (4, b"{}\n")] == _all_rows(path)


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line over the limit is given as its beginning, so that memory is bounded, and hides no other."""
    monkeypatch.setattr(manifest, "MAX_LINE_BYTES", 10)
    path = _written(tmp_path, b"x" * 35 + b"\n{}\n")

    assert [(1, b"x" * 10), (2, b"{}\n")] == _all_rows(path)


def test_many_bytes_end_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part is not larger than its limit by more than one row."""
    monkeypatch.setattr(manifest, "MOST_BYTES", 25)
    path = _written(tmp_path, (b"x" * 9 + b"\n") * 7)

    assert [3, 3, 1] == [each.rows for each in spans(path, None)]


def test_a_manifest_that_became_shorter_is_named(tmp_path: Path) -> None:
    """Rows that are gone are not passed over."""
    path = _written(tmp_path, b"{}\n" * 5)
    (span,) = spans(path, None)
    path.write_bytes(b"{}\n")

    with pytest.raises(FieldInvalid, match="shorter"):
        list(rows_of(path, span))


def test_long_lines_come_in_larger_parts(tmp_path: Path) -> None:
    """Rows of templates, whose lines are long, come up to 1,000 at a time."""
    path = _written(tmp_path, b"\n".join([b"x" * 700] * 2500))

    assert [1000, 1000, 500] == [each.rows for each in spans(path, None)]
