"""fusion.use_cases.check_quality: each sample is reported, and what is no sample is an error."""

from __future__ import annotations

import pytest

from biometrics.errors import DeadlineExpired, FieldInvalid, ImageUndecodable, ServiceUnavailable
from biometrics.template import Modality, Position
from fusion.use_cases.check_quality import check_quality
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.world import matchers, sample

FACE = sample(Modality.FACE, "ann")
NOBODY = sample(Modality.FACE, "nobody")
FINGER = sample(Modality.FINGERPRINT, "ann", Position.LEFT_THUMB)


async def test_failures_are_reports() -> None:
    """A sample without a face, and one below the gate, are told beside those that would be enrolled, in order."""
    checks = await check_quality([FACE, NOBODY, FINGER], matchers(MemoryStore()), 1.0, {Modality.FINGERPRINT: 90.0})
    assert [None, "NOTHING_FOUND", "QUALITY_TOO_LOW"] == [each.failure and each.failure.reason for each in checks]
    assert [0, 1, 2] == [each.probe.number for each in checks]
    assert ["", "Nothing there."] == [each.message for each in checks[:2]]
    assert checks[2].message.startswith("the quality of this FINGERPRINT sample")


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (ServiceUnavailable("down"), ServiceUnavailable),
        (ServiceUnavailable("slow", code="DEADLINE_EXCEEDED"), DeadlineExpired),
        (ImageUndecodable("no image"), ImageUndecodable),
    ],
)
async def test_a_call_without_an_answer_fails(fault: ServiceUnavailable, raised: type[Exception]) -> None:
    """A service that does not answer, or a file that is no image, is no quality of a sample."""
    services = matchers(MemoryStore())
    services[Modality.FINGERPRINT].error = fault
    with pytest.raises(raised):
        await check_quality([FACE, FINGER], services, 1.0, {})


async def test_as_many_samples_as_in_an_enrolment() -> None:
    """The limits of an enrolment hold."""
    for samples in ([], [FACE] * 11, [FINGER] * 65):
        with pytest.raises(FieldInvalid, match="samples"):
            await check_quality(samples, matchers(MemoryStore()), 1.0, {})
