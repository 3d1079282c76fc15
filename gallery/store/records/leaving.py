"""A move of encounters to another subject, as the head of the subject that they leave keeps it until it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from gallery.store.changes import Request
from gallery.store.keyed_names import SIZE
from gallery.subject import check_id


@dataclass(frozen=True, slots=True)
class Leaving:
    """A move that has begun (0043): it is completed, or refused, before anything else is written to the subject.

    Args:
        refusal: 16 random bytes, by which a receipt in the target's partition says that the move is refused.
        target_id: the subject that the encounters come to.
        encounter_ids: which encounters, at least one.
        galleries: galleries that the target comes into.
        create_target: whether the target must be new.
        request: the receipt that is stored when the encounters have left.
    """

    refusal: bytes
    target_id: str
    encounter_ids: tuple[str, ...]
    galleries: tuple[str, ...]
    create_target: bool
    request: Request

    @property
    def fields(self) -> list[Any]:
        """What a head keeps of it."""
        lists = [list(self.encounter_ids), list(self.galleries)]
        return [self.refusal, self.target_id, *lists, self.create_target, self.request.name, self.request.content]

    @classmethod
    def read(cls, fields: Sequence[Any]) -> Self:
        """The inverse. Raises ValueError, TypeError or FieldInvalid if the fields are others."""
        refusal, target_id, encounter_ids, galleries, create, name, content = fields
        for each in (target_id, *encounter_ids, *galleries):
            check_id(each, "id")
        if {len(bytes(memoryview(each))) for each in (refusal, name, content)} != {SIZE}:
            raise ValueError(SIZE)
        return cls(refusal, target_id, tuple(encounter_ids), tuple(galleries), bool(create), Request(name, content))
