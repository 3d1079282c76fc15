"""Writing and reading scores.csv.gz, exact to the last bit."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from biometrics.errors import FieldInvalid
from evaluation.data import scores as module
from evaluation.data.formats import Pairs
from evaluation.data.scores import read_scores, write_scores


def pairs(*rows: tuple[int, int, bool]) -> Pairs:
    """Pairs from rows of probe, reference, mated."""
    probe, reference, mated = zip(*rows, strict=True)
    return Pairs(np.array(probe, np.int32), np.array(reference, np.int32), np.array(mated))


def test_the_file_reads_as_documented(tmp_path):
    """Names with commas are quoted, mated is 0 or 1, a missing score is an empty cell."""
    path = tmp_path / "scores.csv.gz"
    column = np.array([0.3, np.nan], np.float32)
    write_scores(path, ["a.png", "b,c.png"], pairs((0, 1, True), (1, 0, False)), {"test-1": column}, lambda *_: None)

    text = gzip.decompress(path.read_bytes()).decode()
    assert 'probe,reference,mated,test-1\na.png,"b,c.png",1,0.3\n"b,c.png",a.png,0,\n' == text
    assert [path] == list(tmp_path.iterdir())


def test_scores_come_back_to_the_last_bit(tmp_path, monkeypatch):
    """Float32 scores of any size, written in several chunks, are read back equal; progress ends at the total."""
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 300)
    random = np.random.default_rng(1)
    column = (random.normal(size=1000) * 10.0 ** random.integers(-30, 30, 1000)).astype(np.float32)
    column[::97] = np.nan
    wanted = pairs(*((int(n), int(n) + 1, bool(n % 3)) for n in range(1000)))
    steps = []
    path = tmp_path / "scores.csv.gz"
    write_scores(
        path, [f"{n}.png" for n in range(1001)], wanted, {"x": column, "y": -column}, lambda *step: steps.append(step)
    )
    names, found, scores = read_scores(path, "y")

    assert [(300, 1000), (600, 1000), (900, 1000), (1000, 1000)] == steps
    np.testing.assert_array_equal(-column, scores.astype(np.float32))
    assert wanted.mated.tolist() == found.mated.tolist()
    assert [f"{n}.png" for n in wanted.probe] == [names[n] for n in found.probe]
    assert [f"{n}.png" for n in wanted.reference] == [names[n] for n in found.reference]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, probe: the column is missing"),
        ("probe,reference,mated,y\n", "line 1, x: the column is missing"),
        ("probe,reference,mated,x\na,b,1,0.5\na,b,1,high\n", "line 3, x: a value"),
        ("probe,reference,mated,x\na,b,2,0.5\n", "line 2, x: a value"),
        ("probe,reference,mated,x\na,b,1\n", "line 2, x: a value"),
    ],
)
def test_faults_name_their_line(tmp_path, text, message):
    """A plain CSV is read too, and a fault in it is refused with its line."""
    path = tmp_path / "scores.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FieldInvalid, match=message):
        read_scores(path, "x")


def test_a_byte_order_mark_and_blank_lines_are_passed_over(tmp_path):
    """Scores that a spreadsheet wrote are read."""
    path = tmp_path / "scores.csv"
    path.write_bytes(b"\xef\xbb\xbfprobe,reference,mated,x\r\na,b,1,0.5\r\n\r\n")
    names, pairs, scores = read_scores(path, "x")

    assert (["a", "b"], [True], [0.5]) == (names, pairs.mated.tolist(), scores.tolist())


def test_an_archive_with_a_changed_byte_is_refused(tmp_path):
    """Damage inside the compressed data is named as unreadable."""
    data = bytearray(gzip.compress(b"".join(b"probe,reference,mated,%d\n" % n for n in range(1000))))
    data[20] ^= 255
    path = tmp_path / "scores.csv.gz"
    path.write_bytes(data)
    with pytest.raises(FieldInvalid, match="cannot be read"):
        read_scores(path, "x")


@pytest.mark.parametrize("keep", [0.5, 0.0])
def test_a_damaged_archive_is_refused(tmp_path, keep):
    """A truncated gzip file, or bytes that are no gzip file, are named as unreadable."""
    whole = gzip.compress(b"probe,reference,mated,x\n" + b"a,b,1,0.5\n" * 1000)
    path = tmp_path / "scores.csv.gz"
    path.write_bytes(whole[: int(len(whole) * keep)] or b"none")
    with pytest.raises(FieldInvalid, match="cannot be read"):
        read_scores(path, "x")
