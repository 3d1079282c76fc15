"""Registers of a backend: keys that must be destroyed, snapshots, fusion models."""

from __future__ import annotations

from dataclasses import replace

from biometrics.template import Modality
from gallery.store.backend import Backend, Outcome, SnapshotRow, StoreIdentity
from gallery.store.tokens import FeedPosition
from tests.support.stores.backend_writes import erasure, ids_by_partition, put, request


def snapshot(position: FeedPosition, name: str = "n1", modality: Modality = Modality.FACE) -> SnapshotRow:
    """A snapshot at a position; its key is named as itself."""
    return SnapshotRow(position.partition, modality, name, f"key {name}".encode(), position, b"details")


async def newest(backend: Backend, partition: int) -> FeedPosition:
    """The newest position of a partition."""
    (found,) = await backend.newest([partition])
    return found


async def test_keys_to_destroy_are_remembered_until_they_are_destroyed(
    backend: Backend, identity: StoreIdentity
) -> None:
    """Keys come oldest first with their partition, and each is forgotten for itself."""
    (first,), (second,), *_ = ids_by_partition(identity, 1).values()
    for name, slots in ((first, [b"a", b"b"]), (second, [b"a"])):
        await backend.write(put(identity, name))
        await backend.write(erasure(identity, name, key_slots=slots))
    assert [(0, b"a"), (0, b"b"), (1, b"a")] == list(await backend.key_slots())
    await backend.forget_key_slots(0, [b"a", b"unknown"])
    assert [(0, b"b"), (1, b"a")] == list(await backend.key_slots())
    assert [(1, b"a")] == list(await backend.key_slots([1, 2]))


async def test_a_refused_erasure_names_no_keys(backend: Backend, identity: StoreIdentity) -> None:
    """A write that is not carried out, or was carried out before, leaves no key to destroy."""
    await backend.write(erasure(identity, "nobody", key_slots=[b"a"]))
    await backend.write(put(identity, "anna"))
    await backend.write(erasure(identity, "anna", key_slots=[b"b"], of=request("r")))
    await backend.forget_key_slots(identity.key("anna").partition, [b"b"])
    await backend.write(erasure(identity, "anna", key_slots=[b"b"], of=request("r")))
    assert [] == list(await backend.key_slots())


async def test_snapshots_are_registered_newest_first(backend: Backend, identity: StoreIdentity) -> None:
    """Snapshots are listed by partition and modality with all their fields."""
    one, two = await newest(backend, 1), await newest(backend, 2)
    rows = [
        snapshot(one, "n1"),
        snapshot(two, "n2"),
        snapshot(one, "n3"),
        snapshot(one, "n4", Modality.IRIS),
    ]
    assert [True] * 4 == [await backend.put_snapshot(each) for each in rows]
    found = await backend.snapshots(Modality.FACE, [1, 2])
    assert [rows[2], rows[0]] == [each for each in found if each.partition == 1]
    assert [rows[1]] == [each for each in found if each.partition == 2]
    assert [rows[3]] == list(await backend.snapshots(Modality.IRIS, [1]))
    assert [] == list(await backend.snapshots(Modality.FACE, [0]))
    assert identity.partition_count == 4


async def test_a_dropped_snapshot_leaves_its_key_to_destroy(backend: Backend) -> None:
    """Only the named snapshot is removed."""
    position = await newest(backend, 1)
    rows = [snapshot(position, "n1"), snapshot(position, "n2")]
    for each in rows:
        await backend.put_snapshot(each)
    await backend.drop_snapshot(rows[0])
    assert [rows[1]] == list(await backend.snapshots(Modality.FACE, [1]))
    assert [(1, b"key n1")] == list(await backend.key_slots())


async def test_an_erasure_removes_the_snapshots_of_its_partition(backend: Backend, identity: StoreIdentity) -> None:
    """They hold the subject, so their keys must be destroyed too; those of other partitions stay."""
    (first,), *_ = ids_by_partition(identity, 1).values()
    await backend.write(put(identity, first))
    rows = [snapshot(await newest(backend, 0), "n1"), snapshot(await newest(backend, 1), "n2")]
    for each in rows:
        await backend.put_snapshot(each)
    await backend.write(erasure(identity, first, key_slots=[b"own"]))
    assert [rows[1]] == list(await backend.snapshots(Modality.FACE, [0, 1]))
    assert {(0, b"own"), (0, b"key n1")} == set(await backend.key_slots())


async def test_a_snapshot_from_before_an_erasure_is_refused(backend: Backend, identity: StoreIdentity) -> None:
    """A snapshot begun before an erasure may hold the subject; one begun after it, or before an enrolment, is taken."""
    (first, second), *_ = ids_by_partition(identity, 2).values()
    await backend.write(put(identity, first))
    before = await newest(backend, 0)
    await backend.write(erasure(identity, first))
    after = await newest(backend, 0)
    await backend.write(put(identity, second))
    assert [False, True] == [await backend.put_snapshot(snapshot(each)) for each in (before, after)]
    assert [snapshot(after)] == list(await backend.snapshots(Modality.FACE, [0]))


async def test_a_snapshot_of_another_history_is_refused(backend: Backend, identity: StoreIdentity) -> None:
    """A position with another mark, or of an older epoch, is not in the feed."""
    (first,), *_ = ids_by_partition(identity, 1).values()
    await backend.write(put(identity, first))
    position = await newest(backend, 0)
    assert not await backend.put_snapshot(snapshot(replace(position, mark="0badbad0")))
    await backend.renew_epochs([position])
    assert not await backend.put_snapshot(snapshot(position))
    assert [] == list(await backend.snapshots(Modality.FACE, [0]))


async def test_fusion_models_are_stored_replaced_and_removed(backend: Backend) -> None:
    """A model has the text that was stored last, until it is removed."""
    assert None is await backend.model("m1")
    for text in ("one", "two"):
        assert Outcome.WRITTEN is (await backend.put_model("m1", text, request())).outcome
    assert "two" == await backend.model("m1")
    assert Outcome.WRITTEN is (await backend.put_model("m1", "", request())).outcome
    assert None is await backend.model("m1")
    written = await backend.put_model("m1", "", request())
    assert (Outcome.CHANGED, None) == (written.outcome, written.position)


async def test_a_request_for_a_model_is_carried_out_once(backend: Backend) -> None:
    """Its repetition changes nothing, and the position of partition 0 is not advanced."""
    before = await newest(backend, 0)
    first = await backend.put_model("m1", "one", request("r"))
    await backend.put_model("m1", "two", request())
    again = await backend.put_model("m1", "one", request("r", "other"))
    assert (Outcome.DONE, before, request("r").content) == (again.outcome, again.position, again.content)
    assert (before, "two") == (first.position, await backend.model("m1"))
    assert before == await newest(backend, 0)


async def test_ids_of_models_come_in_order(backend: Backend) -> None:
    """Pages of ids follow one another."""
    for name in ("m3", "m1", "m2"):
        await backend.put_model(name, "text", request())
    assert (["m1", "m2"], ["m3"]) == (await backend.model_ids("", 2), await backend.model_ids("m2", 2))
