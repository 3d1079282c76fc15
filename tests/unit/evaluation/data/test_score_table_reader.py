"""Reading scores.csv."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from biometrics.errors import FieldInvalid
from evaluation.data.score_table_reader import read_score_table

GOOD = "probe,reference,mated,a,b,a.quality,group\np1,r1,1,0.5,,80,x\np1,r2,0,-1e-3,7,,y\np2,r2, 1 , 3 ,2,10,x\n"


def _write(folder: Path, text: str, name: str = "scores.csv") -> Path:
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["scores.csv", "scores.csv.gz"])
def test_read(tmp_path: Path, name: str) -> None:
    """Comparators, empty cells, qualities and groups are read from plain and compressed files."""
    table = read_score_table(_write(tmp_path, GOOD, name))
    assert ("a", "b") == table.comparators
    assert [True, False, True] == table.mated.tolist()
    np.testing.assert_allclose([[0.5, np.nan], [-1e-3, 7.0], [3.0, 2.0]], table.scores)
    assert table.quality is not None
    assert table.group is not None
    np.testing.assert_allclose([[80, np.nan], [np.nan, np.nan], [10, np.nan]], table.quality)
    assert (("x", "y"), [0, 1, 0]) == (table.group_names, table.group.tolist())


def test_subjects_are_what_mated_rows_connect(tmp_path: Path) -> None:
    """p1 and r1 are one subject, p2 and r2 another."""
    table = read_score_table(_write(tmp_path, GOOD))
    subject = dict(zip(table.names, table.subjects().tolist(), strict=True))
    assert subject["p1"] == subject["r1"] != subject["p2"] == subject["r2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "probe: the column is missing"),
        ("probe,reference,mated\np,r,1\n", "1 to 62 columns of scores"),
        ("probe;reference;mated;a\n", "separated by commas"),
        ("probe,reference,mated,a,a\np,r,1,2,3\n", "a name of its own"),
        ("probe,reference,mated,a,b.quality\np,r,1,2,3\n", "no comparator of that name"),
        ("probe,reference,mated,a\n", "at least one line"),
        ("probe,reference,mated,a\np,r,1,2\np,q,0\n", r"scores\.csv line 3: 3 values under 4"),
        ("probe,reference,mated,a\np,r,1,2\n\np,q,yes,2\n", "line 4, mated: 'yes' is neither"),
        ("probe,reference,mated,a\np,r,1,2\np,q,0,high\n", "line 3, a: 'high' is no finite number"),
        ("probe,reference,mated,a\np,r,1,nan\n", "line 2, a: 'nan' is no finite number"),
        ("probe,reference,mated,a\np,r,1,2\np,q,0,-inf\n", "line 3, a: '-inf' is no finite number"),
        (
            "probe,reference,mated,a\np,r,1,2\np,q,0,3\np,r,1,2\n",
            r"line 4: it says the same as line 2, so it would count twice\. Remove it\.$",
        ),
        (
            "probe,reference,mated,a\np,r,1,2\np,r,1,2\np,r,1,2\n",
            r"line 3: it says the same as line 2, so .* Remove it; there are 2 such lines in all\.$",
        ),
    ],
)
def test_faults_are_named_with_their_line(tmp_path: Path, text: str, message: str) -> None:
    """The error for every fault names its line and what is wrong."""
    with pytest.raises(FieldInvalid, match=message):
        read_score_table(_write(tmp_path, text))


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    """Scores and qualities to the last digit of the text; what is not there is named with what is."""
    table = read_score_table(_write(tmp_path, GOOD), np.float64)

    np.testing.assert_array_equal([0.5, -1e-3, 3.0], table.column("a"))
    np.testing.assert_array_equal([80.0, np.nan, 10.0], table.column("a.quality"))
    for name in ("c", "c.quality"):
        with pytest.raises(FieldInvalid, match="There are: a, b"):
            table.column(name)


def test_a_repeated_line_is_named_with_the_earlier_one(tmp_path: Path) -> None:
    """Blank lines count as lines, a byte order mark and carriage returns do not; other scores are no repetition."""
    text = "\ufeffprobe,reference,mated,a\r\np,r,1,2\r\n\r\np,r,1,3\r\np,q,0,\r\np,q,0,\r\n"
    with pytest.raises(FieldInvalid, match="line 6: it says the same as line 5"):
        read_score_table(_write(tmp_path, text))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    """Binary files and damaged archives, also ones that end too early, end in one sentence."""
    whole = gzip.compress(b"".join(b"probe,reference,mated,%d\n" % n for n in range(1000)))
    changed = whole[:20] + bytes([whole[20] ^ 255]) + whole[21:]
    archives = [b"\x1f\x8b\x08rubbish", b"none", whole[: len(whole) // 2], changed]
    for name, data in (("scores.csv", b"\xff\xfe\x00"), *(("scores.csv.gz", archive) for archive in archives)):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(FieldInvalid, match="cannot be read as CSV"):
            read_score_table(path)


@example(cells=["0\x1f"])
@given(
    cells=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters=',"\r\n'), max_size=6), min_size=1, max_size=5
    )
)
def test_any_cell_is_a_number_missing_or_a_named_fault(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    """Any cell is a finite number, a blank that means missing, or an error that names the line."""
    rows = "".join(f"p{n},r,0,{cell}\n" for n, cell in enumerate(cells))
    path = _write(tmp_path_factory.mktemp("cells"), "probe,reference,mated,a\n" + rows)
    numbers = [_number(cell) for cell in cells]
    if None in numbers:
        with pytest.raises(FieldInvalid, match=f"line {2 + numbers.index(None)}, a"):
            read_score_table(path)
    else:
        np.testing.assert_allclose(numbers, read_score_table(path).scores[:, 0], rtol=1e-6)


def _number(cell: str) -> float | None:
    """The number in a cell, NaN where it is blank, None where it is faulty."""
    if not cell.strip():
        return np.nan
    try:
        return np.clip(float(cell), -3e38, 3e38) if np.isfinite(float(cell)) else None
    except ValueError:
        return None
