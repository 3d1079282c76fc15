"""gallery.cluster.plan: which partitions a shard has, and which shard moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.errors import ConfigurationInvalid
from gallery.cluster.plan import next_move, partitions_of_shards


@given(st.sampled_from([1, 2, 8, 64]), st.data())
def test_every_partition_is_in_one_shard(count: int, data: st.DataObject) -> None:
    """All partitions are distributed in order, evenly to within one."""
    parts = partitions_of_shards(count, data.draw(st.integers(1, count)))
    assert list(range(count)) == [partition for part in parts for partition in part]
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("shard_count", [0, 9])
def test_a_number_of_shards_that_is_refused(shard_count: int) -> None:
    """No shard, or more shards than partitions, is refused by name."""
    with pytest.raises(ConfigurationInvalid, match="Use 1 to 8 shards"):
        partitions_of_shards(8, shard_count)


def test_nothing_moves_while_the_machines_are_even() -> None:
    """A difference of one replica is no reason to move."""
    assert next_move({0: ["a", "b"], 1: ["a", "c"]}, ["a", "b", "c"]) is None
    assert next_move({}, ["a"]) is None
    assert next_move({0: ["a"]}, []) is None


def test_a_new_machine_takes_from_the_fullest() -> None:
    """A shard of the fullest machine moves that has no replica on the emptiest."""
    places = {0: ["b", "c"], 1: ["a", "b"], 2: ["a", "c"], 3: ["a", "d"]}
    assert 1 == next_move(places, ["a", "b", "c", "d", "e"])
    assert next_move({0: ["a", "d"], 1: ["a", "d"]}, ["a", "d", "e"]) == 0


def test_shards_leave_a_machine_that_goes() -> None:
    """Replicas on a machine that leaves, or is gone, move first."""
    places = {0: ["a", "b"], 1: ["b", "c"]}
    assert 1 == next_move(places, ["a", "b", "c"], leaving=["c"])
    assert 1 == next_move(places, ["a", "b"])


@given(st.integers(1, 12), st.integers(2, 5), st.randoms(use_true_random=False))
def test_moves_come_to_an_end(shards: int, machines: int, rng: object) -> None:
    """If every moved shard is placed on the emptiest machines, the machines are even after a few moves."""
    nodes = [f"n{number}" for number in range(machines)]
    places = {shard: ["n0", "n1"] for shard in range(shards)}
    for _ in range(4 * shards):
        moved = next_move(places, nodes)
        if moved is None:
            break
        del places[moved]
        held = {node: sum(node in each for each in places.values()) for node in nodes}
        places[moved] = sorted(nodes, key=lambda node: (held[node], node))[:2]
    assert next_move(places, nodes) is None
