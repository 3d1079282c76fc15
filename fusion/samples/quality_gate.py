"""Quality gate of enrolment: refuses poor samples and images of several faces, as they would spoil every comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor
from types import MappingProxyType

from biometrics.errors import AcquisitionFailed
from biometrics.exact_numbers import exact
from biometrics.quality import QualityReason
from biometrics.template import MissingReason, Modality
from fusion.samples.probes import Probe, require_usable
from gallery.subject import Missing
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
        path, least, quality = probe.path, min_quality.get(probe.modality, 0.0), probe.quality_value
        if probe.quality and QualityReason.SEVERAL_FACES in probe.quality.reasons:
            raise located(_several_faces(probe, path), path)
        if quality is not None and quality < least:
            raise located(_too_low(probe, quality, least, path), path)


def sufficient(probes: Sequence[Probe], min_quality: MinQuality) -> tuple[list[Probe], tuple[Missing, ...]]:
    """The probes that can be enrolled, and the others' positions as missing, as LOW_QUALITY.

    A position of which another sample can be enrolled is not missing.

    Raises:
        AcquisitionFailed, ServiceUnavailable: none can be enrolled; the error of the first.
    """
    kept: list[Probe] = []
    failures: list[tuple[Probe, AcquisitionFailed]] = []
    for probe in probes:
        try:
            require_usable([probe])
            require_quality([probe], min_quality)
        except AcquisitionFailed as error:
            failures.append((probe, error))
        else:
            kept.append(probe)
    if not kept:
        raise failures[0][1]
    there = {(each.modality, each.position) for each in kept}
    left = dict.fromkeys((probe.modality, probe.position) for probe, _ in failures)
    return kept, tuple(Missing(*each, MissingReason.LOW_QUALITY) for each in left if each not in there)


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
