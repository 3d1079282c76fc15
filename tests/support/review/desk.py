"""A server of the review service with a clock of its own, and the persons who call it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import grpc
from biofusion.review.v1 import review_pb2, review_pb2_grpc
from biofusion.type.v1 import decision_pb2, modality_pb2

from biometrics.errors import SubjectExists
from gallery.store.subject_store import PartitionedStore
from infra.serving.server import Server
from infra.settings import Settings
from infra.wire.status import error_info
from review.options import ReviewOptions
from review.reviewing.watching import Pace
from review.wire.assembly import ReviewProcess
from tests.support.builders import enrolment

SAME, DIFFERENT, CANNOT_TELL = review_pb2.VERDICT_SAME, review_pb2.VERDICT_DIFFERENT, review_pb2.VERDICT_CANNOT_TELL
AGREE = review_pb2.VERDICT_REASON_DETAILS_AGREE
REVIEWER, SUPERVISOR = review_pb2.REVIEW_ROLE_REVIEWER, review_pb2.REVIEW_ROLE_SUPERVISOR
SCORE, LLR = 0.731, 3.141
"""What must not be told to who is blind."""


class Clock:
    """Seconds since 1970, as a test sets them."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """The time."""
        return self.now


class Seen:
    """A witness that keeps what it is told: case, event, state before."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, str]] = []

    async def happened(self, name: str, event: str, state: str) -> None:
        """See ReviewWitness."""
        self.events.append((name, event, state))


def decision() -> decision_pb2.Decision:
    """A decision that goes to review, with a score."""
    message = decision_pb2.Decision(outcome=decision_pb2.OUTCOME_REVIEW, llr=LLR, fmr=1e-4, match_threshold_llr=4.0)
    each = message.evidence.add(
        modality=modality_pb2.MODALITY_FACE,
        position=modality_pb2.POSITION_FACE,
        status=decision_pb2.EVIDENCE_STATUS_COMPARED,
        contribution_llr=LLR,
        comparison_count=2,
        quality=61.0,
        sample_index=0,
    )
    each.comparison.score, each.comparison.llr = SCORE, LLR
    each.likenesses.add(sample_index=1, rho=0.5)
    return message


def new_request(subject_id: str = "ann", **fields: Any) -> review_pb2.CreateReviewCaseRequest:
    """A request to open a case."""
    given = {"request_id": str(uuid.uuid4()), "decision": decision(), "rank": 1, "posterior": 0.25, **fields}
    return review_pb2.CreateReviewCaseRequest(subject_id=subject_id, **given)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who calls, and is named as the officer."""

    stub: review_pb2_grpc.ReviewServiceAsyncStub
    name: str = ""

    async def call(self, method: str, request: Any) -> Any:
        """Call a method."""
        metadata = [("biofusion-officer", self.name)] if self.name else []
        return await getattr(self.stub, method)(request, metadata=metadata, timeout=30)

    async def refused(self, method: str, request: Any) -> str:
        """The reason why a call is refused; "" if it is not."""
        try:
            await self.call(method, request)
        except grpc.aio.AioRpcError as error:
            return error_info(error.trailing_metadata()).reason or error.code().name
        return ""

    async def get(self, name: str) -> review_pb2.ReviewCase:
        """Read a case."""
        return (await self.call("GetReviewCase", review_pb2.GetReviewCaseRequest(name=name))).review_case

    async def claim(self, name: str = "", role: Any = 0) -> review_pb2.ReviewCase:
        """Claim a case."""
        request = review_pb2.ClaimReviewCaseRequest(name=name, role=role)
        return (await self.call("ClaimReviewCase", request)).review_case

    async def decide(self, case: review_pb2.ReviewCase, verdict: Any) -> review_pb2.ReviewCase:
        """Give a verdict on a case as it was shown."""
        return (await self.call("DecideReviewCase", verdict_on(case, verdict))).review_case

    async def look(self, name: str, verdict: Any, role: Any = 0) -> review_pb2.ReviewCase:
        """Claim a case and give a verdict."""
        return await self.decide(await self.claim(name, role), verdict)

    async def names(self, **filters: Any) -> list[str]:
        """Names of the cases of a list."""
        request = review_pb2.ListReviewCasesRequest(**filters)
        return [each.name for each in (await self.call("ListReviewCases", request)).review_cases]


def verdict_on(case: review_pb2.ReviewCase, verdict: Any) -> review_pb2.DecideReviewCaseRequest:
    """The request to decide a case as it was shown."""
    return review_pb2.DecideReviewCaseRequest(name=case.name, etag=case.etag, verdict=verdict, reason=AGREE)


@dataclass(frozen=True, slots=True)
class Desk:
    """A running review service."""

    process: ReviewProcess
    seen: Seen
    clock: Clock
    store: PartitionedStore
    stub: review_pb2_grpc.ReviewServiceAsyncStub

    def person(self, name: str = "") -> Person:
        """Somebody who calls it; "": a program."""
        return Person(self.stub, name)

    async def enrol(self, subject_id: str = "ann") -> None:
        """Enrol a subject."""
        await self.store.enroll(enrolment(subject_id))

    async def opened(self, **fields: Any) -> str:
        """The name of a new case."""
        response = await self.person().call("CreateReviewCase", new_request(**fields))
        return str(response.review_case.name)


@asynccontextmanager
async def desk_of(store: PartitionedStore, **options: Any) -> AsyncIterator[Desk]:
    """Run the service of a store with a subject `ann`; upkeep is done when a test asks for it."""
    clock = Clock()
    witness = Seen()
    process = ReviewProcess(store, ReviewOptions(**options), witness, clock, Pace(poll_s=0.01))
    server = Server(Settings(port=0, drain_s=0.0), 0)
    await server.start([process.registration])
    channel = grpc.aio.insecure_channel(server.address, [("grpc.enable_http_proxy", 0)])
    desk = Desk(process, witness, clock, store, review_pb2_grpc.ReviewServiceStub(channel))
    try:
        with suppress(SubjectExists):  # another desk of the store has enrolled her
            await desk.enrol()
        yield desk
    finally:
        await channel.close()
        await server.stop()
        await process.close()
