"""check-quality: one score for each modality, the mean over its samples."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.mosip_biosdk.biometrics import Biometrics, Report
from adapters.mosip_biosdk.codes import Refused, Status
from adapters.mosip_biosdk.envelope import Json
from adapters.mosip_biosdk.requests import Samples
from adapters.mosip_biosdk.samples import Sample, wanted


async def check_quality(request: Samples, biometrics: Biometrics) -> Json:
    """The scores, 0–100. A sample from which nothing can be extracted counts as 0, with the reason in `errors`.

    Raises:
        Refused: see `wanted`; INVALID_INPUT also for a template, whose sample is not there to be measured.
        CallFailed: a service refuses a sample, or does not answer.
    """
    samples = wanted(request)
    for each in samples:
        if each.is_template:
            raise Refused(Status.INVALID_INPUT, f"{each.segment.where} is a template. Send the image that it is of.")
    reports = await biometrics.check_quality(samples)
    modalities = dict.fromkeys(each.type for each in samples)
    return {"scores": {each: _score(each, samples, reports) for each in modalities}, "analyticsInfo": {}}


def _score(modality: str, samples: Sequence[Sample], reports: Sequence[Report]) -> Json:
    own = [each for each in reports if samples[each.index].type == modality]
    values = [each.quality or 0.0 for each in own]
    errors = [f"{samples[each.index].position}: {each.reason}" for each in own if each.reason]
    return {"score": round(sum(values) / max(1, len(values)), 1), "errors": errors, "analyticsInfo": {}}
