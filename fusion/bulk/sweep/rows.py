"""The rows of a sweep's results."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.errors import FieldInvalid
from fusion.bulk.sweep.reported import pair_key
from fusion.bulk.sweep.search import Alike
from fusion.bulk.work.outcomes import Detail, Named, done, refused
from fusion.decision.decision import Outcome
from fusion.jobs.parts import Row


def fitting(rows: Sequence[Row], room: int) -> tuple[Sequence[Row], int]:
    """The rows of a subject, cut so that its pairs have room, and the room that is left."""
    pairs = len(rows) - 1
    if pairs <= room:
        return rows, room - pairs
    own = rows[-1]
    many = FieldInvalid("expected_false_pairs", f"{pairs} pairs were found; the part has no room for them.")
    return [*rows[:room], refused(Detail.of(own).number, own.key, many)], 0


def pair_row(number: int, subject_id: str, alike: Alike) -> Row:
    """The row of a pair, for a person to look at."""
    named = Named(alike.subject_id, str(Outcome.REVIEW), round(alike.llr, 2))
    return done(number, pair_key(subject_id, alike.subject_id), candidates=[named])
