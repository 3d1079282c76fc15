"""References of one modality as columns: the form in which a store hands them to an index, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from biometrics.packed_templates import PackedTemplates
from biometrics.template import Position
from gallery.columns_of_text import GalleryColumn, TextColumn

POSITIONS = tuple(Position)
"""A position is stored as its place in this order."""
POSITION_ORDER = {position: order for order, position in enumerate(POSITIONS)}

NAME_BYTES = 16


@dataclass(frozen=True, slots=True)
class ReferencePage:
    """The ACTIVE references of one modality of several subjects. Subjects without any are listed too.

    Args:
        partitions: int32, shape (subjects,).
        names: uint8, shape (subjects, 16): the subjects' names in the feed (gallery/store/keyed_names.py).
        subject_ids: shape (subjects,); `TextColumn` where they come as a column.
        galleries: shape (subjects,): galleries of each subject, sorted; `GalleryColumn` where they come as a column.
        owners: int32, shape (references,), ascending: the row of the subject of each reference.
        positions: int8, shape (references,), by `POSITION_ORDER`.
        model_ids: the models that occur.
        models: int16, shape (references,): index into `model_ids`.
        templates: the references' packed data.
        unreadable: names of subjects that were left out, as they cannot be read.
    """

    partitions: NDArray[np.int32]
    names: NDArray[np.uint8]
    subject_ids: Sequence[str]
    galleries: Sequence[tuple[str, ...]]
    owners: NDArray[np.int32]
    positions: NDArray[np.int8]
    model_ids: Sequence[str]
    models: NDArray[np.int16]
    templates: PackedTemplates = field(repr=False)
    unreadable: Sequence[bytes] = ()

    def of_model(self, model_id: str) -> NDArray[np.int64]:
        """Rows of the references of this model, ascending."""
        wanted = [number for number, known in enumerate(self.model_ids) if known == model_id]
        return np.flatnonzero(np.isin(self.models, wanted))

    @classmethod
    def joined(cls, pages: Sequence[ReferencePage]) -> ReferencePage:
        """One page of several, in order; at least one. Ids and galleries are columns if there are several."""
        if len(pages) == 1:
            return pages[0]
        model_ids = list(dict.fromkeys(model_id for page in pages for model_id in page.model_ids))
        firsts = np.cumsum([0, *(len(page.subject_ids) for page in pages)]).tolist()
        return cls(
            partitions=np.concatenate([page.partitions for page in pages]),
            names=np.concatenate([page.names for page in pages]),
            subject_ids=TextColumn.joined_of([page.subject_ids for page in pages]),
            galleries=GalleryColumn.joined_of([page.galleries for page in pages]),
            owners=np.concatenate([page.owners + np.int32(first) for page, first in zip(pages, firsts, strict=False)]),
            positions=np.concatenate([page.positions for page in pages]),
            model_ids=model_ids,
            models=np.concatenate([page.models_among(model_ids) for page in pages]),
            templates=PackedTemplates.joined([page.templates for page in pages]),
            unreadable=[name for page in pages for name in page.unreadable],
        )

    def models_among(self, model_ids: Sequence[str]) -> NDArray[np.int16]:
        """The model of each reference as an index into these ids, which have all of the page."""
        return np.array([model_ids.index(each) for each in self.model_ids], np.int16)[self.models]

    def of_subjects(self, rows: NDArray[np.int64]) -> ReferencePage:
        """The page of these subjects only, ids and galleries as columns; no unreadable ones.

        Args:
            rows: shape (subjects,), ascending, each once.
        """
        new_rows = np.full(len(self.names), -1, np.int32)
        new_rows[rows] = np.arange(len(rows))
        kept = np.flatnonzero(new_rows[self.owners] >= 0)
        return replace(
            self,
            partitions=self.partitions[rows],
            names=self.names[rows],
            subject_ids=TextColumn.of(self.subject_ids).take(rows),
            galleries=GalleryColumn.of(self.galleries).take(rows),
            owners=new_rows[self.owners[kept]],
            positions=self.positions[kept],
            models=self.models[kept],
            templates=self.templates.take(kept),
            unreadable=(),
        )
