"""The samples of an enrolment that can be used: they have a template and quality enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from biometrics.sample import Sample
from fusion.requests.budget import step_s
from fusion.samples.probe_extraction import extract_probes
from fusion.samples.probes import Matchers, Probe, require_usable
from fusion.samples.quality_gate import NO_GATE, MinQuality, require_quality, sufficient
from fusion.use_cases.enrolment_request import EnrolmentRequest
from infra.deadlines import Deadline


async def check_samples(
    samples: Sequence[Sample],
    matchers: Matchers,
    timeout_s: float,
    min_quality: MinQuality = NO_GATE,
    *,
    check_templates: bool = True,
) -> list[Probe]:
    """Extract every sample, for a dry run or an enrolment.

    Raises:
        AcquisitionFailed, ServiceUnavailable: a sample has no template or too low a quality; the metadata names it.
        DeadlineExpired: a sample was not ready in time.
    """
    left_s = step_s(Deadline.after(timeout_s))
    probes = await extract_probes(samples, matchers, left_s, check_templates=check_templates)
    for probe in probes:
        require_usable([probe])
    require_quality(probes, min_quality)
    return probes


async def usable(
    request: EnrolmentRequest,
    matchers: Matchers,
    timeout_s: float,
    min_quality: MinQuality,
    *,
    check_templates: bool = True,
) -> tuple[list[Probe], EnrolmentRequest]:
    """The probes to enrol, and the request with what is left out as missing. Raises as `check_samples`."""
    if not request.skip_unusable:
        samples, checks = request.samples, check_templates
        return await check_samples(samples, matchers, timeout_s, min_quality, check_templates=checks), request
    left_s = step_s(Deadline.after(timeout_s))
    probes = await extract_probes(request.samples, matchers, left_s, check_templates=check_templates)
    kept, left_out = sufficient(probes, min_quality)
    stated = {(each.modality, each.position) for each in request.missing}
    news = [each for each in left_out if (each.modality, each.position) not in stated]
    return kept, replace(request, missing=(*request.missing, *news), samples=tuple(each.as_sample for each in kept))
