"""Verification of two sets of samples, neither of which is enrolled."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from biofusion.fusion.v1 import decisions_pb2
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from adapters.osia.call import Call
from adapters.osia.faults import bad
from adapters.osia.reading.bodies import VERIFY_TWO
from adapters.osia.wire import answers
from adapters.osia.wire.extraction import SERVICES, extracted
from adapters.osia.wire.samples import Fetch, Read, read
from adapters.osia.wire.searches import fmr_of
from adapters.wire.fusion import Fusion
from adapters.wire.matchers import Matchers


@dataclass(frozen=True, slots=True)
class _Extracted:
    modality: modality_pb2.Modality.ValueType
    position: modality_pb2.Position.ValueType
    template: sample_pb2.Template
    quality: float


class TwoSets:
    """Compares the samples by the matching services, and fuses their scores. Methods raise Refused and CallFailed.

    Args:
        fusion: the service.
        matchers: the services of the modalities.
        fetch: of bytes that are referred to.
    """

    def __init__(self, fusion: Fusion, matchers: Matchers, fetch: Fetch) -> None:
        self._fusion, self._matchers, self._fetch = fusion, matchers, fetch

    async def verify(self, call: Call) -> dict[str, Any]:
        """verifyFromBio: no review case is opened, as nobody enrolled is concerned."""
        body = VERIFY_TWO(call.body, "")
        probes, references = [
            await self._extracted(await read(body[name], name, self._fetch), name)
            for name in ("biometricData1", "biometricData2")
        ]
        scores = [each for each in [await self._score(probe, references) for probe in probes] if each is not None]
        if not scores:
            raise bad("biometricData2: none of it is of a finger, an eye or a face that biometricData1 has too.")
        request = decisions_pb2.FuseScoresRequest(scores=scores)
        if (fmr := fmr_of(call)) is not None:
            request.fmr = fmr
        return answers.verdict((await self._fusion.ask(self._fusion.stubs.decisions.FuseScores, request)).decision)

    async def _extracted(self, content: Read, path: str) -> list[_Extracted]:
        return list(await asyncio.gather(*(self._one(each, path) for each in content[0])))

    async def _one(self, sample: sample_pb2.Sample, path: str) -> _Extracted:
        if sample.slap:
            raise bad(f"{path}: images of several fingers are not compared without enrolment. Send one image a finger.")
        position = sample.position or modality_pb2.POSITION_UNKNOWN
        done = await extracted(self._matchers, sample)
        return _Extracted(sample.modality, position, done.template, done.quality.value)

    async def _score(self, probe: _Extracted, references: list[_Extracted]) -> decisions_pb2.NamedScore | None:
        """The best score of a probe among the references that it can be compared with; None without one."""
        unknown = modality_pb2.POSITION_UNKNOWN
        others = [
            each
            for each in references
            if each.modality == probe.modality
            and (each.position == probe.position or unknown in {each.position, probe.position})
        ]
        if not others:
            return None
        request = matching_pb2.CompareTemplatesRequest(
            probe=probe.template, references=[each.template for each in others]
        )
        done = await self._matchers.ask(SERVICES[probe.modality], "CompareTemplates", request)
        best = max(done.comparisons, key=lambda each: each.score)
        return decisions_pb2.NamedScore(
            modality=probe.modality,
            position=probe.position,
            comparator_id=best.comparator_id,
            score=best.score,
            comparison_count=len(others),
            quality=probe.quality,
        )
