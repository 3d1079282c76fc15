from __future__ import annotations

import pytest

from biometrics.errors import ConfigurationInvalid
from gallery.partitions import check_count, partition_of


def test_a_subjects_partition_never_changes() -> None:
    """The partition of an id is fixed for good, as stored subjects are looked for in it; halves of it are nested."""
    assert [56, 52, 62, 50] == [partition_of(each, 64) for each in ("anna", "ben", "7", "A-b_c.d:e")]
    assert all(partition_of(str(n), 4096) % 64 == partition_of(str(n), 64) for n in range(100))


def test_partitions_have_equal_shares() -> None:
    """Of 64,000 ids every one of 64 partitions has 1000, give or take five standard deviations."""
    counts = [0] * 64
    for number in range(64_000):
        counts[partition_of(f"subject-{number}", 64)] += 1
    assert max(abs(count - 1000) for count in counts) < 5 * 1000**0.5


@pytest.mark.parametrize("count", [-1, 0, 3, 65, 8192])
def test_other_numbers_of_partitions_are_refused(count: int) -> None:
    """Only powers of two up to 4096 are accepted."""
    with pytest.raises(ConfigurationInvalid, match="power of two"):
        check_count(count)
    assert 4096 == check_count(4096)
