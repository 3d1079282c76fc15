"""Records that state what is not there: refused by name, and no memory is taken for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from biofusion.fusion.v1 import subjects_pb2

from formats.contents import RecordFormat
from infra.models.model_cache import asset
from tests.service.fusion.requests import INVALID, Stub, fields_named, refused
from tests.service.records.requests import record
from tests.support.records import of_pictures as made
from tests.support.records.lying import huge, lying


def request(data: bytes) -> subjects_pb2.CheckQualityRequest:
    """A call with a record."""
    return subjects_pb2.CheckQualityRequest(samples=[record(data)])


def peak_kib() -> int:
    """Most memory of this process since the last reset."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


@pytest.mark.parametrize("name", huge())
def test_huge_pictures(fusion: Stub, name: str) -> None:
    """A picture whose header states four thousand million pixels is refused, and no memory is taken for it."""
    data = huge()[name]
    fusion.subjects.CheckQuality(request(made.face_records(asset("portrait-hopper"))[RecordFormat.ISO_19794_5_2005]))
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = peak_kib()
    code, reason = refused(fusion.subjects.CheckQuality, request(data))
    assert (INVALID, True) == (code, reason in {"IMAGE_TOO_LARGE", "RECORD_MALFORMED", "RECORD_UNSUPPORTED"}), reason
    assert peak_kib() - before < 64 * 1024


@pytest.mark.parametrize("name", lying())
def test_counts_and_lengths_that_lie(fusion: Stub, name: str) -> None:
    """The record is refused as malformed, or its picture as undecodable; the field is the record."""
    code, reason = refused(fusion.subjects.CheckQuality, request(lying()[name]))
    assert INVALID == code
    assert reason in {"RECORD_MALFORMED", "RECORD_UNSUPPORTED", "IMAGE_UNDECODABLE", "IMAGE_TOO_SMALL"}, reason
    assert ["samples[0].record"] == fields_named(fusion.subjects.CheckQuality, request(lying()[name]))
