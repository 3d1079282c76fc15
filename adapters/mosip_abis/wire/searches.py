"""Identification: who else is the same person."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import decision_pb2

from adapters.mosip_abis.answers import candidate_list, done
from adapters.mosip_abis.failures import Failure, Later, Refused, refusal
from adapters.mosip_abis.requests import MOST_FPIR, MOST_RESULTS, Request, one_case
from adapters.mosip_abis.share.share import Share
from adapters.mosip_abis.wire.candidates import candidate, reasons
from adapters.mosip_abis.wire.members import is_member, size
from adapters.mosip_abis.wire.samples import NOT_READ, Sent, readable, sent_of
from adapters.wire.fusion import Fusion
from infra.calling.calls import CallFailed

log = logging.getLogger("biofusion.mosip_abis")

_ENROLLED = {"NOT_FOUND": Failure.REFERENCE_UNKNOWN}
_SENT = {NOT_READ: Failure.NOT_CBEFF}
_UNSEARCHED = {"SERVICE_UNAVAILABLE", "SEARCH_INCOMPLETE"}


class Searches:
    """Searches the gallery. Methods raise Refused.

    Args:
        fusion: the service.
        share: where samples are.
        gallery: of all persons.
        fpir: false positive identification rate of searches that state none but may find a few only.
    """

    def __init__(self, fusion: Fusion, share: Share, gallery: str, fpir: float) -> None:
        self._fusion, self._share, self._gallery, self._fpir = fusion, share, gallery, fpir

    async def identify(self, request: Request) -> dict[str, Any]:
        """MATCH and REVIEW candidates, best first; the person itself is none."""
        found = await self._found(request)
        if request.within and not found:
            await self._check_known(request.within)
        candidates = [candidate(each) for each in found[: request.most]]
        return done(request.id, request.request_id, candidateList=candidate_list(candidates))

    async def _found(self, request: Request) -> Sequence[decisions_pb2.RankedSubject]:
        """Those of the person, if one of this id was inserted; else those of what is at the address."""
        if request.reference:
            try:
                return await self._enrolled(request)
            except Refused as error:
                if error.failure is not Failure.REFERENCE_UNKNOWN or not request.url:
                    raise
        return await self._shared(request)

    async def _check_known(self, references: frozenset[str]) -> None:
        """Refuse a gallery of which nobody was inserted; of a long one, some are asked for."""
        for each in sorted(references)[:MOST_RESULTS]:
            try:
                if await is_member(self._fusion, each, self._gallery):
                    return
            except CallFailed as error:
                raise refusal(error) from None
        if len(references) <= MOST_RESULTS:
            raise Refused(Failure.REFERENCE_UNKNOWN, "GALLERY")

    async def _enrolled(self, request: Request) -> Sequence[decisions_pb2.RankedSubject]:
        """Those of a person who was inserted."""
        probe = decisions_pb2.EnrolledProbe(subject_id=request.reference)
        try:
            return await self._searched(request, decisions_pb2.CheckDuplicatesRequest(enrolled_probe=probe))
        except CallFailed as error:
            raise refusal(error, _ENROLLED) from None

    async def _shared(self, request: Request) -> Sequence[decisions_pb2.RankedSubject]:
        """Those of samples of the data share."""
        sent = await sent_of(await self._share.fetch(request.url))
        try:
            return await self._searched_readable(request, sent)
        except CallFailed as error:
            if error.reason == "GALLERY_NOT_FOUND":  # nobody was ever inserted
                return ()
            raise refusal(error, _SENT) from None

    async def _searched_readable(self, request: Request, sent: Sent) -> Sequence[decisions_pb2.RankedSubject]:
        try:
            return await self._searched(request, decisions_pb2.CheckDuplicatesRequest(**sent.fields))
        except CallFailed as error:
            if error.status != NOT_READ:
                raise
        kept = await readable(sent, self._fusion)
        return await self._searched(request, decisions_pb2.CheckDuplicatesRequest(**kept.fields))

    async def _searched(
        self, request: Request, asked: decisions_pb2.CheckDuplicatesRequest
    ) -> Sequence[decisions_pb2.RankedSubject]:
        asked.gallery, asked.consistency_token = self._gallery, self._fusion.written
        asked.max_candidate_count = MOST_RESULTS if request.within else request.most or MOST_RESULTS
        if request.within:
            asked.fpir = rate_for(
                len(request.within), await size(self._fusion, self._gallery), request.fpir or self._fpir
            )
        elif request.fpir is not None:
            asked.fpir = request.fpir
        method, request_id = self._fusion.stubs.decisions.CheckDuplicates, request.call_id("search")
        answer: decisions_pb2.CheckDuplicatesResponse = await self._fusion.ask(method, asked, request_id=request_id)
        found = _among(answer.candidates, request.within)
        if not found:
            _check_complete(answer)
        return found


def rate_for(few: int, count: int, fpir: float) -> float:
    """The rate at which a search of a whole gallery decides about a few of it as a search of those alone would.

    The threshold is that of the rate divided by the number of persons, so for few of many the rate is higher; as it
    cannot exceed 0.5, the few may be decided about more strictly, never less.

    Args:
        few: persons that may be candidates.
        count: persons of the gallery.
        fpir: false positive identification rate, 0–1, of the few together.
    """
    return max(fpir, min(MOST_FPIR, fpir * count / few))


def _among(
    candidates: Sequence[decisions_pb2.RankedSubject], within: frozenset[str]
) -> Sequence[decisions_pb2.RankedSubject]:
    """Those that are listed; all without a list."""
    return [each for each in candidates if one_case(each.subject_id) in within] if within else candidates


def _check_complete(answer: decisions_pb2.CheckDuplicatesResponse) -> None:
    """Nobody is told to be unique if a part of the search did not take place. Raises Later."""
    told = reasons(answer.decision)
    for each in told:
        if each in _UNSEARCHED:
            raise Later(Failure.INTERNAL, each)
    if not answer.candidates and answer.decision.outcome != decision_pb2.OUTCOME_NO_MATCH:
        log.warning("mosip.abis.identify: no candidate, but the evidence does not decide (%s)", ", ".join(told))
