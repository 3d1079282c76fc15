"""What a sweep finds for the subjects of a part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biometrics.errors import FieldInvalid, RecordUnreadable
from fusion.bulk.sweep.reported import pair_key
from fusion.bulk.sweep.rows import pair_row
from fusion.bulk.sweep.search import Alike, Sweep
from fusion.bulk.work.in_order import patiently
from fusion.bulk.work.outcomes import REFUSALS, done, refused, repeated
from fusion.jobs.parts import Row
from gallery.store.port import SubjectStore
from gallery.subject import Subject

MOST_PAIRS = 18
"""Most pairs that are reported of one subject."""


class SubjectRows:
    """Searches for subjects, and tells the rows of each.

    Args:
        store: of the subjects.
        sweep: what is searched.
        known: pairs that were reported before, of subjects that are searched for again; None: the first time, when of
            two subjects whose searches compare them the lesser id reports the pair.
    """

    def __init__(self, store: SubjectStore, sweep: Sweep, known: set[str] | None) -> None:
        self._store, self._sweep, self._known = store, sweep, known

    async def subjects(self, ids: Sequence[str]) -> Mapping[str, Subject | RecordUnreadable]:
        """Those of the subjects that exist; the error in place of one that cannot be read."""
        try:
            return await self._store.get_many(ids)
        except RecordUnreadable:
            found: dict[str, Subject | RecordUnreadable] = {}
            for each in ids:
                try:
                    found |= await self._store.get_many([each])
                except RecordUnreadable as error:
                    found[each] = error
            return found

    async def rows(self, number: int, subject_id: str, subject: Subject | RecordUnreadable | None) -> list[Row]:
        """The rows of a subject: its pairs, and then its own."""
        if isinstance(subject, RecordUnreadable):
            return [refused(number, subject_id, subject)]
        if subject is None or self._sweep.gallery not in subject.galleries:
            return [repeated(number, subject_id, "It is not in the gallery any more.")]
        if self._sweep.first_of(subject) is None:
            missing = FieldInvalid("modality", "the subject has no active template of it.")
            return [refused(number, subject_id, missing)]
        try:
            alike = await patiently(lambda: self._sweep.alike(subject))
            kept = await self._kept(subject, alike)
        except REFUSALS as error:
            return [refused(number, subject_id, error)]
        rows = [pair_row(number, subject_id, each) for each in kept[:MOST_PAIRS]]
        if len(kept) > MOST_PAIRS:
            many = FieldInvalid("expected_false_pairs", f"{len(kept)} pairs were found, {MOST_PAIRS} are reported.")
            return [*rows, refused(number, subject_id, many)]
        return [*rows, done(number, subject_id)]

    async def _kept(self, subject: Subject, alike: Sequence[Alike]) -> list[Alike]:
        """The pairs that this subject reports; subjects that were removed meanwhile are dropped."""
        if not alike:
            return []
        others = await self._store.get_many([each.subject_id for each in alike])
        known, kept = self._known, []
        for each in alike:
            other = others.get(each.subject_id)
            if other is None or self._sweep.gallery not in other.galleries:
                continue
            is_other_s = (
                known is None and each.subject_id < subject.subject_id and _compares(self._sweep, other, subject)
            )
            key = pair_key(subject.subject_id, each.subject_id)
            if not is_other_s and (known is None or key not in known):
                kept.append(each)
            if known is not None:
                known.add(key)  # so that the other one, if it is in this part, does not report it too
        return kept


def _compares(sweep: Sweep, one: Subject, other: Subject) -> bool:
    """Whether the search with `one` compares it with `other`."""
    first = sweep.first_of(one)
    return any(
        mine.modality is first and theirs.modality is first and mine.position.comparable(theirs.position)
        for mine in one.active_references
        for theirs in other.active_references
    )
