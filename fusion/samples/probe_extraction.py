"""Extracts the templates of all samples of a request in parallel: the first step of every use case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from biometrics.errors import AcquisitionFailed, BiofusionError, ServiceUnavailable
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Template
from fusion.requests.limits import require_samples
from fusion.requests.parallel import in_parallel
from fusion.samples.probes import Matchers, Probe
from infra.wire.field_paths import located, relocated

E = TypeVar("E", bound=BiofusionError)


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
    return await in_parallel(
        _tried(sample, number, matchers, timeout_s, check_templates) for number, sample in enumerate(samples)
    )


async def checked(probe: Probe, matchers: Matchers, timeout_s: float) -> Probe:
    """Check a probe whose sample is a template by comparing it with itself; failed if its service does not answer.

    Raises:
        InvalidInput, TemplateModelMismatch: the template cannot be compared.
    """
    assert probe.template is not None
    try:
        await matchers[probe.modality].compare(probe.template, [probe.template], timeout_s)
    except (AcquisitionFailed, ServiceUnavailable) as error:
        return probe.failed(_of_sample(error, probe.number))
    except BiofusionError as error:
        raise _of_sample(relocated(error, "probe", "template"), probe.number) from error
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
) -> Probe:
    if not isinstance(sample.source, EncodedImage):
        probe = Probe.of_template(sample, number)
        return await checked(probe, matchers, timeout_s) if check_templates else probe
    try:
        template, quality = await matchers[sample.modality].extract(sample.source, sample.position, timeout_s)
    except (AcquisitionFailed, ServiceUnavailable) as error:
        return Probe(sample, error=_of_sample(error, number), number=number)
    except BiofusionError as error:
        raise _of_sample(error, number) from error
    return Probe(sample, template, quality, number=number)


def _of_sample(error: E, index: int) -> E:
    path = f"samples[{index}]"
    error.metadata["sample"] = path
    return located(error, path)
