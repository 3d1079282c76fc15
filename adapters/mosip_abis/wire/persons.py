"""Operations on persons: insert, delete, and how many there are."""

from __future__ import annotations

from typing import Any

from biofusion.fusion.v1 import subjects_pb2

from adapters.mosip_abis.answers import done
from adapters.mosip_abis.failures import Failure, Refused, refusal
from adapters.mosip_abis.requests import Request
from adapters.mosip_abis.share.share import Share
from adapters.mosip_abis.wire.samples import NOT_READ, Sent, readable, sent_of
from adapters.wire.fusion import Fusion
from infra.calling.calls import CallFailed

_INSERT = {"ALREADY_EXISTS": Failure.REFERENCE_EXISTS, NOT_READ: Failure.NOT_CBEFF}
_DELETE = {"NOT_FOUND": Failure.REFERENCE_UNKNOWN}


class Persons:
    """Enrols, deletes and counts. Methods raise Refused.

    Args:
        fusion: the service.
        share: where samples are.
        gallery: of all persons.
    """

    def __init__(self, fusion: Fusion, share: Share, gallery: str) -> None:
        self._fusion, self._share, self._gallery = fusion, share, gallery

    async def insert(self, request: Request) -> dict[str, Any]:
        """Enrols what can be enrolled of the person's samples. Nobody is searched for, as MOSIP asks for that later."""
        sent = await sent_of(await self._share.fetch(request.url))
        try:
            await self._enrol(request, sent)
        except CallFailed as error:
            raise refusal(error, _INSERT) from None
        return done(request.id, request.request_id)

    async def _enrol(self, request: Request, sent: Sent) -> None:
        """Enrol; without records that cannot be read, if there are others. Both attempts have one id."""
        try:
            await self._ask_to_enrol(request, sent)
        except CallFailed as error:
            if error.status != NOT_READ:
                raise
            await self._ask_to_enrol(request, await readable(sent, self._fusion))

    async def _ask_to_enrol(self, request: Request, sent: Sent) -> None:
        asked = subjects_pb2.EnrollSubjectRequest(
            request_id=request.call_id("enrol"),
            subject_id=request.reference,
            galleries=[self._gallery],
            skip_unusable=True,
            **sent.fields,
        )
        try:
            await self._fusion.ask(self._fusion.stubs.subjects.EnrollSubject, asked)
        except CallFailed as error:
            if error.reason != "REQUEST_ID_REUSED":  # an earlier attempt at this very request enrolled the person
                raise

    async def delete(self, request: Request) -> dict[str, Any]:
        """Erases a person of the gallery."""
        try:
            if not await self._is_of_others(request.reference):
                asked = subjects_pb2.DeleteSubjectRequest(
                    request_id=request.call_id("delete"), subject_id=request.reference
                )
                await self._fusion.ask(self._fusion.stubs.subjects.DeleteSubject, asked)
                return done(request.id, request.request_id)
        except CallFailed as error:
            raise refusal(error, _DELETE) from None
        raise Refused(Failure.REFERENCE_UNKNOWN, "IN_OTHER_GALLERIES")

    async def _is_of_others(self, reference: str) -> bool:
        """Whether the person is in other galleries only. One who is gone may have been deleted by this request."""
        asked = subjects_pb2.GetSubjectRequest(
            subject_id=reference, view=subjects_pb2.SUBJECT_VIEW_BASIC, consistency_token=self._fusion.written
        )
        try:
            answer = await self._fusion.ask(self._fusion.stubs.subjects.GetSubject, asked)
        except CallFailed as error:
            if error.status != "NOT_FOUND":
                raise
            return False
        return self._gallery not in answer.subject.galleries

    async def count(self, request: Request) -> dict[str, Any]:
        """How many persons the gallery has."""
        asked = subjects_pb2.ListSubjectsRequest(
            gallery=self._gallery, page_size=1, consistency_token=self._fusion.written
        )
        try:
            answer = await self._fusion.ask(self._fusion.stubs.subjects.ListSubjects, asked)
            number = int(answer.total_count)
        except CallFailed as error:
            if error.status != "NOT_FOUND":  # nobody was ever inserted
                raise refusal(error) from None
            number = 0
        return done(request.id, request.request_id, count=str(number))
