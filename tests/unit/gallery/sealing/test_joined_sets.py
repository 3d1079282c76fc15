from __future__ import annotations

import random

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biometrics.errors import RecordUnreadable
from biometrics.template import Modality
from gallery.references import POSITION_ORDER
from gallery.sealing.joined_sets import JoinedSets
from gallery.sealing.key_table import KeyRef
from gallery.sealing.sealed_set import ENTRY, HEAD, Place, seal
from tests.support.builders import random_reference, reference

KEY = bytes(range(32))
PLACE = Place(1, bytes(16), 0, Modality.FINGERPRINT)


def made(entries: bytes, models: bytes, data: bytes) -> bytes:
    """A set with any content, sealed as a program with a fault might."""
    clear = HEAD.pack(1, len(entries) // ENTRY.size, len(models), 0, 0, bytes(12)) + entries + models
    return clear + AESGCM(KEY).encrypt(bytes(12), data, PLACE.packed + clear)


def test_columns_are_the_references_of_all_sets() -> None:
    """Owners, positions, models and templates of many sets are those that were sealed, in their order."""
    rng, sets, wanted = random.Random(1), JoinedSets(), []
    for owner in range(40):
        own = [random_reference(rng) for _ in range(rng.randrange(1, 6))]
        sets.add(owner, seal(own, PLACE, KeyRef(0, 0), KEY), PLACE.packed, KEY)
        wanted += [(owner, each) for each in own]
    found, bad = sets.columns()
    assert set() == bad
    assert [owner for owner, _ in wanted] == found.owners.tolist()
    assert [POSITION_ORDER[each.position] for _, each in wanted] == found.positions.tolist()
    assert [each.template.model_id for _, each in wanted] == [found.model_ids[number] for number in found.models]
    assert [each.template.data for _, each in wanted] == list(found.templates)


def test_no_sets_have_no_references() -> None:
    """Nothing joined is columns of length 0."""
    found, bad = JoinedSets().columns()
    assert (0, 0, 0, [], set()) == (found.owners.size, found.models.size, len(found.templates), found.model_ids, bad)


@pytest.mark.parametrize(
    "sealed",
    [
        made(ENTRY.pack(99, 0, 0, 1, 0.0), b"\x01\x00m", b"x"),
        made(ENTRY.pack(1, 1, 0, 1, 0.0), b"\x01\x00m", b"x"),
        made(ENTRY.pack(1, 0, 0, 2, 0.0), b"\x01\x00m", b"x"),
        made(ENTRY.pack(1, 0, 0, 0, 0.0), b"\x01\x00m", b""),
        made(ENTRY.pack(1, 0, 0, 1, 0.0), b"\x01\x00\xff", b"x"),
        made(ENTRY.pack(1, 0, 0, 1, 0.0), b"", b"x"),
    ],
    ids=["position", "model", "size", "empty", "name", "no name"],
)
def test_only_the_owner_of_a_wrong_value_is_named(sealed: bytes) -> None:
    """A value that no reference can have marks its own subject and no other."""
    sets = JoinedSets()
    good = seal([reference([1, 2, 3, 4])], PLACE, KeyRef(0, 0), KEY)
    for owner, each in enumerate([good, sealed, good]):
        sets.add(owner, each, PLACE.packed, KEY)
    assert {1} == sets.columns()[1]


def test_sets_are_dropped_from_the_end() -> None:
    """The sets of a subject of which one cannot be opened are left out together."""
    sets, good = JoinedSets(), seal([reference([1, 2, 3, 4])], PLACE, KeyRef(0, 0), KEY)
    sets.add(0, good, PLACE.packed, KEY)
    sets.add(1, good, PLACE.packed, KEY)
    with pytest.raises(RecordUnreadable):
        sets.add(1, good[:-1], PLACE.packed, KEY)
    sets.drop_after(1)
    assert [0] == sets.columns()[0].owners.tolist()
