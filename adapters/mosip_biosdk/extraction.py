"""extract-template: each sample's own template, in a segment like the sample's."""

from __future__ import annotations

import asyncio

from adapters.mosip_biosdk.biometrics import Biometrics
from adapters.mosip_biosdk.codes import Refused, Status
from adapters.mosip_biosdk.envelope import Json
from adapters.mosip_biosdk.requests import Samples
from adapters.mosip_biosdk.samples import TEMPLATE, Sample, usable, wanted
from adapters.mosip_biosdk.segments import changed, write

FORMAT = ("Biofusion", "1")
"""Organisation and type of the format of our own templates."""


async def extract_template(request: Samples, biometrics: Biometrics) -> Json:
    """A record with a template for each sample that was asked for, in order.

    Raises:
        Refused: see `wanted`; INVALID_INPUT also for a template; POOR_QUALITY, with an empty record, if a sample
            cannot be used.
        CallFailed: a service refuses a sample, or does not answer.
    """
    return write(list(await asyncio.gather(*(_extracted(each, biometrics) for each in wanted(request)))))


async def _extracted(sample: Sample, biometrics: Biometrics) -> Json:
    if sample.is_template:
        raise Refused(Status.INVALID_INPUT, f"{sample.segment.where} is a template already. Send a record of an image.")
    with usable(sample):
        found = await biometrics.extract(sample)
    return changed(sample.segment, TEMPLATE + found.template, FORMAT, "PROCESSED", round(found.quality or 0.0))
