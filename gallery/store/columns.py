"""Rows of a backend → subjects, or columns of references, with the templates opened.

Subjects whose key was destroyed do not exist, whatever rows a restored backup has of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from biometrics.errors import RecordUnreadable
from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality
from gallery.references import NAME_BYTES, ReferencePage
from gallery.sealing.sealed_set import OpenedSet, Place, opened
from gallery.sealing.subject_keys import SubjectKeys
from gallery.store.backend import ReferenceRow, SubjectRows
from gallery.store.records import encounters
from gallery.store.records.heads import Head, damaged
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
    by_partition: dict[int, list[int]] = defaultdict(list)
    for place, (row, head) in enumerate(zip(rows, heads, strict=True)):
        if head is not None:
            by_partition[row.key.partition].append(place)
    for partition, places in by_partition.items():
        refs = [head.key_ref for place in places if (head := heads[place]) is not None]
        for place, secret in zip(places, await keys.find(partition, refs), strict=True):
            secrets[place] = secret
    return heads, secrets


def subject(rows: SubjectRows, head: Head | None, secret: Secret) -> Subject | None:
    """The subject, or None if its key was destroyed.

    Raises:
        RecordUnreadable: a row is damaged, of a newer version, or the key table lacks the key.
    """
    if secret is None:
        return None
    if head is None or not secret:
        raise damaged()
    sets: dict[int, dict[Modality, tuple[Reference, ...]]] = defaultdict(dict)
    for row in rows.references:
        sets[row.number][row.modality] = _opened(rows, row, secret).references(row.modality)
    made: tuple[Encounter, ...] = tuple(encounters.unpack(each, sets[each.number]) for each in rows.encounters)
    return Subject(rows.subject_id, head.galleries, made)


def summary(rows: SubjectRows, head: Head | None, secret: Secret) -> SubjectSummary | None:
    """The summary of a subject, or None if its key was destroyed; no template is opened.

    Raises:
        RecordUnreadable: a row is damaged, or of a newer version.
    """
    if secret is None:
        return None
    if head is None:
        raise damaged()
    return SubjectSummary(rows.subject_id, head.galleries, tuple(encounters.summary(each) for each in rows.encounters))


def page(rows: Sequence[SubjectRows], heads: Sequence[Head | None], secrets: Sequence[Secret]) -> ReferencePage:
    """The ACTIVE references of the subjects as columns. A subject that cannot be read is left out, and named."""
    kept: list[tuple[SubjectRows, Head]] = []
    sets: list[tuple[int, OpenedSet]] = []
    unreadable: list[bytes] = []
    for row, head, secret in zip(rows, heads, secrets, strict=True):
        if secret is None:
            continue
        try:
            if head is None or not secret:
                raise damaged()
            own = [_opened(row, each, secret) for each in row.references if each.active]
        except RecordUnreadable:
            unreadable.append(row.key.name)
        else:
            sets += [(len(kept), each) for each in own]
            kept.append((row, head))
    return _columns(kept, sets, unreadable)


def _columns(
    kept: Sequence[tuple[SubjectRows, Head]], sets: Sequence[tuple[int, OpenedSet]], unreadable: Sequence[bytes]
) -> ReferencePage:
    numbers: dict[str, int] = {}
    models = [numbers.setdefault(own.model_ids[entry[1]], len(numbers)) for _, own in sets for entry in own.entries]
    entries = [entry for _, own in sets for entry in own.entries]
    starts = np.zeros(len(entries) + 1, np.int64)
    np.cumsum(np.fromiter((entry[3] for entry in entries), np.int64, len(entries)), out=starts[1:])
    names = b"".join([row.key.name for row, _ in kept])
    return ReferencePage(
        partitions=np.fromiter((row.key.partition for row, _ in kept), np.int32, len(kept)),
        names=np.frombuffer(names, np.uint8).reshape(-1, NAME_BYTES),
        subject_ids=[row.subject_id for row, _ in kept],
        galleries=[head.galleries for _, head in kept],
        owners=_repeated(sets),
        positions=np.fromiter((entry[0] for entry in entries), np.int8, len(entries)),
        model_ids=list(numbers),
        models=np.array(models, np.int16),
        templates=PackedTemplates(np.frombuffer(b"".join([own.data for _, own in sets]), np.uint8), starts),
        unreadable=unreadable,
    )


def _repeated(sets: Iterable[tuple[int, OpenedSet]]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    pairs = [(owner, len(own.entries)) for owner, own in sets]
    owners, counts = np.array(pairs, np.int32).reshape(-1, 2).T
    return np.repeat(owners, counts)


def _opened(rows: SubjectRows, row: ReferenceRow, secret: bytes) -> OpenedSet:
    return opened(row.sealed, Place(rows.key.partition, rows.key.name, row.number, row.modality), secret)


def _head(rows: SubjectRows) -> Head | None:
    try:
        return Head.unpack(rows.head)
    except RecordUnreadable:
        return None
