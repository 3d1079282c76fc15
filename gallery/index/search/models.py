"""The models whose references an index holds side by side, each with its comparator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

from biometrics.comparison import Comparator, Stack
from biometrics.template import Template
from gallery.index.columns.segment import Segment
from gallery.index.search.rank import Searched
from gallery.index.state import IndexState


class Models(Generic[Stack]):
    """Comparators by number and model id.

    Args:
        comparators: of different models of one modality; the first one's model is the index's own.
    """

    def __init__(self, *comparators: Comparator[Stack]) -> None:
        self.comparators = comparators
        self._numbers = {each.model_id: number for number, each in enumerate(comparators)}

    def number(self, template: Template) -> int:
        """Number of the template's model; 0, whose comparator refuses it, for a model that the index does not hold."""
        return self._numbers.get(template.model_id, 0)

    def numbers(self, templates: Sequence[Template]) -> list[int]:
        """Numbers of the models of templates, in order."""
        return [self.number(template) for template in templates]

    def comparator_of(self, template: Template) -> Comparator[Stack]:
        """The comparator of the template's model; the first one, which refuses it, for a model that is not held."""
        return self.comparators[self.number(template)]


def searched_by_each(parts: Sequence[Sequence[Segment[Stack]]], state: IndexState[Stack]) -> list[Searched]:
    """What a sample is compared with by each of its templates.

    Args:
        parts: the segments that each of the templates is compared with.
        state: the state that has these segments.
    """
    together = [segment for part in parts for segment in part] if len(state.models) > 1 else None
    return [Searched(part, state.subjects, together) for part in parts]
