"""The three people of the demo, made of free images and rendered eyes, with references and probes.

Portraits: one photograph each, so the probe is a changed copy of it. Fingers: `finger-1` and `finger-2`
are two impressions of one finger, so the probe of person 1 is a real second impression; of `finger-3`
there is only one impression. Eyes are rendered: each capture has its own dilation, gaze, rotation, lids.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from biometrics.sample import EncodedImage, Sample
from biometrics.template import MissingReason, Modality, Position
from cli.demo.renditions import changed_copy, encoded
from gallery.subject import Missing
from infra.models.model_cache import asset
from rendering.eyes import render_eye

FINGER_DPI = 500.0
REFERENCE, PROBE = 1, 2
"""Capture seeds of rendered eyes."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person to enrol.

    Args:
        subject_id: opaque id.
        made_of: where the samples come from, for the reader.
        references: samples to enrol.
        probes: other samples of the same person.
        missing: positions without a sample, and why.
    """

    subject_id: str
    made_of: str
    references: tuple[Sample, ...]
    probes: tuple[Sample, ...]
    missing: tuple[Missing, ...] = ()


def sample_people() -> tuple[Person, Person, Person]:
    """The three people of the demo.

    Raises:
        ModelUnavailable, ModelCorrupt: an image is not in the cache; see `infra.models.model_cache.asset`.
    """
    hopper, astronaut = asset("portrait-hopper"), asset("portrait-astronaut")
    third = asset("finger-3")
    return (
        Person(
            "person-1",
            "portrait of Grace Hopper, finger-1, eyes 11 and 12; probed with a changed copy, finger-2, other captures",
            (face(hopper), finger(asset("finger-1")), *eyes(11, REFERENCE)),
            (face(changed_copy(hopper)), finger(asset("finger-2")), *eyes(11, PROBE)),
        ),
        Person(
            "person-2",
            "portrait of Eileen Collins, eyes 21 and 22, finger bandaged; probed with a changed copy, other captures",
            (face(astronaut), *eyes(21, REFERENCE)),
            (face(changed_copy(astronaut)), *eyes(21, PROBE)),
            (Missing(Modality.FINGERPRINT, Position.RIGHT_INDEX, MissingReason.BANDAGED),),
        ),
        Person(
            "person-3",
            "finger-3, eyes 31 and 32, face not captured; probed with a changed copy, other captures",
            (finger(third), *eyes(31, REFERENCE)),
            (finger(changed_copy(third, resample=False)), *eyes(31, PROBE)),
            (Missing(Modality.FACE, Position.FACE, MissingReason.NOT_CAPTURED),),
        ),
    )


def face(data: bytes) -> Sample:
    """A sample of a face."""
    return Sample(Modality.FACE, Position.FACE, EncodedImage(data))


def finger(data: bytes) -> Sample:
    """A sample of a right index finger."""
    return Sample(Modality.FINGERPRINT, Position.RIGHT_INDEX, EncodedImage(data, FINGER_DPI))


def eyes(identity_seed: int, capture_seed: int) -> tuple[Sample, Sample]:
    """Samples of a right eye and, with the next identity seed, a left eye."""
    return (
        eye(Position.RIGHT_EYE, identity_seed, capture_seed),
        eye(Position.LEFT_EYE, identity_seed + 1, capture_seed),
    )


def eye(position: Position, identity_seed: int, capture_seed: int, opening: float | None = None) -> Sample:
    """A sample of one rendered eye; `opening` of the lids is 1 wide open, 0 closed, None drawn by the capture seed."""
    drawn = render_eye(identity_seed, capture_seed, opening=opening)
    return Sample(Modality.IRIS, position, EncodedImage(encoded(Image.fromarray(drawn))))
