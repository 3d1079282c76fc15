"""Identification and verification against what is enrolled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from biofusion.fusion.v1 import decisions_pb2, subjects_pb2

from adapters.osia.call import Call
from adapters.osia.faults import GONE, Refused, bad
from adapters.osia.reading.bodies import ALL, IDENTIFY, VERIFY, empty_filter
from adapters.osia.reading.queries import within
from adapters.osia.wire import answers
from adapters.osia.wire.extraction import as_templates
from adapters.osia.wire.galleries import Galleries
from adapters.osia.wire.samples import Fetch, read
from adapters.wire.fusion import Fusion
from adapters.wire.matchers import Matchers

MOST_GALLERIES = 32
"""Most galleries that a search of all of them takes."""


class Searches:
    """Searches and compares. Methods raise Refused and CallFailed.

    Args:
        fusion: the service.
        galleries: their names.
        matchers: extract what is sought in several galleries.
        fetch: of bytes that are referred to.
        fpir: false positive identification rate of a search of all galleries, which they share.
    """

    def __init__(self, fusion: Fusion, galleries: Galleries, matchers: Matchers, fetch: Fetch, fpir: float) -> None:
        self._fusion, self._galleries, self._matchers = fusion, galleries, matchers
        self._fetch, self._fpir = fetch, fpir

    async def identify(self, call: Call) -> list[dict[str, Any]]:
        """identify: MATCH and REVIEW candidates, best first."""
        body = IDENTIFY(call.body, "")
        samples, missing = await read(body["biometricData"], "biometricData", self._fetch, body["filter"])
        return await self._search(call, decisions_pb2.IdentifySubjectsRequest(samples=samples, missing=missing))

    async def identify_enrolled(self, call: Call) -> list[dict[str, Any]]:
        """identifyFromId, identifyFromEncounterId: the person itself is no candidate."""
        empty_filter(call.body, "")
        probe = decisions_pb2.EnrolledProbe(subject_id=call.person, encounter_id=call.path.get("encounterId", ""))
        return await self._search(call, decisions_pb2.IdentifySubjectsRequest(enrolled_probe=probe))

    async def verify(self, call: Call) -> dict[str, Any]:
        """VerifyFromId."""
        body = VERIFY(call.body, "")
        samples, missing = await read(body["biometricData"], "biometricData", self._fetch)
        request = decisions_pb2.VerifySubjectRequest(subject_id=call.person, samples=samples, missing=missing)
        if (fmr := fmr_of(call)) is not None:
            request.fmr = fmr
        await self._check_member(call)
        done = await self._fusion.ask(
            self._fusion.stubs.decisions.VerifySubject, request, request_id=call.request_id("verify")
        )
        return answers.verdict(done.decision, done.review_case, done.review_case_failure)

    async def _check_member(self, call: Call) -> None:
        request = subjects_pb2.GetSubjectRequest(subject_id=call.person, view=subjects_pb2.SUBJECT_VIEW_BASIC)
        found = (await self._fusion.ask(self._fusion.stubs.subjects.GetSubject, request)).subject
        if call.path["galleryId"] not in {ALL, *found.galleries}:
            raise Refused(GONE, "The person is not in this gallery.")

    async def _search(self, call: Call, request: decisions_pb2.IdentifySubjectsRequest) -> list[dict[str, Any]]:
        if (most := call.query.get("maxNbCand")) is not None:
            request.max_candidate_count = most
        gallery = call.path["galleryId"]
        names = [gallery] if gallery != ALL else await self._galleries.names()
        if len(names) > MOST_GALLERIES:
            raise bad(f"{ALL}: there are more than {MOST_GALLERIES} galleries; search them by name.")
        if len(names) > 1:
            samples = await as_templates(self._matchers, request.samples)
            request.ClearField("samples")
            request.samples.extend(samples)
        requests = [self._in_gallery(request, each, len(names)) for each in names]
        found = await asyncio.gather(*(self._ranked(call, each) for each in requests))
        return _merged(found, call.query.get("threshold"), most or 10)

    def _in_gallery(
        self, request: decisions_pb2.IdentifySubjectsRequest, gallery: str, of: int
    ) -> decisions_pb2.IdentifySubjectsRequest:
        each = decisions_pb2.IdentifySubjectsRequest()
        each.CopyFrom(request)
        each.gallery, each.consistency_token = gallery, self._fusion.written
        if of > 1:
            each.fpir = max(1e-9, self._fpir / of)
        return each

    async def _ranked(
        self, call: Call, request: decisions_pb2.IdentifySubjectsRequest
    ) -> Sequence[decisions_pb2.RankedSubject]:
        method, request_id = self._fusion.stubs.decisions.IdentifySubjects, call.request_id(request.gallery)
        answer: decisions_pb2.IdentifySubjectsResponse = await self._fusion.ask(method, request, request_id=request_id)
        return answer.candidates


def _merged(
    found: Sequence[Sequence[decisions_pb2.RankedSubject]], threshold: float | None, most: int
) -> list[dict[str, Any]]:
    """The candidates of all galleries, each person once, best first; those of one gallery in their order."""
    best: dict[str, decisions_pb2.RankedSubject] = {}
    for each in sorted((each for candidates in found for each in candidates), key=lambda one: -one.decision.llr):
        best.setdefault(each.subject_id, each)
    kept = [each for each in best.values() if threshold is None or each.decision.llr >= threshold]
    return [answers.candidate(each, rank) for rank, each in enumerate(kept[:most], 1)]


def fmr_of(call: Call) -> float | None:
    """The false match rate of a verification: a threshold t of scores, which are log10, stands for 10^-t."""
    threshold = within(call.query, "threshold", 1, 9)
    return None if threshold is None else 10.0**-threshold
