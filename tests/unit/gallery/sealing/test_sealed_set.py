from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.errors import RecordUnreadable
from biometrics.template import Modality, Position
from gallery.sealing.key_table import KeyRef
from gallery.sealing.sealed_set import ENTRY, HEAD, Place, described, opened, seal
from gallery.subject import Reference
from tests.support.builders import random_reference, reference

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
REF = KeyRef.of(7, 3, KEY)
PLACE = Place(5, bytes(range(16)), 2, Modality.FINGERPRINT)
MARK = bytes.fromhex("00004040")
ONE = reference([3.0, 3.0, 3.0, 3.0])
QUICK = settings(deadline=None, database=None)


def prints(seed: int, count: int) -> list[Reference]:
    """References of fingers, of several models."""
    rng = random.Random(seed)
    found = (random_reference(rng) for _ in range(1000))
    return [each for each in found if each.modality is Modality.FINGERPRINT][:count]


@QUICK
@given(st.integers(0, 2**32), st.integers(1, 30))
def test_a_set_gives_its_references_back(seed: int, count: int) -> None:
    """References are equal to themselves after sealing and opening, in their order."""
    wanted = prints(seed, count)
    sealed = seal(wanted, PLACE, REF, KEY)
    assert tuple(wanted) == opened(sealed, PLACE, KEY).references(Modality.FINGERPRINT)
    assert [(each.template.model_id, len(each.template.data)) for each in wanted] == described(sealed)


def test_qualities_are_told_apart() -> None:
    """Unknown, claimed and measured qualities are told apart, also at 0."""
    kinds = [(None, False), (0.0, False), (0.0, True), (80.25, False)]
    wanted = [replace(ONE, quality=quality, quality_is_claimed=claimed) for quality, claimed in kinds]
    found = opened(seal(wanted, PLACE, REF, KEY), PLACE, KEY).references(Modality.FINGERPRINT)
    assert kinds == [(each.quality, each.quality_is_claimed) for each in found]


def test_no_template_is_readable_in_a_sealed_set() -> None:
    """The sealed bytes hold no part of a template, and two sets of one template have nothing in common but the head."""
    first, second = (seal([ONE] * 50, PLACE, REF, KEY) for _ in range(2))
    assert MARK in ONE.template.data
    assert MARK not in first
    clear = HEAD.size + 50 * ENTRY.size + 2 + len(ONE.template.model_id)
    assert not {first[clear:][at : at + 8] for at in range(800)} & {second[clear:][at : at + 8] for at in range(800)}


@pytest.mark.parametrize(
    "other",
    [
        replace(PLACE, partition=6),
        replace(PLACE, name=bytes(16)),
        replace(PLACE, number=3),
        replace(PLACE, modality=Modality.IRIS),
    ],
)
def test_a_moved_set_is_refused(other: Place) -> None:
    """A set of another partition, subject, encounter or modality cannot be opened."""
    sealed = seal([ONE], PLACE, REF, KEY)
    with pytest.raises(RecordUnreadable, match="another subject"):
        opened(sealed, other, KEY)


def test_another_key_is_refused() -> None:
    """A set that is sealed with another key cannot be opened."""
    with pytest.raises(RecordUnreadable, match="another key"):
        opened(seal([ONE], PLACE, REF, KEY), PLACE, OTHER_KEY)


@pytest.mark.parametrize("field", ["position", "model", "flags", "size", "quality"])
def test_a_changed_position_model_or_quality_is_refused(field: str) -> None:
    """The clear fields of a reference are bound to its ciphertext."""
    two = [ONE, replace(ONE, position=Position.LEFT_INDEX, template=replace(ONE.template, model_id="vector-0"))]
    sealed = bytearray(seal(two, PLACE, REF, KEY))
    at = HEAD.size + {"position": 0, "model": 1, "flags": 2, "size": 4, "quality": 8 + 7}[field]
    sealed[at] ^= 1
    with pytest.raises(RecordUnreadable):
        opened(bytes(sealed), PLACE, KEY)


def test_every_prefix_is_refused() -> None:
    """A truncated set is never opened, whatever is missing."""
    sealed = seal([ONE, ONE], PLACE, REF, KEY)
    for length in range(len(sealed)):
        with pytest.raises(RecordUnreadable):
            opened(sealed[:length], PLACE, KEY)


@QUICK
@given(st.data())
def test_a_flipped_bit_is_refused(data: st.DataObject) -> None:
    """A set with any bit flipped raises RecordUnreadable, never another error."""
    sealed = bytearray(seal(prints(1, 3), PLACE, REF, KEY))
    at = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[at // 8] ^= 1 << at % 8
    with pytest.raises(RecordUnreadable):
        opened(bytes(sealed), PLACE, KEY).references(Modality.FINGERPRINT)


@QUICK
@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused(sealed: bytes) -> None:
    """Bytes that are no set raise RecordUnreadable, never another error."""
    with pytest.raises(RecordUnreadable):
        opened(sealed, PLACE, KEY)


def test_a_newer_version_is_told() -> None:
    """A set of a newer version says so."""
    sealed = b"\x02" + seal([ONE], PLACE, REF, KEY)[1:]
    for read in (lambda: opened(sealed, PLACE, KEY), lambda: described(sealed)):
        with pytest.raises(RecordUnreadable, match="version 2"):
            read()


def test_a_set_shows_no_template() -> None:
    """The repr of an opened set has no biometric data."""
    assert "@@" not in repr(opened(seal([ONE], PLACE, REF, KEY), PLACE, KEY))
