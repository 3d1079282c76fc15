"""The two looks of an enrolment for duplicates: before it is stored, and at those who were stored meanwhile.

The decision record 0049 says why this lets nobody pass twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from biometrics.errors import GalleryNotFound
from fusion.duplicates.found import MOST_CANDIDATES, Duplicates, judge, look_for_duplicates
from fusion.duplicates.newcomer import Newcomer
from fusion.models.model import FusionModel
from fusion.ranking.scoring import score_all
from fusion.ranking.search import Searched, Where
from fusion.requests.parallel import computed, in_parallel
from fusion.samples.probes import Matchers
from gallery.store.port import SubjectStore
from gallery.store.tokens import joined
from gallery.store.values import ChangeKind, ConsistencyToken
from gallery.subject import SubjectSummary
from infra.deadlines import Deadline

CHANGES_AT_ONCE = 1000


async def first_look(
    newcomer: Newcomer,
    since: ConsistencyToken,
    store: SubjectStore,
    matchers: Matchers,
    model: FusionModel,
    deadline: Deadline,
) -> list[Duplicates]:
    """Search each gallery of the newcomer, as it was at `since` or later.

    A matching service that does not answer makes the answer REVIEW, it does not fail the enrolment.
    """

    async def look(gallery: str) -> Duplicates:
        try:
            asked = newcomer.asked(await store.count(gallery), gallery)
        except GalleryNotFound:  # nobody was ever in it
            nobody = [Searched(each, {}) for each in newcomer.probes]
            return judge(nobody, newcomer.asked(0), model, gallery, MOST_CANDIDATES)
        where = Where(gallery, since, newcomer.left_out_of(gallery))
        return await look_for_duplicates(newcomer.probes, where, asked, matchers, model, deadline, may_fail=True)

    return await in_parallel(look(each) for each in newcomer.galleries)


async def second_look(
    newcomer: Newcomer,
    before: Sequence[Duplicates],
    since: ConsistencyToken,
    store: SubjectStore,
    matchers: Matchers,
    model: FusionModel,
    deadline: Deadline,
) -> list[Duplicates]:
    """Add to the answers those who were enrolled or changed after `since`, each scored alone.

    Raises:
        FeedTruncated, StoreUnavailable: it cannot be told who that is.
    """
    others, until = await _changed(newcomer, since, store)
    if not others:
        return list(before)
    ids = [each.subject_id for each in others]
    searched = await score_all(newcomer.probes, ids, Where("", until), matchers, deadline)

    async def look(first: Duplicates) -> Duplicates:
        those = {each.subject_id for each in others if first.gallery in each.galleries}
        if not those:
            return first
        asked = newcomer.asked(max(first.subject_count, len(those)))
        lists = [_of(those, each) for each in searched]
        size = len(lists) * len(those)
        return first.with_later(await computed(size, judge, lists, asked, model, first.gallery, MOST_CANDIDATES))

    return [await look(each) for each in before]


def _of(subject_ids: set[str], searched: Searched) -> Searched:
    hits = {subject_id: hit for subject_id, hit in searched.hits.items() if subject_id in subject_ids}
    return Searched(searched.probe, hits, subject_count=len(hits))


async def _changed(
    newcomer: Newcomer, since: ConsistencyToken, store: SubjectStore
) -> tuple[list[SubjectSummary], ConsistencyToken]:
    """Other subjects in the newcomer's galleries that were put after a token, and a token that is not before them."""
    names: dict[tuple[int, bytes], None] = {}
    after, until = since, await store.position()
    while not store.reached(after, until):
        changes = await store.changes(after, CHANGES_AT_ONCE, 0)
        if not changes:
            break
        after = joined([after, *(each.token for each in changes)])
        names |= {(each.partition, each.name): None for each in changes if each.kind is not ChangeKind.DELETE}
    found: Mapping[bytes, SubjectSummary] = await store.subjects_named(list(names)) if names else {}
    others = [each for each in found.values() if each.subject_id != newcomer.subject_id]
    return [each for each in others if not set(newcomer.galleries).isdisjoint(each.galleries)], after
