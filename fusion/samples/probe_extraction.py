"""Extracts the templates of all samples of a request in parallel: the first step of every use case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from biometrics.errors import AcquisitionFailed, BiofusionError, ServiceUnavailable
from biometrics.sample import EncodedImage, EncodedMinutiae, Origin, Sample, SlapImage
from biometrics.template import Template
from fusion.matching.finger_port import CutFinger, finger_matcher
from fusion.requests.limits import require_samples
from fusion.requests.parallel import in_parallel
from fusion.samples.probes import Matchers, Probe
from infra.telemetry.metrics.stages import stage_of_fusion
from infra.wire.field_paths import located, relocated

E = TypeVar("E", bound=BiofusionError)


@stage_of_fusion("extract")
async def extract_probes(
    samples: Sequence[Sample], matchers: Matchers, timeout_s: float, *, check_templates: bool = True
) -> list[Probe]:
    """Extract all samples in parallel; the probes are in their order.

    Args:
        samples: 1–64.
        matchers: the matching services.
        timeout_s: seconds for all of them together.
        check_templates: whether samples that are templates are checked by a comparison with themselves; else a fault
            shows when they are first compared.

    Raises:
        FieldInvalid: no sample, more than 64, or more of one position than allowed.
        InvalidInput, TemplateModelMismatch: a sample cannot be used by its service; the metadata names it.
    """
    require_samples(samples)
    ready = [] if check_templates else [isinstance(sample.source, Template) for sample in samples]
    if ready and all(ready):
        return [Probe.of_template(sample, number) for number, sample in enumerate(samples)]
    found = await in_parallel(
        _tried(sample, number, matchers, timeout_s, check_templates) for number, sample in enumerate(samples)
    )
    if not any(isinstance(sample.source, SlapImage) for sample in samples):
        return [probe for (probe,) in found]
    probes = [replace(probe, number=number) for number, probe in enumerate(chain.from_iterable(found))]
    require_samples([probe.sample for probe in probes])
    return probes


async def checked(probe: Probe, matchers: Matchers, timeout_s: float) -> Probe:
    """Check a probe whose sample is a template by comparing it with itself; failed if its service does not answer.

    Raises:
        InvalidInput, TemplateModelMismatch: the template cannot be compared.
    """
    assert probe.template is not None
    try:
        await matchers[probe.modality].compare(probe.template, [probe.template], timeout_s)
    except (AcquisitionFailed, ServiceUnavailable) as error:
        return probe.failed(_of_sample(error, probe))
    except BiofusionError as error:
        raise _of_sample(relocated(error, "probe", "template"), probe) from error
    return probe


def not_of_the_request(error: E) -> E:
    """The error of a call to a matching service, without the path of a field that only that call has."""
    return relocated(relocated(error, "probe", ""), "references", "")


async def _tried(
    sample: Sample,
    number: int,
    matchers: Matchers,
    timeout_s: float,
    check_templates: bool,  # noqa: FBT001 - private
) -> list[Probe]:
    """The probes of a sample: one, or one for each finger of a slap."""
    if isinstance(sample.source, Template):
        probe = Probe.of_template(sample, number)
        return [await checked(probe, matchers, timeout_s) if check_templates else probe]
    try:
        match sample.source:
            case EncodedMinutiae() as minutiae:
                template = await finger_matcher(matchers).template_of(minutiae, timeout_s)
                return [Probe.of_template(replace(sample, source=template), number)]
            case SlapImage() as slap:
                fingers = await finger_matcher(matchers).extract_fingers(slap, timeout_s)
                return [_finger(sample, each) for each in fingers if sample.position.comparable(each.position)]
            case EncodedImage() as image:
                found = await matchers[sample.modality].extract(image, sample.position, timeout_s)
                return [Probe(sample, found.template, found.quality, number=number, resolution=found.resolution)]
    except (AcquisitionFailed, ServiceUnavailable) as error:
        failed = Probe(sample, number=number)
        return [failed.failed(_of_sample(error, failed))]
    except BiofusionError as error:
        raise _of_sample(error, Probe(sample, number=number)) from error


def _finger(sample: Sample, finger: CutFinger) -> Probe:
    origin = sample.origin or Origin(0)
    part = ", ".join(filter(None, (origin.part, finger.position.replace("_", " ").lower())))
    own = replace(sample, position=finger.position, origin=Origin(origin.index, part))
    if finger.template is None:
        error = AcquisitionFailed(f"{part} of the slap cannot be used.", reason=finger.failure_reason)
        return Probe(own, error=_of_sample(error, Probe(own)))
    return Probe(own, finger.template, finger.quality, resolution=finger.resolution)


def _of_sample(error: E, probe: Probe) -> E:
    """The error with the path of the sample; what came from a record is named so, not as an image of its own."""
    error.metadata["sample"] = probe.path
    if probe.origin.part:
        error = relocated(relocated(error, "image", "record"), "template", "record")
    return located(error, probe.path)
