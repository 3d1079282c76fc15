"""gallery.operations.record: subjects as bytes."""

from __future__ import annotations

import random
from dataclasses import replace

import msgpack  # type: ignore[import-untyped]  # no type hints of its own
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.errors import RecordUnreadable
from gallery.operations.record import pack, unpack
from gallery.subject import Subject
from tests.support.builders import encounter, random_encounter, reference


@settings(deadline=None, database=None)
@given(seed=st.integers(0, 2**32), count=st.integers(0, 4))
def test_a_record_gives_the_subject_back(seed: int, count: int) -> None:
    """Any subject is equal to itself after packing and unpacking."""
    rng = random.Random(seed)
    subject = Subject("anna", ("a", "b"), tuple(random_encounter(rng, f"e{n}") for n in range(count)))
    assert subject == unpack(pack(subject))


def test_a_record_without_new_fields_is_as_before() -> None:
    """Earlier programs read it, and a move that is repeated makes the same requests of it."""
    subject = Subject("anna", ("a",), (encounter(reference([1, 0, 0, 0])),))
    version, _, _, (first,) = msgpack.unpackb(pack(subject))
    assert (1, 5) == (version, len(first))


def test_an_unknown_quality_is_no_measured_0() -> None:
    """Unknown, claimed and measured qualities are told apart, also at 0."""
    one = reference([1.0, 0.0, 0.0, 0.0])
    kinds = [(None, False), (0.0, False), (0.0, True), (80.0, False)]
    references = [replace(one, quality=quality, quality_is_claimed=claimed) for quality, claimed in kinds]
    read = unpack(pack(Subject("anna", ("a",), (encounter(*references),))))
    assert kinds == [(each.quality, each.quality_is_claimed) for each in read.encounters[0].references]


def test_templates_stay_binary() -> None:
    """A template's bytes are in the record unchanged, without an overhead per byte."""
    wanted = reference([0.1, 0.2, 0.3, 0.4])
    record = pack(Subject("anna", ("a",), (encounter(wanted),)))
    assert wanted.template.data in record
    assert len(record) < 16 + 100


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\xc1",
        msgpack.packb(1),
        msgpack.packb([]),
        msgpack.packb([1, "anna"]),
        msgpack.packb([3, "anna", [], []]),
        msgpack.packb([1, "anna", ["a"], [["e1", 0, "SOMETHING", [], []]]]),
        msgpack.packb([1, "anna", ["a"], [["e1", 2**62, "ACTIVE", [], []]]]),
        msgpack.packb([1, "no id!", ["a"], []]),
        msgpack.packb([1, "anna", ["a"], []]) + b"x",
    ],
)
def test_a_record_that_cannot_be_read_is_a_named_error(record: bytes) -> None:
    """Damaged records and those of a newer version raise an error with the same reason."""
    with pytest.raises(RecordUnreadable) as caught:
        unpack(record)
    assert "RECORD_UNREADABLE" == caught.value.reason


def test_every_prefix_of_a_record_is_refused() -> None:
    """A truncated record is never read as another subject."""
    record = pack(Subject("anna", ("a",), (encounter(reference([1, 2, 3, 4])),)))
    for length in range(len(record)):
        with pytest.raises(RecordUnreadable):
            unpack(record[:length])
