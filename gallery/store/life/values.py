"""Values of the life cycle: moves, times of expiry, sizes of galleries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Move:
    """Encounters that go from one subject to another: a move, a merge or a split.

    Args:
        request_id: the caller's UUID, as for an enrolment.
        digest: hash of the request's content.
        source_id: the subject that has the encounters. It is erased if none is left (merge).
        target_id: the subject that they come to.
        encounter_ids: which encounters; empty: all.
        galleries: galleries that the target comes into; empty: those of the source if all encounters go or the target
            is new, else none.
        create_target: True: the target must be new (split); False: it must exist.
    """

    request_id: str
    digest: str
    source_id: str
    target_id: str
    encounter_ids: tuple[str, ...] = ()
    galleries: tuple[str, ...] = ()
    create_target: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Expiring:
    """An encounter that expires; ordered by time.

    Args:
        expire_time: when it may be deleted; exact, but within 32 µs if it is 2255 or later.
        subject_id: its subject.
        encounter_id: its id.
    """

    expire_time: datetime
    subject_id: str
    encounter_id: str


@dataclass(frozen=True, slots=True)
class GallerySize:
    """A gallery that anybody was ever enrolled in, and how many subjects it has now."""

    gallery: str
    subject_count: int
