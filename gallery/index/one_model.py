"""The methods of `port.Index` about several models, for an index that holds references of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

from biometrics.comparison import Comparator, Stack
from biometrics.template import Position, Template
from gallery.index.figures import Figures
from gallery.index.search.rank import IndexHit
from gallery.patience import IsWanted, always


class OneModel(Generic[Stack]):
    """An index of references of one model; templates of others are refused.

    Args:
        comparator: of the model.
    """

    def __init__(self, comparator: Comparator[Stack]) -> None:
        self._comparator = comparator

    @property
    def figures(self) -> Figures:
        """See Index; where the references are elsewhere, their memory and delay are not known here."""
        return Figures()

    def score_subjects(
        self, probe: Template, position: Position, subject_ids: Sequence[str], is_wanted: IsWanted = always
    ) -> Sequence[IndexHit]:
        """See Index."""
        raise NotImplementedError

    def count(self, gallery: str) -> int:
        """See Index."""
        raise NotImplementedError

    def score_by_each(
        self, probes: Sequence[Template], position: Position, subject_ids: Sequence[str], is_wanted: IsWanted = always
    ) -> list[Sequence[IndexHit]]:
        """See Index."""
        return [self.score_subjects(probe, position, subject_ids, is_wanted) for probe in probes]

    def models(self) -> list[str]:
        """See Index; the model, whether there are references or not."""
        return [self._comparator.model_id]

    def count_of(self, model_id: str) -> int:
        """See Index."""
        return self.count("") if model_id == self._comparator.model_id else 0
