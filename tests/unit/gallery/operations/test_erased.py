"""What shows that a subject is erased, and what is done after a restore."""

from __future__ import annotations

import copy

import pytest

from biometrics.errors import ConfigurationInvalid, StoreSetBack
from gallery.operations.erased import erased
from gallery.operations.reconcile import Acknowledged, acknowledged_from, reconcile
from gallery.operations.verify import verify
from gallery.store.subject_store import PartitionedStore
from tests.support.builders import enrolment


async def test_an_erased_subject_is_shown_to_be_erased(people: PartitionedStore) -> None:
    """Before the erasure every place has the subject; after it none does, and a copy cannot be opened."""
    backup = PartitionedStore(copy.deepcopy(people.backend), people.table, people.encryption)
    before = [each.what for each in await erased(people, "s012", backup) if not each.is_erased]
    assert ["records", "list of", "change ", "copy: i"] == [each[:7] for each in before]
    await people.delete("s012", "r1", "d")
    after = await erased(people, "s012", backup)
    assert all(each.is_erased for each in after)
    assert "cannot be opened" in after[-1].what


async def test_a_restored_backup_does_not_bring_back_the_erased(people: PartitionedStore) -> None:
    """With templates from before an erasure reads find nobody; verification names the rest, reconciling removes it."""
    backup = copy.deepcopy(people.backend)
    await people.delete("s012", "r1", "d")
    restored = PartitionedStore(backup, people.table, people.encryption)
    assert {} == await restored.get_many(["s012"])
    assert "s012" not in [each.subject_id for each in (await restored.list(1000)).subjects]
    assert ["s012"] == (await verify(restored)).erased
    result = await reconcile(restored, set_back=True)
    assert (["s012"], 4) == (result.removed, result.epochs)
    assert ([], [], 299) == ((found := await verify(restored)).findings, found.erased, await restored.count())


async def test_lost_writes_are_found(people: PartitionedStore) -> None:
    """Acknowledged writes that a restore has lost are listed, others not; older tokens are refused afterwards."""
    kept = await people.enroll(enrolment("kept"))
    backup = copy.deepcopy(people.backend)
    lost = await people.enroll(enrolment("lost"))
    restored = PartitionedStore(backup, people.table, people.encryption)
    writes = [Acknowledged("kept", kept.token), Acknowledged("lost", lost.token)]
    result = await reconcile(restored, writes, set_back=True)
    assert [writes[1]] == result.lost
    with pytest.raises(StoreSetBack):
        await restored.check(kept.token)


def test_acknowledged_writes_are_read_from_lines() -> None:
    """Both spellings of JSON are read, and a line that is something else is named by its number."""
    lines = ['{"subject_id": "a", "consistency_token": "t"}', '{"subjectId": "b", "consistencyToken": "u"}']
    assert [Acknowledged("a", "t"), Acknowledged("b", "u")] == acknowledged_from(lines)
    with pytest.raises(ConfigurationInvalid, match="Line 2"):
        acknowledged_from([lines[0], "x"])
