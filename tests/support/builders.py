"""Builders of subjects, encounters and enrolments with defaults for tests."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from biometrics.template import POSITIONS, MissingReason, Modality, Position, Template
from gallery.store.port import SubjectStore
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, EncounterState, Missing, Reference

MODEL_ID = "vector-1"
START_TIME = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def vector(values: Sequence[float], modality: Modality = Modality.FINGERPRINT, model_id: str = MODEL_ID) -> Template:
    """A template that VectorComparator compares."""
    return Template(modality, model_id, np.asarray(values, np.float32).tobytes())


def reference(
    values: Sequence[float],
    position: Position = Position.RIGHT_INDEX,
    modality: Modality = Modality.FINGERPRINT,
    model_id: str = MODEL_ID,
) -> Reference:
    """A reference with quality 50."""
    return Reference(position, vector(values, modality, model_id), 50.0)


def encounter(
    *references: Reference, encounter_id: str = "e1", state: EncounterState = EncounterState.ACTIVE
) -> Encounter:
    """An encounter at `START_TIME`."""
    return Encounter(encounter_id, START_TIME, references, state=state)


def enrolment(
    subject_id: str,
    *references: Reference,
    galleries: tuple[str, ...] = (DEFAULT_GALLERY,),
    encounter_id: str = "e1",
    request_id: str = "",
    digest: str = "d",
    create_subject: bool = True,
) -> Enrolment:
    """An enrolment with a new request id, and one reference if none is given."""
    return Enrolment(
        request_id=request_id or str(uuid.uuid4()),
        digest=digest,
        subject_id=subject_id,
        galleries=galleries,
        encounter=encounter(*(references or (reference([1, 0, 0, 0]),)), encounter_id=encounter_id),
        create_subject=create_subject,
    )


def random_encounter(rng: random.Random, encounter_id: str) -> Encounter:
    """An encounter with any modalities, positions, model ids, missing positions, state and times."""
    return Encounter(
        encounter_id=encounter_id,
        create_time=START_TIME + timedelta(microseconds=rng.randrange(10**12)),
        references=tuple(random_reference(rng) for _ in range(rng.randrange(4))),
        missing=tuple(random_missing(rng) for _ in range(rng.randrange(3))),
        state=rng.choice([EncounterState.ACTIVE, EncounterState.ACTIVE, EncounterState.INACTIVE]),
        update_time=_random_time(rng),
        expire_time=_random_time(rng),
    )


def _random_time(rng: random.Random) -> datetime | None:
    return rng.choice([None, None, START_TIME + timedelta(microseconds=rng.randrange(10**12))])


def random_reference(rng: random.Random) -> Reference:
    """A reference whose features are small integers, so that scores are exact and ties frequent."""
    modality = rng.choice([Modality.FINGERPRINT, Modality.FINGERPRINT, Modality.IRIS])
    position = rng.choice(POSITIONS[modality])
    model_id = rng.choice([MODEL_ID, MODEL_ID, MODEL_ID, "vector-0"])
    return reference([rng.randrange(-3, 4) for _ in range(4)], position, modality, model_id)


def random_missing(rng: random.Random) -> Missing:
    """A missing position and its reason."""
    modality = rng.choice(list(Modality))
    return Missing(modality, rng.choice(POSITIONS[modality]), rng.choice(list(MissingReason)))


async def content(store: SubjectStore) -> tuple[object, ...]:
    """The content of the store that a half-written enrolment of request "r" into gallery "g" would change."""
    return (
        (await store.list(10)).subjects,
        [subject.subject_id for subject in (await store.list(10)).subjects if "g" in subject.galleries],
        [await store.count(gallery) for gallery in ("", "default")],
        await store.before("r", "d", "anna"),
        await store.position(),
    )


def equally_alike(count: int, rho: float) -> NDArray[np.float64]:
    """The rhos of `count` samples that repeat each other alike; shape (count, count)."""
    return np.where(np.eye(count, dtype=np.bool_), 1.0, rho)
