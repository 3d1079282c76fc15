"""Computes what a write puts in place of a subject's or model's current record, by the rules that all stores share."""

from __future__ import annotations

from gallery.store.record import pack, unpack
from gallery.store.redis.keys import Keys
from gallery.store.redis.writes import Record
from gallery.store.rules import enrolled, fusion_model_not_found, subject_not_found
from gallery.store.values import ChangeKind, Enrolment


def enrol(keys: Keys, enrolment: Enrolment, current: bytes) -> Record:
    """The subject's record with one more encounter.

    Raises:
        SubjectExists, SubjectNotFound, EncounterExists, SubjectFull: as `SubjectStore.enroll`.
    """
    subject = enrolled(unpack(current) if current else None, enrolment)
    sets = [keys.ids(gallery) for gallery in ("", *subject.galleries)]
    return Record(sets, pack(subject), ChangeKind.PUT.value, subject.galleries)


def erase(keys: Keys, subject_id: str, current: bytes) -> Record:
    """Removal of the subject's record and its memberships.

    Raises:
        SubjectNotFound: there is no record.
    """
    if not current:
        raise subject_not_found(subject_id)
    galleries = unpack(current).galleries
    return Record([keys.ids(gallery) for gallery in ("", *galleries)], kind=ChangeKind.DELETE.value)


def put_model(keys: Keys, text: str, _current: bytes) -> Record:
    """The fusion model's text, which replaces any other."""
    return Record([keys("models")], text.encode())


def erase_model(keys: Keys, model_id: str, current: bytes) -> Record:
    """Removal of the fusion model.

    Raises:
        FusionModelNotFound: there is no such model.
    """
    if not current:
        raise fusion_model_not_found(model_id)
    return Record([keys("models")])
