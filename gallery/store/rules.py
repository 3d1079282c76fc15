"""Rules of writing that all stores share: what is refused, how long writes are remembered, and the errors."""

from __future__ import annotations

from collections.abc import Mapping

from biometrics.errors import (
    AliasNotFound,
    EncounterExists,
    EncounterNotFound,
    FusionModelNotFound,
    GalleryExists,
    GalleryNotFound,
    LastGallery,
    RequestIdReused,
    StoreSetBack,
    SubjectExists,
    SubjectNotFound,
)
from gallery.sealing.key_table import KeyRef
from gallery.store.limits import require_room
from gallery.store.records.heads import Head
from gallery.store.values import Enrolment
from gallery.subject import Encounter, Subject

RECEIPT_TTL_S = 7 * 24 * 3600.0
"""Seconds for which a write is remembered under its request id; a repetition after that is a new request."""

FEED_LENGTH = 1_000_000
"""Fewest changes that the feed keeps; a reader further behind rebuilds from the store."""


def request_id_reused(request_id: str) -> RequestIdReused:
    """The error for a request id that belongs to another request."""
    return RequestIdReused(
        "This request id was used for another request. Use a new UUID for each new request.", request_id=request_id
    )


def enrolled(current: Head | None, enrolment: Enrolment, key_ref: KeyRef) -> Head:
    """The subject's head after the enrolment.

    Args:
        current: the head in the store, None if the subject does not exist.
        enrolment: the encounter to add.
        key_ref: where the key of a new subject is.

    Raises:
        SubjectExists: it must be new, and exists.
        SubjectNotFound: it must exist, and does not.
        SubjectFull: it would exceed the limits of gallery/store/limits.py.
    """
    if current is None and not enrolment.create_subject:
        raise subject_not_found(enrolment.subject_id)
    if current is not None and enrolment.create_subject:
        raise subject_exists(current.subject_id)
    head = current or Head(enrolment.subject_id, (), 0, 0, 0, key_ref)
    return require_room(head.with_encounter(enrolment.galleries, len(enrolment.encounter.references)), current)


def subject_exists(subject_id: str) -> SubjectExists:
    """The error for a subject that should be new."""
    return SubjectExists(
        f"Subject {subject_id} is enrolled already. Add an encounter to it, or choose another id.",
        subject_id=subject_id,
    )


def encounter_exists(subject_id: str, encounter_id: str) -> EncounterExists:
    """The error for an encounter id that the subject has already."""
    return EncounterExists(
        f"Subject {subject_id} has an encounter {encounter_id}. Choose another encounter id.",
        subject_id=subject_id,
        encounter_id=encounter_id,
    )


def encounter_not_found(subject_id: str, encounter_id: str) -> EncounterNotFound:
    """The error for an encounter that the subject does not have."""
    return EncounterNotFound(
        f"Subject {subject_id} has no encounter {encounter_id}. Get the subject to see which it has.",
        subject_id=subject_id,
        encounter_id=encounter_id,
    )


def last_gallery(subject_id: str) -> LastGallery:
    """The error for a subject that would be in no gallery."""
    return LastGallery(
        f"Subject {subject_id} would be in no gallery. Add it to another one before, or delete the subject.",
        subject_id=subject_id,
    )


def gallery_exists(alias: str) -> GalleryExists:
    """The error for an alias that would hide a gallery."""
    return GalleryExists(
        f"There is a gallery {alias} with subjects, which an alias of this name would hide. Choose another name.",
        alias=alias,
    )


def alias_not_found(alias: str) -> AliasNotFound:
    """The error for a name that is no alias."""
    return AliasNotFound(f"There is no alias {alias}. List the aliases to see which exist.", alias=alias)


def the_subject(subject_id: str, found: Mapping[str, Subject]) -> Subject:
    """The subject with this id among those found.

    Raises:
        SubjectNotFound: it is not among them.
    """
    if subject_id not in found:
        raise subject_not_found(subject_id)
    return found[subject_id]


def encounter_named(subject: Subject, encounter_id: str) -> Encounter:
    """An encounter by its id.

    Raises:
        EncounterNotFound: the subject has none of this id.
    """
    for each in subject.encounters:
        if each.encounter_id == encounter_id:
            return each
    raise encounter_not_found(subject.subject_id, encounter_id)


def subject_not_found(subject_id: str) -> SubjectNotFound:
    """The error for a subject that is not in the store."""
    return SubjectNotFound(
        f"There is no subject {subject_id}. List the subjects to see which exist.", subject_id=subject_id
    )


def gallery_not_found(gallery: str) -> GalleryNotFound:
    """The error for a gallery that nobody was ever enrolled in."""
    message = f"There is no gallery {gallery}: nobody was ever enrolled in it. Check the name."
    return GalleryNotFound(message, gallery=gallery)


def store_set_back() -> StoreSetBack:
    """The error for a consistency token whose write was lost."""
    return StoreSetBack(
        "The write of this consistency token is not in the store any more: the store was set back to an earlier state, "
        "e.g. by restoring a backup. Read what is there, and repeat the write if it is missing."
    )


def fusion_model_not_found(model_id: str) -> FusionModelNotFound:
    """The error for a fusion model that is not in the store."""
    return FusionModelNotFound(
        f"There is no fusion model {model_id}. List the fusion models to see which exist, or upload it.",
        fusion_model_id=model_id,
    )
