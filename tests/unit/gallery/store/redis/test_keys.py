"""gallery.store.redis.keys: names of keys, and the identity of a partition."""

from __future__ import annotations

import pytest

from biometrics.errors import ConfigurationInvalid
from biometrics.template import Modality
from gallery.partitions import LARGEST_COUNT
from gallery.store.redis.keys import WHOLE, Identity, Keys, prefix_of

KEYS = Keys("store")


def test_all_keys_of_a_partition_have_its_tag() -> None:
    """The tag is the part in braces, and has four digits, which are enough for the most partitions."""
    assert "{store.p0007}:ids" == KEYS(7, "ids") == KEYS.ids(7, "")
    assert "{store.p4095}:gallery:a" == KEYS.ids(LARGEST_COUNT - 1, "a")
    assert "{store.p0000}:iris:0102" == KEYS.references(0, Modality.IRIS, b"\x01\x02")
    assert "{store}:store" == KEYS(WHOLE, "store")


@pytest.mark.parametrize("namespace", ["", "a{b", "a}"])
def test_a_namespace_that_breaks_the_tag_is_refused(namespace: str) -> None:
    """It must not be empty or contain braces."""
    with pytest.raises(ConfigurationInvalid, match="braces"):
        Keys(namespace)


def test_an_identity_is_read_as_it_was_written() -> None:
    """The value begins with what all partitions have alike, and ends with the epoch."""
    made = Identity.new(128)
    assert made == Identity.read(made.value.encode())
    assert f"{prefix_of(made.store)}.{made.epoch}" == made.value
    assert f"{made.epoch} 00000000 0-0" == made.tail
    assert made.store != Identity.new(128).store


@pytest.mark.parametrize("value", [b"4.a.b", b"2.00000000.00", b"", b"\xff"])
def test_another_schema_version_is_named(value: bytes) -> None:
    """The message has both versions."""
    with pytest.raises(ConfigurationInvalid, match="this program knows 3"):
        Identity.read(value)
