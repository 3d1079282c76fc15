"""The index of cases: what is left if a process ends, or the store does not answer, between a case and its entries."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from biofusion.review.v1 import review_pb2

from biometrics.errors import StoreUnavailable
from review.keeping.cases import CASES
from review.keeping.codec import case_bytes
from review.keeping.index import INDEX
from review.states import ReviewState
from tests.support.review.desk import Desk

FREE = review_pb2.REVIEW_VIEW_FREE


async def entries(desk: Desk) -> set[str]:
    """What the entries of all cases begin with."""
    await desk.process.kept.cases.close()
    return {each.key.partition("/")[0] for each in await desk.store.backend.documents.list(INDEX, "", 1000)}


async def test_old_entries_go(desk: Desk) -> None:
    """After a change, a case has the entries of its state and no others."""
    name = await desk.opened()
    await desk.person("first").claim(name)
    found = await entries(desk)
    assert {"claimed", "changed", "at"} < found
    assert "open" not in found
    assert 5 == len(found)


async def test_a_case_without_entries_is_found_again(desk: Desk) -> None:
    """A case whose process ended before its entries were written is listed after the next start."""
    name = await desk.opened()
    documents = desk.store.backend.documents
    for each in await documents.list(INDEX, "", 1000):
        await documents.delete(INDEX, each.key, each.version)
    assert [] == await desk.person("first").names(view=FREE)
    await desk.process.kept.cases.repair()
    assert [name] == await desk.person("first").names(view=FREE)


async def test_entries_that_are_behind_are_left_out(desk: Desk) -> None:
    """A case that changed without its entries is not listed as it was; upkeep puts it right when its time comes."""
    name = await desk.opened()
    case = await desk.process.kept.cases.get(name)
    later = replace(case, state=ReviewState.FIRST_VERDICT, revision=2, expire_time=case.expire_time + 9)
    await desk.store.backend.documents.put(CASES, case.id, case_bytes(later), case.version)
    assert [] == await desk.person("first").names(view=FREE)
    assert "open" not in await entries(desk)
    desk.clock.now = case.expire_time
    await desk.process.upkeep.look()
    assert [name] == await desk.person("first").names(view=FREE)


async def test_entries_are_written_when_the_store_answers_again(desk: Desk) -> None:
    """If the store stops answering between a case and its entries, the case is open, and upkeep writes them."""
    index: Any = desk.process.kept.cases._index  # the one part that is to fail
    put, index.put = index.put, _silent
    name = await desk.opened()
    assert [] == await desk.person("first").names(view=FREE)
    index.put = put
    await desk.process.upkeep.look()
    assert [name] == await desk.person("first").names(view=FREE)


async def _silent(_keys: Any) -> None:
    raise StoreUnavailable("The store does not answer.")


async def test_a_damaged_case_does_not_hold_up_others(desk: Desk) -> None:
    """A case that cannot be read is left out, and what is due to others happens all the same."""
    damaged, other = await desk.opened(), await desk.opened()
    case = await desk.process.kept.cases.get(damaged)
    await desk.store.backend.documents.put(CASES, case.id, b"{}", case.version)
    assert [other] == await desk.person("first").names(view=FREE)
    desk.clock.now += 15 * 24 * 3600
    await desk.process.upkeep.look()
    assert [(other, "EXPIRED", "OPEN")] == desk.seen.events
