from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest

from biometrics.errors import InvalidInput
from biometrics.template import MissingReason, Modality, Position, Template
from formats.contents import RecordFormat
from fusion.bulk.row import ManifestRow, RowSample
from gallery.subject import Missing

FINGER = {"modality": "FINGERPRINT", "position": "RIGHT_INDEX", "image": "a/f.wsq", "resolution_dpi": 500}


def _parsed(**fields: Any) -> ManifestRow:
    return ManifestRow.parse(json.dumps({"subject_id": "ann", "samples": [FINGER], **fields}).encode())


def test_a_row_with_all_fields() -> None:
    """A row states ids, galleries, expiry, samples of all three kinds and missing positions."""
    template = {"modality": "IRIS", "template": b64encode(b"code").decode(), "model_id": "iris-1", "quality": 80}
    row = _parsed(
        encounter_id="visit-1",
        galleries=["border", "visa"],
        expire_time="2030-01-01T01:00:00+01:00",
        samples=[FINGER, {"record": "b.an2", "format": "ANSI_NIST"}, template],
        missing=[{"modality": "FINGERPRINT", "position": "LEFT_THUMB", "reason": "AMPUTATED"}],
    )

    assert (
        ManifestRow(
            "ann",
            "visit-1",
            ("border", "visa"),
            datetime(2030, 1, 1, tzinfo=UTC),
            (
                RowSample(Modality.FINGERPRINT, Position.RIGHT_INDEX, "a/f.wsq", resolution_dpi=500.0),
                RowSample(None, Position.UNKNOWN, "b.an2", is_record=True, format=RecordFormat.ANSI_NIST),
                RowSample(
                    Modality.IRIS,
                    Position.UNKNOWN,
                    template=Template(Modality.IRIS, "iris-1", b"code"),
                    quality=80.0,
                ),
            ),
            (Missing(Modality.FINGERPRINT, Position.LEFT_THUMB, MissingReason.AMPUTATED),),
        )
        == row
    )


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"subject_id": ""}, "subject_id"),
        ({"subject_id": "a b"}, "subject_id"),
        ({"subject_id": 7}, "subject_id"),
        ({"encounter_id": "/"}, "encounter_id"),
        ({"name": "Ann Example"}, "name"),
        ({"galleries": "border"}, "galleries"),
        ({"galleries": ["b"] * 65}, "galleries"),
        ({"expire_time": "tomorrow"}, "expire_time"),
        ({"expire_time": "2030-01-01T00:00:00"}, "expire_time"),
        ({"samples": []}, "samples"),
        ({"samples": [FINGER] * 65}, "samples"),
        ({"samples": [{}]}, "samples[0]"),
        ({"samples": [{**FINGER, "record": "x"}]}, "samples[0]"),
        ({"samples": [{**FINGER, "modality": "VOICE"}]}, "samples[0].modality"),
        ({"samples": [{**FINGER, "position": "LEFT_EYE"}]}, "LEFT_EYE"),
        ({"samples": [{**FINGER, "resolution_dpi": "500"}]}, "samples[0].resolution_dpi"),
        ({"samples": [{**FINGER, "resolution_dpi": True}]}, "samples[0].resolution_dpi"),
        ({"samples": [{"image": "x"}]}, "samples[0].modality"),
        ({"samples": [{"modality": "IRIS", "template": "*", "model_id": "m"}]}, "samples[0].template"),
        ({"samples": [{"modality": "IRIS", "template": "eA=="}]}, "samples[0].model_id"),
        ({"missing": [{"modality": "IRIS"}]}, "missing[0].reason"),
        ({"missing": ["IRIS"]}, "missing"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], named: str) -> None:
    """The error names the field, and does not show what it holds."""
    with pytest.raises(InvalidInput) as error:
        _parsed(**fields)

    assert named in f"{error.value.message} {error.value.metadata.get('field', '')}"
    assert "Ann Example" not in error.value.message


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"7", b"\xff", b'{"a":' * 100_000])
def test_a_line_that_is_no_object_is_refused(line: bytes) -> None:
    """Whatever a line holds, it is refused as a row."""
    with pytest.raises(InvalidInput):
        ManifestRow.parse(line)
