"""Random writes and probes for the tests of an index."""

from __future__ import annotations

import random
from dataclasses import replace

from biometrics.errors import BiofusionError
from biometrics.template import Modality, Template
from gallery.store.port import SubjectStore
from gallery.store.values import ConsistencyToken
from tests.support.builders import MODEL_ID, enrolment, random_encounter, random_reference


async def random_write(store: SubjectStore, rng: random.Random, number: int) -> ConsistencyToken:
    """Enrol, add to, or delete one of a few subjects; returns the token, "" when the store refuses."""
    subject_id = f"s{rng.randrange(12)}"
    try:
        if rng.random() < 0.25:
            return (await store.delete(subject_id, f"r{number}", "d")).token
        galleries = tuple(rng.sample(["g1", "g2"], rng.randrange(1, 3)))
        wanted = enrolment(subject_id, galleries=galleries, create_subject=rng.random() < 0.6)
        return (await store.enroll(replace(wanted, encounter=random_encounter(rng, f"e{number}")))).token
    except BiofusionError:
        return ConsistencyToken("")


def random_probe(rng: random.Random) -> Template:
    """A random fingerprint template of the accepted model."""
    return replace(random_reference(rng).template, modality=Modality.FINGERPRINT, model_id=MODEL_ID)
