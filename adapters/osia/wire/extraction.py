"""Extraction of a sample by the service of its modality, for what takes templates."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from adapters.wire.matchers import Matchers
from infra.calling.calls import CallFailed

SERVICES = {
    modality_pb2.MODALITY_FACE: "face",
    modality_pb2.MODALITY_FINGERPRINT: "fingerprint",
    modality_pb2.MODALITY_IRIS: "iris",
}
_FOR_FUSION = {"FAILED_PRECONDITION", "PERMISSION_DENIED", "UNAUTHENTICATED", "UNAVAILABLE", "UNIMPLEMENTED"}
"""The image is of no use, which fusion passes over if others are; or the adapter cannot call the service, though
fusion may."""


async def extracted(matchers: Matchers, sample: sample_pb2.Sample) -> Any:
    """The service's answer for a sample of one image or record. Raises CallFailed."""
    request = matching_pb2.ExtractTemplateRequest(position=sample.position)
    if sample.HasField("record"):
        request.record.CopyFrom(sample.record)
    else:
        request.image.CopyFrom(sample.image)
    return await matchers.ask(SERVICES[sample.modality], "ExtractTemplate", request)


async def as_templates(matchers: Matchers, samples: Sequence[sample_pb2.Sample]) -> list[sample_pb2.Sample]:
    """The samples, with templates in place of images of one finger, eye or face, so that each is extracted once.

    Slaps and records are left as they are, and images too that are of no use or whose service cannot be called.

    Raises:
        CallFailed: one is no image, or a service does not answer in time.
    """
    return list(await asyncio.gather(*(_as_template(matchers, each) for each in samples)))


async def _as_template(matchers: Matchers, sample: sample_pb2.Sample) -> sample_pb2.Sample:
    if sample.slap or not sample.HasField("image"):
        return sample
    try:
        done = await extracted(matchers, sample)
    except CallFailed as error:
        if error.status not in _FOR_FUSION:
            raise
        return sample
    return sample_pb2.Sample(
        modality=sample.modality,
        position=sample.position,
        template=done.template,
        template_quality=done.quality.value,
    )
