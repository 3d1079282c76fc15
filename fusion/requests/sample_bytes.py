"""The bytes of a sample in the digest of a request."""

from __future__ import annotations

from biometrics.sample import EncodedImage, EncodedMinutiae, Sample, SlapImage
from biometrics.template import Template


def sample_bytes(sample: Sample) -> bytes:
    """All that is sent of a sample, as part of a request's digest."""
    return f"{sample.modality}/{sample.position}/{_detail(sample)}/".encode() + sample.source.data


def _detail(sample: Sample) -> str:
    """What belongs to a sample beside its bytes."""
    match sample.source:
        case EncodedImage() as image:
            return _resolution(image)
        case SlapImage(image, slap, segments, missing):
            return f"{_resolution(image)}/{slap}/{segments}/{missing}"
        case EncodedMinutiae() as minutiae:
            return f"{minutiae.format}/{sample.template_quality}"
        case Template() as template:
            return f"{template.model_id}/{sample.template_quality}"


def _resolution(image: EncodedImage) -> str:
    both = (image.resolution_dpi, image.vertical_dpi) if image.vertical_dpi else (image.resolution_dpi,)
    return "×".join(map(str, both))
