from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from biometrics.errors import FieldInvalid
from biometrics.template import Modality, Position
from cli.demo.cohort import Capture
from cli.demo.person_folders import read_folders
from cli.demo.research_sets import COUNT, present, read_research_sets


def touch(folder: Path, *names: str) -> None:
    """Make images."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (64, 64), 90).save(folder / name, "PNG")


def names(captures: tuple[Capture, ...]) -> list[str]:
    """File names."""
    return [capture.path.name for capture in captures]


def test_the_first_file_of_each_position_is_enrolled_and_the_others_are_asked_about(tmp_path: Path) -> None:
    """The n-th further files of all positions form one set of probes; file numbers sort numerically."""
    touch(tmp_path, "ada/face_1.jpg", "ada/face_2.jpg", "ada/face_10.jpg", "ada/left_eye_1.png", "ada/left_eye_2.png")

    (ada,) = read_folders(tmp_path).known

    assert ada.subject_id == "ada"
    assert names(ada.references) == ["face_1.jpg", "left_eye_1.png"]
    assert [names(probe) for probe in ada.probes] == [["face_2.jpg", "left_eye_2.png"], ["face_10.jpg"]]


def test_people_under_strangers_are_not_enrolled(tmp_path: Path) -> None:
    """All files of people under strangers/ are probes, and none is a reference."""
    touch(tmp_path, "ada/face_1.jpg", "strangers/bob/right_index_1.png", "strangers/bob/right_index_2.png")

    cohort = read_folders(tmp_path)
    (bob,) = cohort.strangers

    assert [member.subject_id for member in cohort.known] == ["ada"]
    assert bob.references == ()
    assert [names(probe) for probe in bob.probes] == [["right_index_1.png"], ["right_index_2.png"]]


@pytest.mark.parametrize(
    ("name", "modality", "position"),
    [
        ("face.jpg", Modality.FACE, Position.FACE),
        ("RIGHT_INDEX_3.png", Modality.FINGERPRINT, Position.RIGHT_INDEX),
        ("finger_1.tif", Modality.FINGERPRINT, Position.UNKNOWN),
        ("eye1.bmp", Modality.IRIS, Position.UNKNOWN),
    ],
)
def test_a_file_name_says_the_position(name: str, modality: Modality, position: Position, tmp_path: Path) -> None:
    """A file name gives the position in upper or lower case, with or without a number."""
    touch(tmp_path, f"ada/{name}", "strangers/bob/face.png")

    (capture,) = read_folders(tmp_path).known[0].references

    assert (modality, position) == (capture.modality, capture.position)


def test_a_file_name_without_a_position_is_refused(tmp_path: Path) -> None:
    """The error names the file."""
    touch(tmp_path, "ada/holiday.jpg")

    with pytest.raises(FieldInvalid, match=r"holiday\.jpg"):
        read_folders(tmp_path)


def test_an_unreadable_image_is_refused_by_its_path(tmp_path: Path) -> None:
    """An unreadable image is named by its path before anything is enrolled; a server could not name the path."""
    touch(tmp_path, "ada/face_1.jpg", "ada/face_2.jpg")
    (tmp_path / "ada/face_2.jpg").write_bytes(b"no image")

    with pytest.raises(FieldInvalid, match=r"ada/face_2\.jpg cannot be read"):
        read_folders(tmp_path)


def test_hidden_files_and_folders_named_as_images_are_passed_over(tmp_path: Path) -> None:
    """Hidden files such as `._face_1.jpg`, which file managers write, and folders named as images are ignored."""
    touch(tmp_path, "ada/face_1.jpg", "ada/face_2.jpg", "ada/._face_1.jpg", "ada/face_3.jpg/face_1.jpg")

    (ada,) = read_folders(tmp_path).known

    assert ["face_1.jpg"] == names(ada.references)
    assert [["face_2.jpg"]] == [names(probe) for probe in ada.probes]


def test_a_folder_name_that_is_no_id_is_refused(tmp_path: Path) -> None:
    """The error names the folder."""
    touch(tmp_path, "Ada Lovelace/face_1.jpg", "Ada Lovelace/face_2.jpg")

    with pytest.raises(FieldInvalid, match="the folder Ada Lovelace"):
        read_folders(tmp_path)


def test_nobody_to_be_identified_is_refused(tmp_path: Path) -> None:
    """A cohort without probes is refused, because its trial would always end as expected."""
    touch(tmp_path, "ada/face_1.jpg")

    with pytest.raises(FieldInvalid, match="nobody to be identified"):
        read_folders(tmp_path)


def test_a_directory_without_people_is_refused(tmp_path: Path) -> None:
    """The error says what is expected."""
    with pytest.raises(FieldInvalid, match="folder per person"):
        read_folders(tmp_path)


@pytest.mark.data
def test_the_research_sets_give_20_people_and_20_strangers_without_a_common_source(shared_data: Path) -> None:
    """Known people have a face, a finger and two eyes with two images each; strangers have other sources."""
    cohort = read_research_sets(shared_data)
    enrolled = {_source(each) for member in cohort.known for each in member.references}
    probed = {_source(each) for member in cohort.known for each in member.probes[0]}
    strange = {_source(each) for member in cohort.strangers for each in member.probes[0]}

    assert present(shared_data)
    assert (COUNT, COUNT) == (len(cohort.known), len(cohort.strangers))
    assert {4} == {len(member.references) for member in cohort.known}
    assert 4 * COUNT == len(enrolled)
    assert enrolled == probed
    assert not enrolled & strange


def _source(capture: Capture) -> tuple[Path, str]:
    finger = capture.path.stem.split("_")[0] if capture.modality is Modality.FINGERPRINT else ""
    return capture.path.parent, finger
