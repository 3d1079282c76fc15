"""Random writes and probes for the tests of an index."""

from __future__ import annotations

import random
from dataclasses import replace

from biometrics.errors import BiofusionError
from biometrics.template import Modality, Template
from gallery.store.life.values import Move
from gallery.store.port import SubjectStore
from gallery.store.values import ConsistencyToken
from gallery.subject import EncounterState
from tests.support.builders import MODEL_ID, enrolment, random_encounter, random_reference

LIFE = 0.3
"""Part of the writes that change what is enrolled, in other ways than to add or erase."""


async def random_write(store: SubjectStore, rng: random.Random, number: int) -> ConsistencyToken:
    """Enrol, add to, change or delete one of a few subjects; returns the token, "" when the store refuses."""
    subject_id = f"s{rng.randrange(12)}"
    try:
        if rng.random() < LIFE:
            return await _random_change(store, rng, subject_id, (f"r{number}", "d"))
        if rng.random() < 0.25:
            return (await store.delete(subject_id, f"r{number}", "d")).token
        galleries = tuple(rng.sample(["g1", "g2"], rng.randrange(1, 3)))
        wanted = enrolment(subject_id, galleries=galleries, create_subject=rng.random() < 0.6)
        return (await store.enroll(replace(wanted, encounter=random_encounter(rng, f"e{number}")))).token
    except BiofusionError:
        return ConsistencyToken("")


async def _random_change(
    store: SubjectStore, rng: random.Random, subject_id: str, request: tuple[str, str]
) -> ConsistencyToken:
    """Replace, hide, delete or move an encounter that the subject has, or change its galleries."""
    own = rng.choice((await store.get(subject_id)).encounters).encounter_id
    galleries = [rng.choice(["g1", "g2"])]
    target = f"s{rng.randrange(12)}"
    chosen = rng.choice([(), (own,)])
    calls = [
        lambda: store.replace_encounter(subject_id, random_encounter(rng, own), *request),
        lambda: store.set_encounter_state(subject_id, own, rng.choice(list(EncounterState)), *request),
        lambda: store.delete_encounter(subject_id, own, *request),
        lambda: store.move_encounters(Move(*request, subject_id, target, chosen, (), rng.random() < 0.5)),
        lambda: store.join_galleries(subject_id, galleries, *request),
        lambda: store.leave_galleries(subject_id, galleries, *request),
    ]
    return (await rng.choice(calls)()).token


def random_probe(rng: random.Random) -> Template:
    """A random fingerprint template of the accepted model."""
    return replace(random_reference(rng).template, modality=Modality.FINGERPRINT, model_id=MODEL_ID)
