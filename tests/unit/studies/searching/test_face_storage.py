"""Face templates in smaller storage formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from biometrics.errors import FieldInvalid
from evaluation.protocol.template_cache import Sample, TemplateCache
from services.face.template.features import MODEL_ID, Embeddings, pack, rounded
from studies.searching.face_storage import SIZES, lines, read, stored

SUBJECTS = np.repeat(np.arange(20).astype(str), 3)


def people(seed: int = 0) -> Embeddings:
    """Three unit vectors of each of 20 simulated people."""
    random = np.random.default_rng(seed)
    vectors = np.repeat(random.standard_normal((20, 128)), 3, axis=0) + random.standard_normal((60, 128))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize(
    ("form", "off"), [("float32", 0.0), ("float16", 3e-4), ("int8, one scale", 0.004), ("int8, a scale each", 0.003)]
)
def test_every_form_keeps_the_vectors(form: str, off: float) -> None:
    """Each format changes the vectors by no more than its rounding."""
    vectors = people()
    assert np.abs(stored(vectors, form) - vectors).max() <= off


def test_one_line_per_form() -> None:
    """The table has the size and error rates of every format; float32 changes no score."""
    cells = [line.strip("| ").split(" | ") for line in lines(people(), SUBJECTS)][1:]
    assert [[name, str(128 * each + beside)] for name, (each, beside) in SIZES.items()] == [each[:2] for each in cells]
    assert "0" == cells[0][2] < cells[1][2] < cells[2][2]
    assert {7} == {len(each) for each in cells}


def test_an_evaluated_folder_is_read(tmp_path: Path) -> None:
    """Templates are read with their subjects, in order; an image without a template is left out."""
    vectors, rows = people(), ["path,subject,position,quality,failure"]
    with TemplateCache(tmp_path / "templates.msgpack") as cache:
        for number, vector in enumerate(vectors):
            rows.append(f"{number}.jpg,{SUBJECTS[number]},FACE,90.0,")
            data = b"" if number == 1 else pack(vector).data
            cache.put(f"{MODEL_ID}|0|None|FACE|{number}.jpg", Sample(data, 90.0, "", 0.1))
    (tmp_path / "samples.csv").write_text("\n".join(rows))
    found, subjects = read(tmp_path)
    assert rounded(np.delete(vectors, 1, axis=0)).tolist() == found.tolist()
    assert np.delete(SUBJECTS, 1).tolist() == subjects.tolist()


def test_another_folder_is_refused(tmp_path: Path) -> None:
    """A folder that `biofusion evaluate` did not write is refused."""
    with pytest.raises(FieldInvalid):
        read(tmp_path)
