"""Rows of a backend → subjects, or columns of references, with the templates opened.

Subjects whose key was destroyed do not exist, whatever rows a restored backup has of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from biometrics.errors import RecordUnreadable
from biometrics.template import Modality
from gallery.references import NAME_BYTES, ReferencePage
from gallery.sealing.joined_sets import JoinedSets
from gallery.sealing.key_table import KeyRef
from gallery.sealing.page_keys import key_in
from gallery.sealing.sealed_set import MODALITY_ORDER, PLACE, Place, opened
from gallery.sealing.subject_keys import SubjectKeys
from gallery.store.records import encounters
from gallery.store.records.heads import Head, damaged, key_missing, searched_fields
from gallery.store.rows import SubjectRows
from gallery.subject import Encounter, Reference, Subject, SubjectSummary

Secret = bytes | None
"""A subject's key; None: it was destroyed, so the subject does not exist; b"": the key table does not have it."""


async def secrets_of(rows: Sequence[SubjectRows], keys: SubjectKeys) -> tuple[list[Head | None], list[Secret]]:
    """Head and key of each subject; the head is None if it cannot be read.

    Raises:
        StoreUnavailable, KeyWrong, KeyUnavailable: as `SubjectKeys.find`.
    """
    heads = [_head(each) for each in rows]
    secrets: list[Secret] = [b""] * len(rows)
    by_partition: dict[int, list[tuple[int, KeyRef]]] = defaultdict(list)
    for place, (row, head) in enumerate(zip(rows, heads, strict=True)):
        if head is not None:
            by_partition[row.key.partition].append((place, head.key_ref))
    for partition, wanted in by_partition.items():
        found = await keys.find(partition, [ref for _, ref in wanted])
        for (place, _), secret in zip(wanted, found, strict=True):
            secrets[place] = secret
    return heads, secrets


def subject(rows: SubjectRows, head: Head | None, secret: Secret) -> Subject | None:
    """The subject, or None if its key was destroyed.

    Raises:
        RecordUnreadable: a row is damaged, of a newer version, or the key table lacks the key.
    """
    if secret is None:
        return None
    head = head or Head.unpack(rows.head)
    if not secret:
        raise key_missing()
    sets: dict[int, dict[Modality, tuple[Reference, ...]]] = defaultdict(dict)
    for row in rows.references:
        place = Place(rows.key.partition, rows.key.name, row.number, row.modality)
        sets[row.number][row.modality] = opened(row.sealed, place, secret).references(row.modality)
    made: tuple[Encounter, ...] = tuple(encounters.unpack(each, sets[each.number]) for each in rows.encounters)
    return Subject(rows.subject_id, head.galleries, made)


def summary(rows: SubjectRows, head: Head | None, secret: Secret) -> SubjectSummary | None:
    """The summary of a subject, or None if its key was destroyed; no template is opened.

    Raises:
        RecordUnreadable: a row is damaged, or of a newer version.
    """
    if secret is None:
        return None
    head = head or Head.unpack(rows.head)
    return SubjectSummary(rows.subject_id, head.galleries, tuple(encounters.summary(each) for each in rows.encounters))


def named(rows: SubjectRows, head: Head | None, secret: Secret) -> tuple[bytes, SubjectSummary] | None:
    """As `summary`, with the subject's name."""
    found = summary(rows, head, secret)
    return None if found is None else (rows.key.name, found)


@dataclass(frozen=True, slots=True)
class Located:
    """Rows of subjects, and what their heads say.

    Args:
        rows: of subjects whose heads can be read.
        galleries: of each.
        slots: per subject the page of its key, and the place in it.
        unreadable: names of the others.
    """

    rows: Sequence[SubjectRows] = field(repr=False)
    galleries: Sequence[tuple[str, ...]]
    slots: Sequence[tuple[int, int]]
    unreadable: Sequence[bytes]

    @property
    def pages(self) -> Mapping[int, Collection[int]]:
        """The pages of their keys, by partition."""
        wanted: dict[int, set[int]] = defaultdict(set)
        for row, (page_number, _) in zip(self.rows, self.slots, strict=True):
            wanted[row.key.partition].add(page_number)
        return wanted


def located(rows: Sequence[SubjectRows]) -> Located:
    """Read the heads of subjects."""
    kept, galleries, slots, unreadable = [], [], [], []
    same: dict[tuple[str, ...], tuple[str, ...]] = {}
    for row in rows:
        try:
            own, slot = searched_fields(row.head)
        except RecordUnreadable:
            unreadable.append(row.key.name)
        else:
            kept.append(row)
            galleries.append(same.setdefault(own, own))
            slots.append(slot)
    return Located(kept, galleries, slots, unreadable)


def page(found: Located, pages: Mapping[tuple[int, int], bytes], left_out: Collection[int] = ()) -> ReferencePage:
    """The ACTIVE references of subjects as columns. A subject that cannot be read is left out, and named.

    Args:
        found: the subjects.
        pages: the keys of each page, by partition and number.
        left_out: places in `found` of subjects that cannot be read.
    """
    sets, kept, unreadable = JoinedSets(), [], list(found.unreadable)
    empty = b""
    for place, (row, (number, slot)) in enumerate(zip(found.rows, found.slots, strict=True)):
        partition, name = row.key
        secret = key_in(pages.get((partition, number), empty), slot)
        if secret is None:
            continue
        before = len(sets)
        try:
            if not secret or place in left_out:
                raise damaged()  # as one whose references cannot be opened
            for each in row.references:
                if each.active:
                    where = PLACE.pack(partition, each.number, MODALITY_ORDER[each.modality], name)
                    sets.add(place, each.sealed, where, secret)
        except RecordUnreadable:
            sets.drop_after(before)
            unreadable.append(name)
        else:
            kept.append(place)
    joined, bad = sets.columns()
    if bad:
        return page(found, pages, {*left_out, *bad})
    rows = [found.rows[place] for place in kept]
    return ReferencePage(
        partitions=np.fromiter((row.key.partition for row in rows), np.int32, len(rows)),
        names=np.frombuffer(b"".join([row.key.name for row in rows]), np.uint8).reshape(-1, NAME_BYTES),
        subject_ids=[row.subject_id for row in rows],
        galleries=[found.galleries[place] for place in kept],
        owners=np.searchsorted(np.array(kept, np.int32), joined.owners).astype(np.int32),
        positions=joined.positions,
        model_ids=joined.model_ids,
        models=joined.models,
        templates=joined.templates,
        unreadable=unreadable,
    )


def destroyed(found: Located, pages: Mapping[tuple[int, int], bytes]) -> list[SubjectRows]:
    """The rows of subjects whose keys are destroyed; arguments as in `page`."""
    return [
        row
        for row, (number, slot) in zip(found.rows, found.slots, strict=True)
        if key_in(pages.get((row.key.partition, number), b""), slot) is None
    ]


def _head(rows: SubjectRows) -> Head | None:
    try:
        return Head.unpack(rows.head)
    except RecordUnreadable:
        return None
