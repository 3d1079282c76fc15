"""gRPC servicer of `SubjectService`: enrols, reads, lists and erases subjects."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import TypeAlias

import grpc
from biofusion.fusion.v1 import subjects_pb2, subjects_pb2_grpc

from fusion.access.enough import checked_search
from fusion.access.grant import needed
from fusion.duplicates.guard import DuplicateGuard
from fusion.requests.parallel import computed
from fusion.requests.read_your_writes import wait_until_seen
from fusion.samples.probes import Matchers
from fusion.samples.quality_gate import MinQuality
from fusion.use_cases.check_quality import check_quality
from fusion.use_cases.enroll import enroll, try_out
from fusion.use_cases.split import split
from fusion.watching.shared_feed import SharedFeed
from fusion.watching.watch import watch
from fusion.wire import enrolments, subjects
from fusion.wire.life import moves
from fusion.wire.requests import opened_from_wire
from gallery.store.port import SubjectStore
from gallery.store.values import ConsistencyToken
from gallery.subject import check_id
from infra.deadlines import Deadline
from infra.requests.idempotence import check_request_id, digest_of
from infra.requests.paging import page_size

log = logging.getLogger(__name__)

NAME = subjects_pb2.DESCRIPTOR.services_by_name["SubjectService"].full_name

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000

Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"


class SubjectServicer(subjects_pb2_grpc.SubjectServiceServicer):
    """Enrols, reads, lists and erases subjects.

    Args:
        matchers: the matching services.
        store: the store of enrolled subjects.
        guard: checks enrolments for duplicates; one for all enrolments of the process.
        default_deadline_s: seconds for a call whose caller states no deadline.
        min_quality: the lowest quality that is enrolled, 0–100, by modality.
    """

    def __init__(
        self,
        matchers: Matchers,
        store: SubjectStore,
        guard: DuplicateGuard,
        default_deadline_s: float,
        min_quality: MinQuality,
    ) -> None:
        self._parts = matchers, store
        self._matchers = matchers
        self._store = store
        self._feed = SharedFeed(store)
        self._guard = guard
        self._default_deadline_s = default_deadline_s
        self._min_quality = min_quality

    async def EnrollSubject(
        self, request: subjects_pb2.EnrollSubjectRequest, context: Context
    ) -> subjects_pb2.EnrollSubjectResponse:
        """Enrol one encounter; with validate_only do all but store it."""
        deadline = self._deadline(context)
        enrolment, unread = await enrolments.enrolment_from_wire(request)
        if request.validate_only:
            trial = await try_out(enrolment, *self._parts, deadline.left_s, self._min_quality, self._guard)
            trial = replace(trial, checks=tuple(checked_search(each, *needed()) for each in trial.checks))
            return await computed(trial.size, enrolments.trial_to_wire, trial, unread)
        result = await enroll(enrolment, *self._parts, deadline.left_s, self._min_quality, self._guard)
        return await computed(result.size, enrolments.enrolment_to_wire, result, unread)

    async def GetSubject(
        self, request: subjects_pb2.GetSubjectRequest, context: Context
    ) -> subjects_pb2.GetSubjectResponse:
        """Read a subject, without templates."""
        is_basic = subjects.is_basic(request.view, subjects_pb2.SUBJECT_VIEW_FULL)
        await wait_until_seen(self._store, ConsistencyToken(request.consistency_token), self._deadline(context))
        subject = await self._store.get(check_id(request.subject_id, "subject_id"))
        wire = subjects.subject_to_wire(subject.summary if is_basic else subject)
        return subjects_pb2.GetSubjectResponse(subject=wire)

    async def ListSubjects(
        self, request: subjects_pb2.ListSubjectsRequest, context: Context
    ) -> subjects_pb2.ListSubjectsResponse:
        """List subjects in order of id."""
        is_basic = subjects.is_basic(request.view, subjects_pb2.SUBJECT_VIEW_BASIC)
        await wait_until_seen(self._store, ConsistencyToken(request.consistency_token), self._deadline(context))
        size = page_size(request.page_size, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
        if request.gallery:
            check_id(request.gallery, "gallery")
        read = self._store.list_summaries if is_basic else self._store.list
        page = await read(size, request.page_token, request.gallery)
        if page.unreadable:
            log.warning("%d subjects of a listed page cannot be read, and are left out of it.", len(page.unreadable))
        return subjects_pb2.ListSubjectsResponse(
            subjects=map(subjects.subject_to_wire, page.subjects),
            next_page_token=page.next_page_token,
            total_count=await self._store.count(request.gallery),
        )

    async def DeleteSubject(
        self, request: subjects_pb2.DeleteSubjectRequest, context: Context
    ) -> subjects_pb2.DeleteSubjectResponse:
        """Erase a subject."""
        subject_id, request_id = check_id(request.subject_id, "subject_id"), check_request_id(request.request_id)
        digest = digest_of([b"delete", subject_id.encode()])
        receipt = await self._store.delete(subject_id, request_id, digest)
        return subjects_pb2.DeleteSubjectResponse(consistency_token=receipt.token, replayed=receipt.replayed)

    async def CheckQuality(
        self, request: subjects_pb2.CheckQualityRequest, context: Context
    ) -> subjects_pb2.CheckQualityResponse:
        """Report the quality of samples."""
        deadline = self._deadline(context)
        samples, missing, _ = await opened_from_wire(request.samples, ())
        checks = await check_quality(samples, self._matchers, deadline.left_s, self._min_quality) if samples else []
        return subjects_pb2.CheckQualityResponse(
            reports=map(subjects.check_to_wire, checks), missing=map(subjects.missing_to_wire, missing)
        )

    async def MergeSubjects(
        self, request: subjects_pb2.MergeSubjectsRequest, context: Context
    ) -> subjects_pb2.MergeSubjectsResponse:
        """Move all encounters of a subject to another one."""
        receipt = await self._store.move_encounters(moves.merge_from_wire(request))
        return subjects_pb2.MergeSubjectsResponse(consistency_token=receipt.token, replayed=receipt.replayed)

    async def SplitSubject(
        self, request: subjects_pb2.SplitSubjectRequest, context: Context
    ) -> subjects_pb2.SplitSubjectResponse:
        """Move some encounters of a subject to a new one."""
        receipt = await split(moves.split_from_wire(request), self._store)
        return subjects_pb2.SplitSubjectResponse(consistency_token=receipt.token, replayed=receipt.replayed)

    async def WatchChanges(
        self, request: subjects_pb2.WatchChangesRequest, context: Context
    ) -> AsyncIterator[subjects_pb2.WatchChangesResponse]:
        """Tell of changes until the caller cancels."""
        token = ConsistencyToken(request.resume_token)
        async with aclosing(watch(self._store, self._feed, token, request.gallery)) as changes:
            async for news in changes:
                yield subjects.news_to_wire(news)

    def _deadline(self, context: Context) -> Deadline:
        return Deadline.of_call(context.time_remaining(), self._default_deadline_s)
