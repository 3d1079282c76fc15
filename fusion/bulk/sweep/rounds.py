"""Rounds of a sweep: who changed while the others were searched for is searched for again, until nobody changes."""

from __future__ import annotations

from collections.abc import Mapping

from biometrics.errors import Unavailable
from fusion.bulk.work.tools import Tools
from fusion.jobs.parts import ChunkState, Json, Part
from fusion.jobs.values import Job
from fusion.jobs.work.keeper import WINDOW
from gallery.store.port import SubjectStore
from gallery.store.tokens import joined
from gallery.store.values import ConsistencyToken

CHANGES = 50
"""Most changes that a part is made of."""
MOST_ROUNDS = 10
"""Most rounds of a sweep: a gallery that is written to all the time would have no last one."""


async def next_changed(tools: Tools, job: Job, after: Part, begun: ConsistencyToken) -> Part | None:
    """The next subjects that changed; None when nobody has changed since the round before, or after `MOST_ROUNDS`.

    A round has the changes up to where the store was when the round before it was finished, the first one those since
    the job began (`begun`). The place of its parts has `round`, its number from 1, `until`, where it ends, and `at`, up
    to which its parts so far have the changes.

    Raises:
        Unavailable: a part that was planned is not finished yet.
        FeedTruncated: it is not known who changed: so long ago was the beginning.
    """
    chunks = await tools.rows.chunks(job, job.settled, WINDOW)
    if any(each.state is ChunkState.OPEN for each in chunks):
        raise Unavailable("All subjects are searched for; then those that changed meanwhile are, again.")
    store, place = tools.store, after.place
    if "until" in place and (part := await _rest_of_round(store, after, place)):
        return part
    number = place.get("round", 0) + 1
    if number > MOST_ROUNDS:
        return None
    kept = {name: fact for name, fact in place.items() if name != "token"}
    bounds = {"round": number, "at": searched_until(place, begun), "until": await store.position()}
    return await _rest_of_round(store, after, kept | bounds)


def searched_until(place: Mapping[str, Json], begun: ConsistencyToken) -> ConsistencyToken:
    """What the searches of a part have seen: once it is the last one, all changes up to there were searched for.

    Args:
        place: of the part.
        begun: where the store was when the job began.
    """
    return joined([ConsistencyToken(place[name]) for name in ("until", "at")]) if "until" in place else begun


async def _rest_of_round(store: SubjectStore, after: Part, place: Mapping[str, Json]) -> Part | None:
    """The next part of the round of this place; None if it has no more."""
    at, until = ConsistencyToken(place["at"]), ConsistencyToken(place["until"])
    while not store.reached(at, until) and (changes := await store.changes(at, CHANGES, 0.0)):
        at = joined([at, *(each.token for each in changes)])
        named = await store.subjects_named(list({(each.partition, each.name) for each in changes}))
        ids = sorted(each.subject_id for each in named.values() if place["gallery"] in each.galleries)
        if ids:
            first = after.place["first"] + after.rows
            return Part({**place, "ids": ids, "first": first, "next": "", "at": at}, len(ids))
    return None
