"""Statistics of a store."""

from __future__ import annotations

from collections import Counter

from biometrics.template import Modality
from gallery.operations.statistics import model_statistics, statistics
from gallery.store.subject_store import PartitionedStore


async def test_subjects_are_counted_by_gallery_and_partition(people: PartitionedStore) -> None:
    """The counts are those of the enrolments; each partition has some."""
    found = await statistics(people)
    assert (300, {"default": 300, "watch": 100}) == (found.subjects, found.galleries)
    assert 300 == sum(found.partitions)
    assert all(found.partitions)


async def test_references_are_counted_by_model(people: PartitionedStore) -> None:
    """References and bytes per model equal those of the subjects."""
    subjects = (await people.list(1000)).subjects
    references = [each for subject in subjects for own in subject.encounters for each in own.references]
    for modality in (Modality.FINGERPRINT, Modality.IRIS):
        own = [each for each in references if each.modality is modality]
        found = await model_statistics(people, modality)
        assert Counter(each.template.model_id for each in own) == found.references
        assert sum(len(each.template.data) for each in own) == sum(found.data_bytes.values())
        assert 0 == found.unreadable
