"""match: a decision for each record of the gallery and each modality. Nothing is kept between requests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from adapters.mosip_biosdk.biometrics import Biometrics, Extracted, Score
from adapters.mosip_biosdk.codes import Refused, Status, is_of_sample
from adapters.mosip_biosdk.envelope import Json
from adapters.mosip_biosdk.requests import Match
from adapters.mosip_biosdk.samples import MODALITY_OF, Sample, of, wanted
from biometrics.template import Modality
from infra.calling.calls import CallFailed

MOST_REFERENCES = 10_000
_AT_ONCE = 8
"""Extractions of one request at once."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A sample whose template is there, or the reason why it cannot be."""

    sample: Sample
    found: Extracted | None
    reason: str


async def match(request: Match, biometrics: Biometrics) -> list[Json]:
    """The decisions, in the order of the gallery: MATCHED, NOT_MATCHED, or ERROR if nothing could be compared.

    What a person would have to look at is NOT_MATCHED, with REVIEW in `errors`. Positions are compared only with the
    same position, and unknown ones with all.

    Raises:
        Refused: see `wanted`; INVALID_INPUT if the sample holds other modalities only; MATCHING_FAILED if nothing in
            the whole gallery can be compared.
        CallFailed: a service refuses a sample, or does not answer.
    """
    probes = _probes(request)
    gallery = [of(each, request.probe.modalities) for each in request.gallery]
    if sum(map(len, gallery)) > MOST_REFERENCES:
        raise Refused(Status.INVALID_INPUT, f"gallery holds more than {MOST_REFERENCES} samples.")
    room = asyncio.Semaphore(_AT_ONCE)
    ready = await asyncio.gather(*(_ready(each, biometrics, room) for each in probes))
    references = [await asyncio.gather(*(_ready(each, biometrics, room) for each in record)) for record in gallery]
    modalities = [each for each in request.probe.modalities if any(each == probe.type for probe in probes)]
    columns = [await _decisions(MODALITY_OF[each], ready, references, biometrics) for each in modalities]
    if all(each["match"] == "ERROR" for column in columns for each in column):
        raise Refused(
            Status.MATCHING_FAILED,
            "Nothing could be compared: no position of the sample is in the gallery, or the samples cannot be used.",
        )
    return [
        {"galleryIndex": index, "decisions": dict(zip(modalities, row, strict=True)), "analyticsInfo": {}}
        for index, row in enumerate(zip(*columns, strict=True))
    ]


def _probes(request: Match) -> tuple[Sample, ...]:
    try:
        return wanted(request.probe)
    except Refused as error:
        if error.status is Status.NOT_FOUND_IN_CBEFF and any(each.data for each in request.probe.sample):
            raise Refused(Status.INVALID_INPUT, f"{error.message} It holds others.") from None
        raise


async def _ready(sample: Sample, biometrics: Biometrics, room: asyncio.Semaphore) -> _Ready:
    if sample.is_template:
        return _Ready(sample, Extracted(sample.data, None), "")
    try:
        async with room:
            return _Ready(sample, await biometrics.extract(sample), "")
    except CallFailed as error:
        if not is_of_sample(error):
            raise
        return _Ready(sample, None, f"{sample.segment.where}: {error.reason}")


async def _decisions(
    modality: Modality, probes: Sequence[_Ready], gallery: Sequence[Sequence[_Ready]], biometrics: Biometrics
) -> list[Json]:
    """One for each record of the gallery."""
    scores: list[list[Score]] = [[] for _ in gallery]
    for probe in probes:
        if probe.found and probe.sample.modality is modality:
            for index, score in await _scores(probe, probe.found, gallery, biometrics):
                scores[index].append(score)
    return list(
        await asyncio.gather(
            *(
                _decision(modality, own, _reasons(modality, probes, record), biometrics)
                for own, record in zip(scores, gallery, strict=True)
            )
        )
    )


async def _scores(
    probe: _Ready, found: Extracted, gallery: Sequence[Sequence[_Ready]], biometrics: Biometrics
) -> list[tuple[int, Score]]:
    """The best score of a probe with each record that has something comparable."""
    sample = probe.sample
    pairs = [
        (index, each.found.template)
        for index, record in enumerate(gallery)
        for each in record
        if each.found and each.sample.modality is sample.modality and sample.position.comparable(each.sample.position)
    ]
    if not pairs:
        return []
    compared = await biometrics.compare(sample.modality, found.template, [template for _, template in pairs])
    rows = zip((index for index, _ in pairs), compared, strict=True)
    best = []
    for index, group in groupby(rows, key=lambda row: row[0]):
        own = [comparison for _, comparison in group]
        top = max(own, key=lambda each: each.score)
        best.append((index, Score(sample.position, top, len(own), found.quality)))
    return best


async def _decision(modality: Modality, scores: list[Score], reasons: list[str], biometrics: Biometrics) -> Json:
    if not scores:
        return _answer("ERROR", reasons or ["NOTHING_COMPARABLE"])
    same = await biometrics.is_match(modality, scores)
    return _answer("MATCHED" if same else "NOT_MATCHED", [*reasons, *(["REVIEW"] if same is None else [])])


def _reasons(modality: Modality, probes: Sequence[_Ready], record: Sequence[_Ready]) -> list[str]:
    return [each.reason for each in (*probes, *record) if each.reason and each.sample.modality is modality]


def _answer(outcome: str, errors: list[str]) -> Json:
    return {"match": outcome, "errors": errors, "analyticsInfo": {}}
