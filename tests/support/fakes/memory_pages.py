"""References of the in-memory store as columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality
from gallery.partitions import partition_of
from gallery.references import NAME_BYTES, POSITION_ORDER, ReferencePage
from gallery.store.keyed_names import subject_name
from gallery.subject import Subject
from tests.support.fakes.memory_feed import NAME_KEY


def reference_page(modality: Modality, partitions: int, subjects: Sequence[Subject]) -> ReferencePage:
    """The columns of the ACTIVE references of a modality of subjects."""
    owned = [(o, r) for o, each in enumerate(subjects) for r in each.active_references if r.modality is modality]
    model_ids = sorted({reference.template.model_id for _, reference in owned})
    return ReferencePage(
        partitions=np.array([partition_of(each.subject_id, partitions) for each in subjects], np.int32),
        names=np.frombuffer(b"".join(map(name_of, subjects)), np.uint8).reshape(-1, NAME_BYTES),
        subject_ids=[each.subject_id for each in subjects],
        galleries=[each.galleries for each in subjects],
        owners=np.array([owner for owner, _ in owned], np.int32),
        positions=np.array([POSITION_ORDER[reference.position] for _, reference in owned], np.int8),
        model_ids=model_ids,
        models=np.array([model_ids.index(reference.template.model_id) for _, reference in owned], np.int16),
        templates=PackedTemplates.of([reference.template.data for _, reference in owned]),
    )


def name_of(subject: Subject) -> bytes:
    """The subject's name in the feed."""
    return subject_name(NAME_KEY, subject.subject_id)
