from __future__ import annotations

from pathlib import Path

import pytest

from biometrics.errors import FieldInvalid
from formats.contents import RecordFormat
from fusion.bulk import folder
from fusion.bulk.folder import files, parts, row_of


def _made(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"record")
    return root


def test_files_are_found_in_order_and_after_any_of_them(tmp_path: Path) -> None:
    """Records of the folder and of its folders come in one order; hidden files do not."""
    root = _made(tmp_path, "bob.an2", "ann/2.xml", "ann/1.xml", ".hidden", "ann/.x", "ann.an2", "cyd/1.fir")
    expected = ["ann/1.xml", "ann/2.xml", "ann.an2", "bob.an2", "cyd/1.fir"]

    assert expected == list(files(root, ""))
    for number, name in enumerate(expected):
        assert expected[number + 1 :] == list(files(root, name))


def test_a_single_record_is_a_source(tmp_path: Path) -> None:
    """A file stands for itself."""
    root = _made(tmp_path, "ann.an2")

    assert ["ann.an2"] == list(files(root / "ann.an2", ""))
    assert [] == list(files(root / "ann.an2", "ann.an2"))


def test_parts_hold_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part ends at its number of files, or of bytes of their names."""
    monkeypatch.setattr(folder, "FILES", 2)
    monkeypatch.setattr(folder, "NAME_BYTES", 12)
    root = _made(tmp_path, "a", "b", "c", "dddddd", "e", "ffffffffff")

    assert [["a", "b"], ["c", "dddddd"], ["e"], ["ffffffffff"]] == list(parts(root, ""))


def test_a_path_names_subject_and_encounter() -> None:
    """The folder is the subject and the file the encounter; without a folder the file is the subject."""
    nested, flat = row_of("ann/visit-1.an2", RecordFormat.ANSI_NIST), row_of("ann.b.an2", None)

    assert ("ann", "visit-1") == (nested.subject_id, nested.encounter_id)
    assert ("ann.b", "") == (flat.subject_id, flat.encounter_id)
    assert RecordFormat.ANSI_NIST is nested.samples[0].format


@pytest.mark.parametrize("path", ["Ann Example.an2", "ann/visit 1.an2", "-.an2"])
def test_a_name_that_is_no_id_is_refused(path: str) -> None:
    """A file whose name cannot be an id is refused without its name in the message."""
    with pytest.raises(FieldInvalid) as error:
        row_of(path, None)

    assert "Example" not in error.value.message
