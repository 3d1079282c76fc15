"""Whole cases: who may do what, in which order, and what each may see."""

from __future__ import annotations

import asyncio

from biofusion.review.v1 import review_pb2

from tests.contract.conftest import OpenStore
from tests.support.review.desk import (
    CANNOT_TELL,
    DIFFERENT,
    LLR,
    REVIEWER,
    SAME,
    SCORE,
    SUPERVISOR,
    Desk,
    desk_of,
    new_request,
    verdict_on,
)


async def test_two_persons_who_agree_close_a_case(desk: Desk) -> None:
    """The verdict of two persons who agree is the result; nobody is told the other's before his own."""
    name = await desk.opened()
    first = await desk.person("first").look(name, SAME)
    assert (review_pb2.REVIEW_STATE_FIRST_VERDICT, LLR, [SAME]) == (
        first.state,
        first.decision.llr,
        [each.verdict for each in first.verdicts],
    )
    claimed = await desk.person("second").claim(name)
    assert (True, []) == (claimed.is_blind, list(claimed.verdicts))
    closed = await desk.person("second").decide(claimed, SAME)
    assert (review_pb2.REVIEW_STATE_CLOSED, SAME, 2) == (closed.state, closed.resolution, len(closed.verdicts))
    assert SAME == (await desk.person().get(name)).resolution
    assert [] == await desk.person("third").names(view=review_pb2.REVIEW_VIEW_FREE)


async def test_a_supervisor_decides_a_dispute(desk: Desk) -> None:
    """Two who disagree make a dispute, which a third person decides who sees everything."""
    name = await desk.opened()
    await desk.person("first").look(name, SAME)
    disputed = await desk.person("second").look(name, DIFFERENT)
    assert review_pb2.REVIEW_STATE_DISPUTED == disputed.state
    third = desk.person("third")
    assert [name] == await third.names(view=review_pb2.REVIEW_VIEW_DISPUTED)
    assert "CASE_STATE" == await third.refused("ClaimReviewCase", review_pb2.ClaimReviewCaseRequest(name=name))
    seen = await third.claim(name, SUPERVISOR)
    assert (False, [SAME, DIFFERENT]) == (seen.is_blind, [each.verdict for each in seen.verdicts])
    assert CANNOT_TELL == (await third.decide(seen, CANNOT_TELL)).resolution


async def test_scores_are_not_in_what_is_sent_before_a_verdict(desk: Desk) -> None:
    """Before his verdict a reviewer gets no byte of score, LLR, rank or outcome, in any answer."""
    name = await desk.opened()
    reviewer = desk.person("first")
    claimed = await reviewer.claim(name)
    listed = await reviewer.call("ListReviewCases", review_pb2.ListReviewCasesRequest())
    for case in (claimed, await reviewer.get(name), await desk.person().get(name), *listed.review_cases):
        assert case.is_blind
        assert not any(case.HasField(field) for field in ("decision", "rank", "posterior"))
        sent = str(case)
        assert str(SCORE) not in sent
        assert str(LLR) not in sent
        assert "comparison" not in sent
    assert 61.0 == claimed.evidence[0].quality


async def test_one_person_never_has_two_roles(desk: Desk) -> None:
    """Who has given a verdict can neither give the second one nor supervise."""
    name = await desk.opened()
    again, above = (review_pb2.ClaimReviewCaseRequest(name=name, role=role) for role in (REVIEWER, SUPERVISOR))
    first, second = desk.person("first"), desk.person("second")
    await first.look(name, SAME)
    assert "SECOND_ROLE" == await first.refused("ClaimReviewCase", again)
    assert "NO_CASE_FREE" == await first.refused("ClaimReviewCase", review_pb2.ClaimReviewCaseRequest())
    await second.look(name, DIFFERENT)
    assert ["SECOND_ROLE"] * 2 == [await each.refused("ClaimReviewCase", above) for each in (first, second)]


async def test_of_two_tabs_one_wins(desk: Desk) -> None:
    """Of two verdicts of one person on the same case as it was shown, one is taken."""
    case = await desk.person("first").claim(await desk.opened())
    tabs = [desk.person("first").refused("DecideReviewCase", verdict_on(case, each)) for each in (SAME, DIFFERENT)]
    assert ["", "CASE_CHANGED"] == sorted(await asyncio.gather(*tabs))


async def test_a_lease_ends(desk: Desk) -> None:
    """After its lease a case is free again, and the verdict of who had it is refused; renewing keeps it."""
    name = await desk.opened()
    first, second = desk.person("first"), desk.person("second")
    shown = await first.claim(name)
    desk.clock.now += 800
    assert shown.etag == (await first.claim(name)).etag
    desk.clock.now += 800
    assert [] == await second.names(view=review_pb2.REVIEW_VIEW_FREE)
    desk.clock.now += 200
    await desk.process.upkeep.look()
    assert [name] == await second.names(view=review_pb2.REVIEW_VIEW_FREE)
    assert "CASE_CHANGED" == await first.refused("DecideReviewCase", verdict_on(shown, SAME))
    assert name == (await second.claim()).name


async def test_a_case_is_given_back(desk: Desk) -> None:
    """A case that is given back can be claimed by somebody else, also by who gave it back."""
    name = await desk.opened()
    await desk.person("first").claim(name)
    back = await desk.person("first").call("GiveBackReviewCase", review_pb2.GiveBackReviewCaseRequest(name=name))
    assert review_pb2.REVIEW_STATE_OPEN == back.review_case.state
    assert name == (await desk.person("first").claim()).name


async def test_a_request_opens_one_case(desk: Desk) -> None:
    """A repeated request gets the case that it opened, also if its decision has other numbers; not so another one."""
    request = new_request()
    first = await desk.person().call("CreateReviewCase", request)
    request.decision.llr += 0.1
    again = await desk.person().call("CreateReviewCase", request)
    assert (False, True, first.review_case.name) == (first.replayed, again.replayed, again.review_case.name)
    request.caller_reference = "another"
    assert "REQUEST_ID_REUSED" == await desk.person().refused("CreateReviewCase", request)


async def test_urgent_cases_come_first(desk: Desk) -> None:
    """Cases are listed and handed out by falling priority, then by due time, over pages."""
    names = {number: await desk.opened(priority=number) for number in (3, 9, 1, 5)}
    reviewer = desk.person("first")
    request = review_pb2.ListReviewCasesRequest(page_size=3)
    page = await reviewer.call("ListReviewCases", request)
    request.page_token = page.next_page_token
    rest = await reviewer.call("ListReviewCases", request)
    listed = [each.priority for each in (*page.review_cases, *rest.review_cases)]
    assert [9, 5, 3, 1] == listed
    assert names[9] == (await reviewer.claim()).name
    assert [names[9]] == await reviewer.names(view=review_pb2.REVIEW_VIEW_MINE)


async def test_twenty_reviewers_decide_each_case_once(desk: Desk) -> None:
    """Twenty persons at once: every case gets two verdicts of two persons, and no case gets a third."""
    names = [await desk.opened() for _ in range(15)]

    async def work(person: str) -> int:
        count = 0
        while not await desk.person(person).refused("ClaimReviewCase", review_pb2.ClaimReviewCaseRequest()):
            (mine,) = await desk.person(person).names(view=review_pb2.REVIEW_VIEW_MINE)
            await desk.person(person).decide(await desk.person(person).get(mine), SAME)
            count += 1
        return count

    counts = await asyncio.gather(*(work(f"reviewer-{number}") for number in range(20)))
    await asyncio.gather(*(work(f"late-{number}") for number in range(2)))
    assert 20 == len(counts)
    for name in names:
        case = await desk.person().get(name)
        assert (review_pb2.REVIEW_STATE_CLOSED, 2) == (case.state, len({each.reviewer for each in case.verdicts}))


async def test_a_case_expires(desk: Desk) -> None:
    """A case that nobody decides in time expires, and is removed after its retention."""
    name = await desk.opened()
    desk.clock.now += 15 * 24 * 3600
    assert review_pb2.REVIEW_STATE_EXPIRED == (await desk.person().get(name)).state
    await desk.process.upkeep.look()
    assert [(name, "EXPIRED", "OPEN")] == desk.seen.events
    desk.clock.now += 91 * 24 * 3600
    await desk.process.upkeep.look()
    get = review_pb2.GetReviewCaseRequest(name=name)
    assert "CASE_NOT_FOUND" == await desk.person().refused("GetReviewCase", get)


async def test_a_person_must_be_named(desk: Desk) -> None:
    """A call that names no person cannot claim."""
    request = review_pb2.ClaimReviewCaseRequest(name=await desk.opened())
    assert "REVIEWER_UNKNOWN" == await desk.person().refused("ClaimReviewCase", request)


async def test_two_processes_hand_out_each_case_once(desk: Desk, open_store: OpenStore) -> None:
    """Persons who claim at two processes of one store at once never get the same case."""
    names = {await desk.opened() for _ in range(12)}
    async with desk_of(open_store()) as other:
        other.clock.now = desk.clock.now
        places = [(desk, f"here-{number}") for number in range(6)] + [(other, f"there-{number}") for number in range(6)]
        claimed = await asyncio.gather(*(place.person(person).claim() for place, person in places))
    assert names == {each.name for each in claimed}
