"""Pages of references, as a store hands them to an index, made of subjects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality
from gallery.index.content import IndexContent
from gallery.partitions import partition_of
from gallery.references import NAME_BYTES, POSITION_ORDER, ReferencePage
from gallery.store.keyed_names import SIZE, subject_name
from gallery.subject import Subject
from tests.support.fakes.comparators import VectorComparator, VectorStack

NAME_KEY = bytes(SIZE)


def name_of(subject_id: str) -> bytes:
    """The subject's name under `NAME_KEY`."""
    return subject_name(NAME_KEY, subject_id)


def page_of(
    *subjects: Subject,
    modality: Modality = Modality.FINGERPRINT,
    unreadable: Sequence[str] = (),
    partition_count: int = 4,
) -> ReferencePage:
    """The page of these subjects, and of others that cannot be read."""
    owned = [
        (row, reference)
        for row, subject in enumerate(subjects)
        for reference in subject.active_references
        if reference.modality is modality
    ]
    models = list(dict.fromkeys(each.template.model_id for _, each in owned))
    names = b"".join(name_of(each.subject_id) for each in subjects)
    return ReferencePage(
        partitions=np.array([partition_of(each.subject_id, partition_count) for each in subjects], np.int32),
        names=np.frombuffer(names, np.uint8).reshape(-1, NAME_BYTES),
        subject_ids=[each.subject_id for each in subjects],
        galleries=[each.galleries for each in subjects],
        owners=np.array([row for row, _ in owned], np.int32),
        positions=np.array([POSITION_ORDER[each.position] for _, each in owned], np.int8),
        model_ids=models,
        models=np.array([models.index(each.template.model_id) for _, each in owned], np.int16),
        templates=PackedTemplates.of([each.template.data for _, each in owned]),
        unreadable=[name_of(each) for each in unreadable],
    )


def content_of(
    *subjects: Subject, segment_size: int, comparator: VectorComparator | None = None
) -> IndexContent[VectorStack]:
    """Index content to which the subjects were applied in one page."""
    content: IndexContent[VectorStack] = IndexContent(comparator or VectorComparator(), segment_size, NAME_KEY)
    content.apply(page_of(*subjects))
    return content
