"""gRPC servicer of `ReviewService`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TypeAlias

import grpc
from biofusion.review.v1 import review_pb2, review_pb2_grpc
from biofusion.type.v1 import sample_pb2

from biometrics.errors import CaseNotFound, FieldInvalid
from infra.identity.remarks import remark
from infra.identity.visit import current_visit
from infra.requests.paging import page_size
from review.case import Case, Role
from review.keeping.cases import Page
from review.persons import Persons
from review.reviewing.kept import Kept
from review.reviewing.reviews import Reviews
from review.reviewing.watching import Pace, watch
from review.wire.convert import REASONS, STATES, VERDICTS, listed, whole
from review.wire.paging import page_token, place_after
from review.wire.requests import new_case_from_wire, place_of, role_from_wire, side_from_wire

NAME = review_pb2.DESCRIPTOR.services_by_name["ReviewService"].full_name
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 50, 500

Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"


class ReviewServicer(review_pb2_grpc.ReviewServiceServicer):
    """Keeps review cases.

    Args:
        reviews: the use cases.
        kept: what is watched.
        persons: tells who looks.
        pace: of watching.
    """

    def __init__(self, reviews: Reviews, kept: Kept, persons: Persons, pace: Pace | None = None) -> None:
        self._reviews, self._kept, self._persons, self._pace = reviews, kept, persons, pace

    async def CreateReviewCase(
        self, request: review_pb2.CreateReviewCaseRequest, context: Context
    ) -> review_pb2.CreateReviewCaseResponse:
        """Open a case."""
        new = new_case_from_wire(request, current_visit.get().caller.name)
        case, replayed = await self._reviews.open(new)
        return review_pb2.CreateReviewCaseResponse(review_case=await self._shown(case, ""), replayed=replayed)

    async def GetReviewCase(
        self, request: review_pb2.GetReviewCaseRequest, context: Context
    ) -> review_pb2.GetReviewCaseResponse:
        """Read a case."""
        case = await self._reviews.get(request.name)
        return review_pb2.GetReviewCaseResponse(review_case=await self._shown(case, self._perhaps()))

    async def ListReviewCases(
        self, request: review_pb2.ListReviewCasesRequest, context: Context
    ) -> review_pb2.ListReviewCasesResponse:
        """List cases."""
        after, size = place_after(request), page_size(request.page_size, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
        page = await self._page(request, after, size)
        return review_pb2.ListReviewCasesResponse(
            review_cases=[listed(each, self._perhaps()) for each in page.cases],
            next_page_token=page_token(request, page.following),
        )

    async def ClaimReviewCase(
        self, request: review_pb2.ClaimReviewCaseRequest, context: Context
    ) -> review_pb2.ClaimReviewCaseResponse:
        """Claim a case, or renew a claim."""
        person, role = self._person(), role_from_wire(request.role)
        if request.name:
            case = await self._reviews.claim(request.name, person, role)
        else:
            case = await self._reviews.claim_next(person, role)
        return review_pb2.ClaimReviewCaseResponse(review_case=await self._shown(case, person))

    async def GiveBackReviewCase(
        self, request: review_pb2.GiveBackReviewCaseRequest, context: Context
    ) -> review_pb2.GiveBackReviewCaseResponse:
        """Give a case back."""
        person = self._person()
        case = await self._reviews.give_back(request.name, person)
        return review_pb2.GiveBackReviewCaseResponse(review_case=await self._shown(case, person))

    async def DecideReviewCase(
        self, request: review_pb2.DecideReviewCaseRequest, context: Context
    ) -> review_pb2.DecideReviewCaseResponse:
        """Give a verdict."""
        person, verdict = self._person(), VERDICTS.from_wire(request.verdict)
        reason = REASONS.from_wire(request.reason)
        case = await self._reviews.decide(request.name, person, request.etag, verdict, reason, request.note)
        return review_pb2.DecideReviewCaseResponse(review_case=await self._shown(case, person))

    async def WithdrawReviewCase(
        self, request: review_pb2.WithdrawReviewCaseRequest, context: Context
    ) -> review_pb2.WithdrawReviewCaseResponse:
        """Withdraw a case."""
        case = await self._reviews.withdraw(request.name, current_visit.get().caller.name)
        return review_pb2.WithdrawReviewCaseResponse(review_case=await self._shown(case, ""))

    async def OpenSealedSample(
        self, request: review_pb2.OpenSealedSampleRequest, context: Context
    ) -> review_pb2.OpenSealedSampleResponse:
        """Open what is sealed with a sample."""
        person, side = self._person(), side_from_wire(request.side)
        places = (place_of(side, request.sample_index, kind) for kind in ("image", "template"))
        image, template = [await self._reviews.open_sealed(request.name, person, each) for each in places]
        if image is None and template is None:
            raise CaseNotFound("Nothing is sealed with this sample, or its key is destroyed.", reason="SEALED_GONE")
        parsed = None if template is None else sample_pb2.Template.FromString(template)
        return review_pb2.OpenSealedSampleResponse(image=image or b"", template=parsed)

    async def WatchReviewCases(
        self, request: review_pb2.WatchReviewCasesRequest, context: Context
    ) -> AsyncIterator[review_pb2.WatchReviewCasesResponse]:
        """Tell of cases that change until the caller cancels."""
        person = self._perhaps()
        async with aclosing(watch(self._kept, request.resume_token, self._pace)) as changes:
            async for news in changes:
                case = listed(news.case, person) if news.case else None
                yield review_pb2.WatchReviewCasesResponse(review_case=case, resume_token=news.token)

    async def _page(self, request: review_pb2.ListReviewCasesRequest, after: str, size: int) -> Page:
        view = request.view
        if view and request.states:
            raise FieldInvalid("states", "state either a view or states.")
        if view == review_pb2.REVIEW_VIEW_FREE:
            return await self._reviews.free_for(self._person(), Role.REVIEWER, after, size)
        if view == review_pb2.REVIEW_VIEW_DISPUTED:
            return await self._reviews.free_for(self._person(), Role.SUPERVISOR, after, size)
        if view == review_pb2.REVIEW_VIEW_MINE:
            return await self._reviews.held_by(self._person(), after, size)
        if view:
            raise FieldInvalid("view", "REVIEW_VIEW_FREE, REVIEW_VIEW_MINE or REVIEW_VIEW_DISPUTED is known.")
        states = tuple(dict.fromkeys(map(STATES.from_wire, request.states)))
        return await self._reviews.in_states(states, after, size)

    async def _shown(self, case: Case, person: str) -> review_pb2.ReviewCase:
        remark(review_case=case.name, review_state=case.state.value)
        return whole(case, await self._reviews.evidence_of(case), person)

    def _person(self) -> str:
        return self._persons.required(current_visit.get())

    def _perhaps(self) -> str:
        return self._persons.of(current_visit.get())
