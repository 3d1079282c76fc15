"""Records, slaps, exports and quality on the command line."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from biometrics.template import Position
from cli.subjects.encounter_export import FORMATS
from formats.contents import RecordFormat
from formats.read import read
from tests.support.records import of_pictures as made
from tests.support.records.image_records import fir_2011

Command = Callable[..., Result]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, shadowed: str) -> Path:
    """Records of a right index finger, a slap of a right hand, and what is no record."""
    assert shadowed
    folder = tmp_path_factory.mktemp("records")
    (folder / "index.fir").write_bytes(fir_2011(made.raw(made.finger(1), 2)))
    (folder / "again.an2").write_bytes(made.nist_prints((Position.RIGHT_INDEX, made.finger(2))))
    (folder / "slap.png").write_bytes(made.encoded(made.slap().gray, dpi=(500, 500)))
    (folder / "index.png").write_bytes(made.encoded(made.finger(1)))
    (folder / "text.fir").write_text("no record")
    return folder


@pytest.fixture
def enrolled(command: Command, folder: Path) -> str:
    """A subject whose index finger came in a record."""
    subject = f"r-{uuid.uuid4()}"
    done = command("enroll", subject, "--record", folder / "index.fir")
    assert done.exit_code == 0, done.output
    return subject


def test_a_record_is_enrolled_and_verified(command: Command, folder: Path, enrolled: str) -> None:
    """A record of another format is a match; its format may be stated; a wrong one is refused."""
    for value in ("again.an2", "ANSI_NIST={}/again.an2"):
        path = value.format(folder) if "=" in value else folder / value
        result = command("verify", enrolled, "--record", path)
        assert (0, True) == (result.exit_code, result.stdout.startswith("MATCH")), result.output
    wrong = command("verify", enrolled, "--record", f"ISO_19794_4_2005={folder / 'index.fir'}")
    assert (3, True) == (wrong.exit_code, "ISO_19794_4_2011" in wrong.stderr)


def test_values_that_are_refused(command: Command, folder: Path) -> None:
    """An unknown format, no such file, what is no record, and slaps of unknown fingers or resolution."""
    for words, said in (
        (("--record", f"ISO_1={folder / 'index.fir'}"), "is no format of records"),
        (("--record", folder / "none.fir"), "cannot be read"),
        (("--record", folder / "text.fir"), "no record that is read"),
        (("--slap", folder / "slap.png"), "is no slap"),
        (("--slap", f"RIGHT_FOUR={folder / 'none.png'}"), "cannot be read"),
        (("--slap", f"RIGHT_FOUR={folder / 'slap.png'}@many"), "is no resolution"),
    ):
        result = command("quality", *words)
        assert (3, True) == (result.exit_code, said in result.output), result.output


def test_a_slap(command: Command, folder: Path) -> None:
    """Four fingers are reported and enrolled, and one of them is verified by a single print."""
    subject = f"s-{uuid.uuid4()}"
    slap = ("--slap", f"right_four={folder / 'slap.png'}@500")
    checked = command("quality", *slap)
    assert 0 == checked.exit_code, checked.output
    assert all(f"RIGHT_{name}" in checked.stdout for name in ("INDEX", "MIDDLE", "RING", "LITTLE"))
    assert "500 dpi (STATED)" in checked.stdout
    assert 0 == command("enroll", subject, *slap).exit_code
    assert 0 == command("verify", subject, "--finger", f"RIGHT_INDEX={folder / 'index.png'}").exit_code


def test_quality_exits_with_1_if_a_sample_is_not_sufficient(command: Command, folder: Path) -> None:
    """Why not is said in a sentence; nothing is stored, and a missing position has no quality."""
    result = command("quality", "--record", folder / "index.fir", "--face", folder / "index.png")
    assert (1, True) == (result.exit_code, "no face" in result.stdout.lower()), result.output
    assert 3 == command("quality", "--missing", "RIGHT_INDEX=BANDAGED").exit_code


def test_skipping_what_cannot_be_used(command: Command, folder: Path) -> None:
    """With --skip-unusable the finger is enrolled without the face; else nothing is."""
    words = ("enroll", f"k-{uuid.uuid4()}", "--record", folder / "index.fir", "--face", folder / "index.png")
    assert 4 == command(*words).exit_code
    answer = json.loads(command(*words, "--skip-unusable", "--encounter", "mine", "--json").stdout)
    assert ("mine", ["MODALITY_FACE"]) == (answer["encounterId"], [each["modality"] for each in answer["missing"]])


@pytest.mark.parametrize("name", FORMATS)
def test_exports(command: Command, enrolled: str, tmp_path: Path, name: str) -> None:
    """A record of each format is written, and is one of this format."""
    out = tmp_path / "record"
    result = command("encounter", "export", enrolled, "--format", name, "--out", out)
    assert (0, True) == (result.exit_code, f"Wrote {out}" in result.stdout), result.output
    expected = Position.UNKNOWN if "CARD" in name else Position.RIGHT_INDEX
    assert [expected] == [each.position for each in read(out.read_bytes(), RecordFormat(name)).samples]


def test_a_card_for_each_finger(command: Command, folder: Path, tmp_path: Path) -> None:
    """Each finger gets a file with its name, and two prints of one finger get two."""
    subject = f"c-{uuid.uuid4()}"
    prints = ("--finger", f"RIGHT_INDEX={folder / 'index.png'}") * 2
    command("enroll", subject, *prints, "--finger", f"LEFT_RING={folder / 'index.png'}")
    result = command("encounter", "export", subject, "--format", "compact_card", "--out", tmp_path / "card.bin")
    assert 0 == result.exit_code, result.output
    names = ["card-left_ring.bin", "card-right_index-2.bin", "card-right_index.bin"]
    assert names == sorted(each.name for each in tmp_path.iterdir())
    one = ("--format", "compact_card", "--position", "left_ring", "--most", "20", "--out", tmp_path / "one.bin")
    assert 0 == command("encounter", "export", subject, *one).exit_code
    assert 60 >= len((tmp_path / "one.bin").read_bytes())


def test_exports_need_a_file_or_json(command: Command, enrolled: str, tmp_path: Path) -> None:
    """The record is printed as JSON without a file; with neither the call is refused; a subject must exist."""
    printed = json.loads(command("encounter", "export", enrolled, "--json").stdout)
    assert "RECORD_FORMAT_ISO_19794_2_2011" == printed["records"][0]["format"]
    assert 3 == command("encounter", "export", enrolled).exit_code
    assert 4 == command("encounter", "export", "nobody", "--out", tmp_path / "x").exit_code
