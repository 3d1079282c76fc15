from __future__ import annotations

from pathlib import Path

import click
import pytest
from biofusion.type.v1 import modality_pb2, record_pb2, sample_pb2

from biometrics.errors import PositionInvalid
from biometrics.template import Modality, Position
from cli.record_types import RecordType
from cli.samples import MissingType, SampleType, require, sample_options, split_spec


@pytest.mark.parametrize(
    ("text", "modality", "expected"),
    [
        ("f.png", Modality.FINGERPRINT, (Position.UNKNOWN, "f.png", None)),
        ("RIGHT_INDEX=f.png", Modality.FINGERPRINT, (Position.RIGHT_INDEX, "f.png", None)),
        ("right_index=f.png@569", Modality.FINGERPRINT, (Position.RIGHT_INDEX, "f.png", 569.0)),
        ("f.png@500", Modality.FINGERPRINT, (Position.UNKNOWN, "f.png", 500.0)),
        ("f@2.png", Modality.FINGERPRINT, (Position.UNKNOWN, "f@2.png", None)),
        ("LEFT=e.png", Modality.IRIS, (Position.LEFT_EYE, "e.png", None)),
        ("RIGHT_EYE=e.png", Modality.IRIS, (Position.RIGHT_EYE, "e.png", None)),
        ("e.png@500", Modality.IRIS, (Position.UNKNOWN, "e.png@500", None)),
        ("../a-b=c.png", Modality.IRIS, (Position.UNKNOWN, "../a-b=c.png", None)),
        ("f.png", Modality.FACE, (Position.FACE, "f.png", None)),
    ],
)
def test_a_sample_is_a_position_a_path_and_a_resolution(
    text: str, modality: Modality, expected: tuple[Position, str, float | None]
) -> None:
    """Position and resolution may be left out; a name without them is not split."""
    position, path, dpi = split_spec(text, modality)

    assert expected == (position, str(path), dpi)


def test_a_file_that_exists_is_taken_by_its_whole_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`LEFT_THUMB=a.png@500` names a file if there is one of that name."""
    monkeypatch.chdir(tmp_path)
    Path("LEFT_THUMB=a.png@500").touch()

    assert (Position.UNKNOWN, Path("LEFT_THUMB=a.png@500"), None) == split_spec(
        "LEFT_THUMB=a.png@500", Modality.FINGERPRINT
    )


@pytest.mark.parametrize(
    ("text", "modality", "named"),
    [("TOE=f.png", Modality.FINGERPRINT, "RIGHT_INDEX"), ("MIDDLE=e.png", Modality.IRIS, "LEFT")],
)
def test_an_unknown_position_is_refused_with_those_that_are_known(text: str, modality: Modality, named: str) -> None:
    """The error lists the positions of the modality."""
    with pytest.raises(click.BadParameter) as refused:
        split_spec(text, modality)

    assert named in refused.value.message


def test_a_position_of_another_modality_is_refused() -> None:
    """A fingerprint with the position of an eye is refused."""
    with pytest.raises(PositionInvalid):
        split_spec("LEFT_EYE=f.png", Modality.FINGERPRINT)


@pytest.mark.parametrize("text", ["missing.png", "f.png@10", "."])
def test_an_unreadable_sample_is_wrong_usage(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing file, a resolution out of range, and a folder are refused before anything is sent."""
    monkeypatch.chdir(tmp_path)
    Path("f.png").write_bytes(b"pixels")

    with pytest.raises(click.BadParameter):
        SampleType(Modality.FINGERPRINT).convert(text, None, None)


def _sent(*words: str) -> list[sample_pb2.Sample]:
    """The samples that a command with the options gets."""
    found: list[sample_pb2.Sample] = []

    @click.command()
    @sample_options
    def command(samples: list[sample_pb2.Sample], missing: object) -> None:
        found.extend(samples)

    command.main(words, standalone_mode=False)
    return found


def test_samples_of_all_options_are_sent_in_order(tmp_path: Path) -> None:
    """Samples are sent in the order face, finger, eye, record, with their bytes, positions, resolution and format."""
    file = tmp_path / "image"
    file.write_bytes(b"pixels")

    sent = _sent("--record", f"ansi_nist={file}", "--finger", f"LEFT_THUMB={file}@512", "--face", str(file))

    assert [
        sample_pb2.Sample(
            modality=modality_pb2.MODALITY_FACE,
            position=modality_pb2.POSITION_FACE,
            image=sample_pb2.Image(data=b"pixels"),
        ),
        sample_pb2.Sample(
            modality=modality_pb2.MODALITY_FINGERPRINT,
            position=modality_pb2.POSITION_LEFT_THUMB,
            image=sample_pb2.Image(data=b"pixels", resolution_dpi=512),
        ),
        sample_pb2.Sample(record=record_pb2.Record(data=b"pixels", format=record_pb2.RECORD_FORMAT_ANSI_NIST)),
    ] == sent


def test_the_format_of_a_record_need_not_be_stated(tmp_path: Path) -> None:
    """A record without a format, also in a file whose name has an equals sign, is sent as it is."""
    file = tmp_path / "a=b.an2"
    file.write_bytes(b"record")

    assert [sample_pb2.Sample(record=record_pb2.Record(data=b"record"))] == _sent("--record", str(file))


@pytest.mark.parametrize("text", ["fax=file", "missing.an2"])
def test_a_record_of_unknown_format_or_without_file_is_refused(text: str) -> None:
    """The format must be known, and the file be there."""
    with pytest.raises(click.BadParameter):
        RecordType().convert(text, None, None)


def test_no_sample_at_all_is_wrong_usage() -> None:
    """At least one of the options is required."""
    with pytest.raises(click.UsageError):
        require([])


@pytest.mark.parametrize(
    ("text", "modality", "position", "reason"),
    [
        ("RIGHT_INDEX=BANDAGED", "FINGERPRINT", "RIGHT_INDEX", "BANDAGED"),
        ("left=damaged", "IRIS", "LEFT_EYE", "DAMAGED"),
        ("FACE=NOT_CAPTURED", "FACE", "FACE", "NOT_CAPTURED"),
        ("FINGER=AMPUTATED", "FINGERPRINT", "UNKNOWN", "AMPUTATED"),
    ],
)
def test_a_missing_position_has_a_reason(text: str, modality: str, position: str, reason: str) -> None:
    """The modality follows from the position."""
    expected = sample_pb2.MissingPosition(
        modality=modality_pb2.Modality.Value(f"MODALITY_{modality}"),
        position=modality_pb2.Position.Value(f"POSITION_{position}"),
        reason=modality_pb2.MissingReason.Value(f"MISSING_REASON_{reason}"),
    )

    assert expected == MissingType().convert(text, None, None)


@pytest.mark.parametrize("text", ["RIGHT_INDEX", "RIGHT_INDEX=", "RIGHT_INDEX=LOST", "TOE=DAMAGED", "=DAMAGED"])
def test_a_missing_position_without_place_or_reason_is_refused(text: str) -> None:
    """Place and reason are both required and must be known."""
    with pytest.raises(click.BadParameter):
        MissingType().convert(text, None, None)
