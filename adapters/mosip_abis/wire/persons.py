"""Operations on persons: insert, delete, and how many there are."""

from __future__ import annotations

from typing import Any

from biofusion.fusion.v1 import subjects_pb2

from adapters.mosip_abis.answers import done
from adapters.mosip_abis.failures import Failure, Refused, refusal
from adapters.mosip_abis.requests import Request
from adapters.mosip_abis.share.share import Share
from adapters.mosip_abis.wire.members import size, subject_of
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
        try:
            if not await self._was_inserted(request):
                await self._enrol(request, await sent_of(await self._share.fetch(request.url)))
        except CallFailed as error:
            raise refusal(error, _INSERT) from None
        return done(request.id, request.request_id)

    async def _was_inserted(self, request: Request) -> bool:
        """Whether this very request was done already. Raises Refused: another one has inserted this id."""
        found = await subject_of(self._fusion, request.reference)
        if found is None:
            return False
        if request.call_id("encounter") not in {each.encounter_id for each in found.encounters}:
            raise Refused(Failure.REFERENCE_EXISTS)
        return True

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
            encounter_id=request.call_id("encounter"),
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
        """Erases a person of the gallery. One who is not there may have been deleted by this very request."""
        try:
            found = await subject_of(self._fusion, request.reference)
            if found is not None and self._gallery not in found.galleries:
                raise Refused(Failure.REFERENCE_UNKNOWN, "IN_OTHER_GALLERIES")
            asked = subjects_pb2.DeleteSubjectRequest(
                request_id=request.call_id("delete"), subject_id=request.reference
            )
            await self._fusion.ask(self._fusion.stubs.subjects.DeleteSubject, asked)
        except CallFailed as error:
            raise refusal(error, _DELETE) from None
        return done(request.id, request.request_id)

    async def count(self, request: Request) -> dict[str, Any]:
        """How many persons the gallery has."""
        try:
            number = await size(self._fusion, self._gallery)
        except CallFailed as error:
            raise refusal(error) from None
        return done(request.id, request.request_id, count=str(number))
