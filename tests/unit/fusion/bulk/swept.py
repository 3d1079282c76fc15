"""People whose duplicates tests sweep for."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.template import Modality, Position, Template
from fusion.jobs.parts import Row
from gallery.subject import Reference
from tests.support import builders
from tests.support.jobs.bulk_office import Bulk


def face(who: str) -> Reference:
    """A face."""
    return Reference(Position.FACE, Template(Modality.FACE, "face-model-1", who.encode()), 50.0)


def eye(who: str, position: Position = Position.LEFT_EYE) -> Reference:
    """An iris."""
    return Reference(position, Template(Modality.IRIS, "iris-model-1", who.encode()), 50.0)


def pairs(results: Sequence[Row]) -> list[str]:
    """The keys of the pairs, in order."""
    return [each.key for each in results if " " in each.key]


async def enrolled(bulk: Bulk, **people: Sequence[Reference]) -> None:
    """These subjects."""
    for subject_id, references in people.items():
        await bulk.store.enroll(builders.enrolment(subject_id, *references))
