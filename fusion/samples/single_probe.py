"""One sample of a request, to be compared by itself."""

from __future__ import annotations

from dataclasses import replace

from biometrics.sample import EncodedImage, EncodedMinutiae, Sample
from biometrics.template import Template
from fusion.matching.finger_port import finger_matcher
from fusion.samples.probes import Matchers, Probe
from infra.wire.field_paths import OF_A_FIELD, located, relocated


async def probe_of_sample(sample: Sample, matchers: Matchers, timeout_s: float) -> Probe:
    """A sample as a probe; a template is checked by a comparison with itself.

    Raises:
        AcquisitionFailed: the sample cannot be used.
        TemplateModelMismatch, ComparatorUncalibrated, InvalidInput: it cannot be compared; the error names `sample`.
        ServiceUnavailable: the matching service does not answer.
    """
    source, matcher = sample.source, matchers[sample.modality]
    of_record = bool(sample.origin and sample.origin.part)
    try:
        match source:
            case EncodedImage():
                found = await matcher.extract(source, sample.position, timeout_s)
                return Probe(sample, found.template, found.quality, resolution=found.resolution)
            case EncodedMinutiae():
                source = await finger_matcher(matchers).template_of(source, timeout_s)
        assert isinstance(source, Template)
        await matcher.compare(source, [source], timeout_s)
    except OF_A_FIELD as error:
        kind = "image" if isinstance(source, EncodedImage) else "template"
        for name in (kind, "probe", "references"):
            error = relocated(error, name, "record" if of_record else kind)
        raise located(error, "sample") from error.__cause__
    return Probe.of_template(replace(sample, source=source), 0)
