"""The port's adapter: fusion for qualities and decisions, the matching services for templates and comparisons."""

from __future__ import annotations

from collections.abc import Sequence

from biofusion.fingerprint.v1 import fingerprint_pb2
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import decision_pb2, record_pb2, sample_pb2
from google.protobuf.message import DecodeError

from adapters.mosip_biosdk.biometrics import Cut, Extracted, Report, Score
from adapters.mosip_biosdk.codes import Refused, Status
from adapters.mosip_biosdk.samples import Sample
from adapters.wire.fusion import Fusion
from adapters.wire.matchers import Matchers
from biometrics.comparison import Comparison
from biometrics.slap import Segment
from biometrics.template import Modality, Position
from infra.settings import Settings
from infra.wire.convert import MODALITIES, POSITIONS


class Services:
    """All services, called with the adapter's identity. Must be made inside a running event loop.

    Args:
        settings: where they are: all with fusion, or the matching services at their own addresses.
        fusion: the fusion service.

    Raises:
        ConfigurationInvalid: a matching service is on another machine and TLS is off.
    """

    def __init__(self, settings: Settings, fusion: Fusion) -> None:
        self._fusion, self._matchers = fusion, Matchers(settings, fusion)

    async def check_quality(self, samples: Sequence[Sample]) -> list[Report]:
        """See Biometrics."""
        sent = [
            sample_pb2.Sample(modality=MODALITIES.to_wire(each.modality), record=record_pb2.Record(data=each.data))
            for each in samples
        ]
        answer = await self._fusion.ask(
            self._fusion.stubs.subjects.CheckQuality, subjects_pb2.CheckQualityRequest(samples=sent)
        )
        return [
            Report(
                each.report.sample_index,
                each.report.quality.value if each.report.HasField("quality") else None,
                each.failure_reason,
            )
            for each in answer.reports
        ]

    async def extract(self, sample: Sample) -> Extracted:
        """See Biometrics."""
        request = matching_pb2.ExtractTemplateRequest(record=record_pb2.Record(data=sample.data))
        answer = await self._matchers.ask(sample.modality.lower(), "ExtractTemplate", request)
        quality = answer.quality.value if answer.HasField("quality") else None
        return Extracted(answer.template.SerializeToString(), quality)

    async def cut(self, sample: Sample, missing: Sequence[Position]) -> list[Cut]:
        """See Biometrics."""
        request = fingerprint_pb2.ExtractFingersRequest(
            image=_image(sample),
            slap=record_pb2.Slap.Value(f"SLAP_{sample.slap}"),
            missing=map(POSITIONS.to_wire, missing),
        )
        answer = await self._matchers.ask("fingerprint", "ExtractFingers", request)
        return list(map(_cut, answer.fingers))

    async def compare(self, modality: Modality, probe: bytes, references: Sequence[bytes]) -> list[Comparison]:
        """See Biometrics. Raises also Refused: a template is none."""
        request = matching_pb2.CompareTemplatesRequest(
            probe=_template(probe), references=[_template(each) for each in references]
        )
        answer = await self._matchers.ask(modality.lower(), "CompareTemplates", request)
        return [Comparison(each.score, each.llr, each.fmr, each.comparator_id) for each in answer.comparisons]

    async def is_match(self, modality: Modality, scores: Sequence[Score]) -> bool | None:
        """See Biometrics."""
        request = decisions_pb2.FuseScoresRequest(scores=[_named(modality, each) for each in scores])
        answer = await self._fusion.ask(self._fusion.stubs.decisions.FuseScores, request)
        if answer.decision.outcome == decision_pb2.OUTCOME_REVIEW:
            return None
        return bool(answer.decision.outcome == decision_pb2.OUTCOME_MATCH)

    async def close(self) -> None:
        """Close all channels, fusion's too."""
        await self._matchers.close()
        await self._fusion.close()


def _template(data: bytes) -> sample_pb2.Template:
    try:
        return sample_pb2.Template.FromString(data)
    except DecodeError:
        raise Refused(Status.INVALID_INPUT, "A template is damaged. Send it as extract-template answered it.") from None


def _image(sample: Sample) -> sample_pb2.Image:
    stated = sample.content.resolution_dpi if sample.content else None
    across, down = stated or (None, None)
    return sample_pb2.Image(
        data=sample.image or b"",
        resolution_dpi=across,
        vertical_resolution_dpi=down,
        resolution_is_of_record=bool(stated),
    )


def _cut(finger: fingerprint_pb2.CutFinger) -> Cut:
    found = finger.segment
    place = Segment(POSITIONS.from_wire(found.position), found.left_px, found.top_px, found.right_px, found.bottom_px)
    quality = finger.quality.value if finger.HasField("quality") else None
    return Cut(place, quality)


def _named(modality: Modality, score: Score) -> decisions_pb2.NamedScore:
    return decisions_pb2.NamedScore(
        modality=MODALITIES.to_wire(modality),
        position=POSITIONS.to_wire(score.position),
        comparator_id=score.comparison.comparator_id,
        score=score.comparison.score,
        comparison_count=score.count,
        quality=score.quality,
    )
