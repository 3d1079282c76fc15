"""The same random calls on every kind of store and on an in-memory model have the same answers."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from biometrics.errors import BiofusionError
from biometrics.template import Modality
from gallery.store.keyed_names import subject_name
from gallery.store.life.values import Move
from gallery.store.port import SubjectStore
from gallery.store.values import START, Before, Receipt
from gallery.subject import EncounterState
from tests.support.builders import START_TIME, enrolment, random_encounter
from tests.support.fakes.memory_store import MemoryStore

OpenStore = Callable[..., SubjectStore]


@dataclass(frozen=True)
class Call:
    """One method with its arguments."""

    method: str
    arguments: tuple[object, ...]

    async def on(self, store: SubjectStore) -> object:
        """The answer, or the error's name and metadata, without the parts that differ between stores."""
        method: Callable[..., Awaitable[object]] = getattr(store, self.method)
        try:
            answer = await method(*self.arguments)
        except BiofusionError as error:
            return type(error).__name__
        if isinstance(answer, Before):
            return replace(answer, done=answer.done and START)
        if isinstance(answer, list):
            return [replace(each, token=START) if isinstance(each, Receipt) else each for each in answer]
        return replace(answer, token=START) if isinstance(answer, Receipt) else answer


def life_calls(
    rng: random.Random, subject_id: str, encounter_id: str, request_id: str, digest: str
) -> list[tuple[str, tuple[object, ...]]]:
    """One call of each kind that changes what is enrolled."""
    new, request = random_encounter(rng, encounter_id), (request_id, digest)
    time = rng.choice([None, START_TIME + timedelta(microseconds=rng.randrange(5))])
    state, galleries = rng.choice(list(EncounterState)), tuple(rng.sample(["g1", "g2", "g3"], rng.randrange(1, 3)))
    ids = rng.choice([(), (encounter_id,), ("e1", "e2")])
    move = Move(
        request_id, digest, subject_id, rng.choice("abcde"), ids, rng.choice([(), galleries]), rng.random() < 0.4
    )
    return [
        ("replace_encounter", (subject_id, new, *request)),
        ("set_encounter_state", (subject_id, encounter_id, state, *request)),
        ("set_retention", (subject_id, encounter_id, time, *request)),
        ("delete_encounter", (subject_id, encounter_id, *request)),
        *[("move_encounters", (move,))] * 3,
        ("join_galleries", (subject_id, galleries, *request)),
        ("leave_galleries", (subject_id, galleries, *request)),
        ("set_alias", (rng.choice(["g3", "x1"]), rng.choice(["g1", "g2", "x1"]), *request)),
        ("delete_alias", (rng.choice(["g3", "x1"]), *request)),
        ("expired", (START_TIME + timedelta(microseconds=3), rng.randrange(1, 4))),
        ("galleries", ()),
    ]


def random_call(rng: random.Random) -> Call:
    """A random call; ids are few, so that calls concern the same subjects."""
    subject_id = rng.choice("abcde")
    request_id = f"r{rng.randrange(40)}"
    digest = rng.choice(["d", "d", "d", "other"])
    gallery = rng.choice(["", "g1", "g2"])
    is_new = rng.random() < 0.5
    wanted = replace(
        enrolment(
            subject_id,
            galleries=tuple(rng.sample(["g1", "g2", "g3"], rng.randrange(int(is_new), 4))),
            request_id=request_id,
            digest=digest,
            create_subject=is_new,
        ),
        encounter=random_encounter(rng, f"e{rng.randrange(5)}"),
    )
    others = [
        replace(wanted, subject_id=name, request_id=f"r{rng.randrange(40)}")
        for name in rng.choices("abcde", k=rng.randrange(4))
    ]
    encounter_id = f"e{rng.randrange(5)}"
    calls: list[tuple[str, tuple[object, ...]]] = [
        *life_calls(rng, subject_id, encounter_id, request_id, digest),
        *[("enroll", (wanted,))] * 4,
        *[("enroll_all", ([wanted, *others],))] * 2,
        *[("delete", (subject_id, request_id, digest))] * 2,
        ("check_enrolment", (wanted,)),
        ("before", (request_id, digest, subject_id)),
        ("get", (subject_id,)),
        ("get_many", (tuple(rng.sample("abcdef", 3)),)),
        ("count", (gallery,)),
        ("put_model", (f"m-{subject_id}", rng.choice(["x", "y"]), request_id, digest)),
        ("delete_model", (f"m-{subject_id}", request_id, digest)),
        ("model", (f"m-{subject_id}",)),
    ]
    return Call(*rng.choice(calls))


async def everything(store: SubjectStore) -> list[Any]:
    """Everything that can be read from a store: pages, counts, receipts and the feed."""
    pages = [await Call("list", (100, "", gallery)).on(store) for gallery in ("", "g1", "g2", "g3")]
    pages += [await Call("list_summaries", (100, "", gallery)).on(store) for gallery in ("", "g1", "g2", "g3")]
    counts = [await Call("count", (gallery,)).on(store) for gallery in ("", "g1", "g2", "g3")]
    receipts = [await Call("before", (f"r{n}", digest, "a")).on(store) for n in range(40) for digest in ("d", "other")]
    models = [await Call("model", (f"m-{name}",)).on(store) for name in "abcde"]
    life = [await store.galleries(), await store.aliases(), await store.expired(datetime.max.replace(tzinfo=UTC), 99)]
    listed = (await store.list_models(10)).model_ids
    names = {subject_name(await store.name_key(), subject_id): subject_id for subject_id in "abcde"}
    feeds: dict[int, list[object]] = {}
    for change in await store.changes(START, 1000, 0):
        feeds.setdefault(change.partition, []).append((change.kind, names[change.name]))
    return [pages, counts, receipts, models, life, listed, feeds, [await columns(store, each) for each in Modality]]


async def columns(store: SubjectStore, modality: Modality) -> dict[str, Any]:
    """Galleries and references of each subject, as an index reads them."""
    found: dict[str, Any] = {}
    async for page in store.references(modality, (), 2):
        for row, subject_id in enumerate(page.subject_ids):
            own = np.flatnonzero(page.owners == row)
            models = [page.model_ids[number] for number in page.models[own]]
            templates = list(page.templates.take(own))
            found[subject_id] = (page.galleries[row], page.positions[own].tolist(), models, templates)
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_random_calls_have_equal_answers(
    open_sqlite: OpenStore, open_redis: OpenStore, open_redis_cluster: OpenStore, seed: int
) -> None:
    """150 calls give the same answers and leave the same content; a failure shows the calls."""
    rng = random.Random(seed)
    stores = [MemoryStore(), open_sqlite(), open_redis(), open_redis_cluster()]
    made: list[Call] = []
    for _ in range(150):
        made.append(random_call(rng))
        model, *real = [await made[-1].on(store) for store in stores]
        assert [model] * 3 == real, f"seed {seed}, calls: {made}"
    content, *others = [await everything(store) for store in stores]
    assert [content] * 3 == others, f"seed {seed}, calls: {made}"
