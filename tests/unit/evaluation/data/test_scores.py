"""Writing and reading scores.csv.gz, exact to the last bit."""

from __future__ import annotations

import gzip

import numpy as np

from evaluation.data import scores as module
from evaluation.data.pairs_csv import Pairs
from evaluation.data.score_table_reader import read_score_table
from evaluation.data.scores import write_scores


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
    found = read_score_table(path)

    assert [(300, 1000), (600, 1000), (900, 1000), (1000, 1000)] == steps
    np.testing.assert_array_equal(-column, found.scores[:, 1])
    assert wanted.mated.tolist() == found.mated.tolist()
    assert [f"{n}.png" for n in wanted.probe] == [found.names[n] for n in found.probe]
    assert [f"{n}.png" for n in wanted.reference] == [found.names[n] for n in found.reference]
