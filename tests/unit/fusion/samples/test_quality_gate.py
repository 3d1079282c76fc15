"""The quality gate, which keeps poor samples out of the store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from biometrics.errors import AcquisitionFailed
from biometrics.quality import Quality, QualityReason
from biometrics.sample import Sample
from biometrics.template import Modality, Position
from fusion.configured import min_quality
from fusion.samples.probes import Probe
from fusion.samples.quality_gate import require_quality
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.usable_samples import check_samples
from infra.settings import Settings
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.world import UUID, matchers, sample, template

GATE = {Modality.FINGERPRINT: 20.0}


def _probe(quality: Quality | None, *, stated: float | None = None) -> Probe:
    finger = template(Modality.FINGERPRINT, "ann")
    return Probe(
        Sample(Modality.FINGERPRINT, Position.LEFT_THUMB, finger, template_quality=stated), finger, quality=quality
    )


def test_a_poor_sample_is_refused_with_its_faults() -> None:
    """The message states the sample, its position, its quality, what is wrong with it and what to do."""
    poor = replace(_probe(Quality(12.4, (QualityReason.SMALL_AREA, QualityReason.TOO_DRY))), number=1)
    with pytest.raises(AcquisitionFailed) as caught:
        require_quality([_probe(Quality(20.0)), poor], GATE)
    assert (
        "samples[1]: the quality of this FINGERPRINT sample (LEFT_THUMB) is 12 (SMALL_AREA, TOO_DRY); enrolment needs "
        "at least 20. Capture it again, state the position as missing (LOW_QUALITY), or let the operator lower "
        "BIOFUSION_MIN_QUALITY_FINGERPRINT."
    ) == caught.value.message
    assert ("QUALITY_TOO_LOW", "samples[1]", "LEFT_THUMB", "SMALL_AREA, TOO_DRY") == (
        caught.value.reason,
        caught.value.metadata["sample"],
        caught.value.metadata["position"],
        caught.value.metadata["quality_reasons"],
    )


def test_a_quality_just_under_the_minimum_is_told_as_lower() -> None:
    """19.6 of at least 20 is told as 19, not as 20."""
    with pytest.raises(AcquisitionFailed, match=r"is 19; enrolment needs at least 20\.") as caught:
        require_quality([_probe(Quality(19.6))], GATE)
    assert ("19", "20") == (caught.value.metadata["quality"], caught.value.metadata["minimum"])


@pytest.mark.parametrize("gate", [{}, {Modality.FACE: 0.0}, {Modality.FACE: 100.0}])
def test_a_sample_with_several_faces_is_refused_at_any_minimum(gate: dict[Modality, float]) -> None:
    """The message names the sample and says to crop it; its quality does not matter."""
    several = Quality(95.0, (QualityReason.OFF_POSE, QualityReason.SEVERAL_FACES))
    face = replace(_probe(several), sample=sample(Modality.FACE, "ann", Position.FACE), number=1)
    with pytest.raises(AcquisitionFailed) as caught:
        require_quality([_probe(Quality(50.0)), face], gate)
    assert (
        "samples[1]: this FACE sample shows another face of comparable size, so that the one described may not be the "
        "person's. Crop the image to the one person, or capture it again with nobody else in it."
    ) == caught.value.message
    assert ("FACES_AMBIGUOUS", "samples[1]", "FACE", "FACE") == (
        caught.value.reason,
        *(caught.value.metadata[name] for name in ("sample", "modality", "position")),
    )


def test_a_template_passes_unless_its_stated_quality_is_too_low() -> None:
    """A template of unknown quality passes; one whose stated quality is too low does not."""
    require_quality([_probe(None), _probe(None, stated=20.0)], GATE)
    with pytest.raises(AcquisitionFailed, match="is 19; enrolment needs"):
        require_quality([_probe(None, stated=19.0)], GATE)


def test_modalities_without_a_minimum_have_no_gate() -> None:
    """If only fingerprints have a minimum, all other samples pass; a minimum of 0 lets every sample pass."""
    face = replace(_probe(Quality(0.0)), sample=sample(Modality.FACE, "ann"))
    require_quality([face], GATE)
    require_quality([face], {Modality.FACE: 0.0})


async def test_nothing_of_a_refused_enrolment_is_stored() -> None:
    """A sample of quality 80 is enrolled at a minimum of 80, not at 81, and a check says the same."""
    store = MemoryStore()
    request = EnrolmentRequest(UUID.format(1), "ann", (), "", (sample(Modality.FACE, "ann"),), (), add_encounter=False)
    with pytest.raises(AcquisitionFailed) as caught:
        await enroll(request, matchers(store), store, 1.0, {Modality.FACE: 81.0})
    assert ("QUALITY_TOO_LOW", {}) == (caught.value.reason, store.subjects)
    with pytest.raises(AcquisitionFailed):
        await check_samples(request.samples, matchers(store), 1.0, {Modality.FACE: 81.0})
    await enroll(request, matchers(store), store, 1.0, {Modality.FACE: 80.0})
    assert ["ann"] == list(store.subjects)


def test_the_gate_is_configured_by_the_environment() -> None:
    """Each modality has its variable; by default each refuses a quality under 20."""
    settings = Settings.from_environment({"BIOFUSION_MIN_QUALITY_IRIS": "35"})
    assert {Modality.FACE: 20.0, Modality.FINGERPRINT: 20.0, Modality.IRIS: 35.0} == min_quality(settings)
