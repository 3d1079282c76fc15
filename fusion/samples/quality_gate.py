"""Quality gate of enrolment: refuses poor samples and images of several faces, as they would spoil every comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor
from types import MappingProxyType

from biometrics.errors import AcquisitionFailed
from biometrics.exact_numbers import exact
from biometrics.quality import QualityReason
from biometrics.template import Modality
from fusion.samples.probes import Probe
from infra.wire.field_paths import located

MinQuality = Mapping[Modality, float]
"""The lowest quality that is enrolled, 0–100, by modality; modalities that are left out have no gate."""

NO_GATE: MinQuality = MappingProxyType({})


def require_quality(probes: Sequence[Probe], min_quality: MinQuality) -> None:
    """Refuse samples whose quality is below the minimum, and, at any minimum, images of several faces.

    A template of unknown quality passes.

    Raises:
        AcquisitionFailed: reason QUALITY_TOO_LOW or FACES_AMBIGUOUS, for the first such sample; message and metadata
            name it and its faults.
    """
    for probe in probes:
        path, least, quality = f"samples[{probe.number}]", min_quality.get(probe.modality, 0.0), probe.quality_value
        if probe.quality and QualityReason.SEVERAL_FACES in probe.quality.reasons:
            raise located(_several_faces(probe, path), path)
        if quality is not None and quality < least:
            raise located(_too_low(probe, quality, least, path), path)


def _several_faces(probe: Probe, path: str) -> AcquisitionFailed:
    return AcquisitionFailed(
        f"this {probe.modality} sample shows another face of comparable size, so that the one described may not be the "
        "person's. Crop the image to the one person, or capture it again with nobody else in it.",
        reason="FACES_AMBIGUOUS",
        sample=path,
        modality=str(probe.modality),
        position=str(probe.position),
    )


def _too_low(probe: Probe, quality: float, least: float, path: str) -> AcquisitionFailed:
    reasons = ", ".join(probe.quality.reasons) if probe.quality else ""
    faults = f" ({reasons})" if reasons else ""
    below = str(floor(quality))  # rounded down: 19.6 shown as 20 would seem to reach 20
    return AcquisitionFailed(
        f"the quality of this {probe.modality} sample ({probe.position}) is {below}{faults}; enrolment needs at "
        f"least {exact(least)}. Capture it again, state the position as missing (LOW_QUALITY), or let the operator "
        f"lower BIOFUSION_MIN_QUALITY_{probe.modality}.",
        reason="QUALITY_TOO_LOW",
        sample=path,
        modality=str(probe.modality),
        position=str(probe.position),
        quality=below,
        minimum=exact(least),
        quality_reasons=reasons,
    )
